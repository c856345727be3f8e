import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Kibitzer } from '../../src/index.js'
import { Household, values } from './household.js'

const SEATS = { parliamentSize: 3, parliamentFloor: 3 }

function versionOf(kibitzer: Kibitzer): number {
    return kibitzer.paxos.government.version ?? 1
}

/** Three seated members of the first version. */
async function settled(household: Household): Promise<void> {
    const [a, b, c] = await household.settle('a', 'b', 'c')
    for (const member of [a, b, c]) {
        assert.equal(member && versionOf(member.kibitzer), 1)
    }
}

async function restart(household: Household, id: string, highestVersion: number) {
    await household.kill(id)
    const inhabitant = await household.enter(id, { highestVersion })
    await inhabitant.kibitzer.publish(`${id} is back`)
    return inhabitant
}

describe('a republic of the first version', () => {
    test('has the second version after the last member is restarted', async () => {
        await using household = new Household({ ...SEATS, highestVersion: 1 })
        await settled(household)
        await restart(household, 'a', 2)
        const b = await restart(household, 'b', 2)
        assert.equal(versionOf(b.kibitzer), 1)
        assert.deepEqual(b.kibitzer.status().versions, { own: [1, 2], republic: 1, journal: 1 })
        const c = await restart(household, 'c', 2)
        await c.seen(() => versionOf(c.kibitzer) === 2)
        assert.deepEqual(c.kibitzer.status().versions, { own: [1, 2], republic: 2, journal: 2 })
        await household.kill('a')
        await assert.rejects(household.enter('a', { highestVersion: 1 }), {
            code: 'journal-version', message: /option highestVersion is 1\. Nothing was changed/
        })
        for (const id of ['b', 'c']) {
            await household.inhabitant(id).kibitzer.publish('on')
        }
        const a = await household.enter('a', { highestVersion: 2 })
        await a.kibitzer.barrier()
        assert.equal(versionOf(a.kibitzer), 2)
        assert.equal(values(a.log).filter((value) => value === 'on').length, 2)
    })

    test('keeps the version while a member returns to the earlier package', async () => {
        await using household = new Household({ ...SEATS, highestVersion: 1 })
        await settled(household)
        await restart(household, 'a', 2)
        await restart(household, 'b', 2)
        await restart(household, 'a', 1)
        const c = await restart(household, 'c', 2)
        for (const id of ['b', 'c']) {
            await household.inhabitant(id).kibitzer.barrier()
        }
        assert.equal(versionOf(c.kibitzer), 1)
        await restart(household, 'a', 2)
        await c.seen(() => versionOf(c.kibitzer) === 2)
    })
})

describe('a republic of the second version', () => {
    test('refuses a newcomer of the first version in words, and admits the next', async () => {
        const lines: string[] = []
        const warn = (line: string): void => void lines.push(line)
        const logger = { info: () => {}, warn, error: warn }
        await using household = new Household({ ...SEATS, logger })
        const citizens = await household.settle('a', 'c', 'd')
        const { kibitzer } = await household.enter('b', { highestVersion: 1 })
        assert.deepEqual(kibitzer.status().versions, { own: [1, 1], republic: null, journal: 1 })
        for (const contact of ['a', 'c', 'c']) {
            await assert.rejects(kibitzer.join('republic', { memory: contact }, { memory: 'b' }), {
                code: 'unsupported',
                message: 'The republic has protocol version 2, and this member takes part in ' +
                    'versions 1 to 1. The member was not admitted, and nothing was lost. Install ' +
                    'the package of the other members here, or raise the option highestVersion.'
            })
        }
        assert.deepEqual(lines, [
            'kibitz a@republic: b was not admitted: the republic has protocol version 2, and b ' +
                'takes part in versions 1 to 1. Install the package of the other members at b, ' +
                'or raise the option highestVersion there'
        ])
        for (const { kibitzer: { paxos } } of citizens) {
            assert.ok(!('b' in paxos.government.properties))
        }
        const e = await household.enter('e')
        await e.kibitzer.join('republic', { memory: 'a' }, { memory: 'e' })
        await e.seen(() => versionOf(e.kibitzer) === 2)
    })
})
