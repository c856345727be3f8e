import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Household, type Inhabitant, values } from './kibitzer/household.js'

/** Publishes so many values one after the other, until the member ends; those that were settled. */
async function publish({ kibitzer }: Inhabitant, count: number): Promise<readonly string[]> {
    const acknowledged: string[] = []
    for (let value = 0; value < count; value++) {
        const published = await kibitzer.publish(`${kibitzer.id}${value}`).then(
            () => true,
            () => false
        )
        if (published) {
            acknowledged.push(`${kibitzer.id}${value}`)
        }
    }
    return acknowledged
}

/** Each of them is there once, in its publisher's order, and so is everything else. */
function assertOnce(all: readonly unknown[], acknowledged: readonly string[]): void {
    assert.equal(new Set(all).size, all.length, 'nothing is there twice')
    for (const id of ['a', 'b', 'c']) {
        const mine = all.filter((value) => String(value).startsWith(id)).map(String)
        assert.deepEqual(mine, [...mine].sort((left, right) =>
            Number(left.slice(1)) - Number(right.slice(1))))
    }
    assert.deepEqual(acknowledged.filter((value) => !all.includes(value)), [])
}

describe('a republic with journals', () => {
    test('that loses all its members at once comes back with all it had acknowledged', async () => {
        await using household = new Household()
        const members = await household.settle('a', 'b', 'c')
        const [a, b, c] = members as [Inhabitant, Inhabitant, Inhabitant]
        const before = b.kibitzer.paxos.government
        const publishing = members.map((member) => publish(member, 100))
        await b.seen(() => values(b.log).length > 60)
        await household.kill('a', 'b', 'c')
        const acknowledged = (await Promise.all(publishing)).flat()
        assert.ok(acknowledged.length > 40, 'some were settled')
        const again = [await household.enter('a'), await household.enter('b'),
            await household.enter('c')]
        const [first] = again as [Inhabitant]
        for (const { recovered, kibitzer } of again) {
            assert.equal(recovered.recovered, true)
            assert.equal(recovered.exiled, false)
            assert.throws(() => kibitzer.bootstrap('republic', null), { code: 'already-member' })
            const { memory } = { memory: 'a' }
            assert.equal(await kibitzer.join('republic', { memory }, { memory }), undefined)
        }
        const barriers = await Promise.all(again.map(({ kibitzer }) => kibitzer.barrier()))
        const last = barriers.map(({ promise }) => promise).sort().at(-1)
        for (const inhabitant of again) {
            await inhabitant.seen(() => inhabitant.log.some(({ promise }) => promise === last))
        }
        assertOnce(values(first.log), acknowledged)
        for (const inhabitant of again) {
            const { immigrated, id } = inhabitant.kibitzer.paxos
            assert.equal(immigrated, before.immigrated.promise[id], 'it is the same incarnation')
        }
        // What follows is told apart by nobody: the logs are one.
        const logs = again.map(({ log }) => JSON.stringify(values(log)))
        assert.equal(new Set(logs).size, 1)
        for (const old of [a, b, c]) {
            const seen = values(old.log)
            assert.deepEqual(values(first.log).slice(0, seen.length), seen)
        }
    })

    test('goes on when its leader alone is restarted, without exile or immigration', async () => {
        await using household = new Household()
        const [, b] = (await household.settle('a', 'b', 'c')) as [Inhabitant, Inhabitant]
        const { immigrated } = b.kibitzer.paxos.government
        await publish(household.inhabitant('a'), 10)
        await household.kill('a')
        const a = await household.enter('a')
        const published = await publish(a, 10)
        assert.equal(published.length, 10)
        await b.kibitzer.barrier()
        assert.deepEqual(b.kibitzer.paxos.government.immigrated, immigrated)
    })
})
