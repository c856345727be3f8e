import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KibitzError } from '../../src/index.js'
import { Household, type Inhabitant, values } from './household.js'
import { collect } from '../support/recording.js'

/** Publishes values one after the other; returns the acknowledged values. */
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

/** Checks that each value occurs once, in the order of its publisher. */
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
    test('keeps every acknowledged entry after all members crash at once', async () => {
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
        // The logs of all members are equal.
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

    test('commits an open publish exactly once after the publisher restarts', async () => {
        await using household = new Household()
        const [a, b] = (await household.settle('a', 'b', 'c')) as [Inhabitant, Inhabitant]
        const calls = b.kibitzer.read.shifter()
        household.network.drop(({ from, kind }) => from === 'b' && kind === 'call')
        const settled = b.kibitzer.publish('b0').then(() => true, () => false)
        await new Promise<void>((resolve) => {
            // The call leaves at once, perhaps before the publish is in the journal.
            calls.pump((call) => {
                if (call?.body.method === 'enqueue') {
                    resolve()
                }
            })
        })
        await b.journal.flush()
        await household.kill('b')
        assert.equal(await settled, false)
        household.network.heal()
        const again = await household.enter('b')
        await publish(again, 1)
        await a.seen(() => values(a.log).length === 2)
        assert.deepEqual(values(a.log), ['b0', 'b0'], 'the second is one that was published anew')
        await a.kibitzer.barrier()
        assert.equal(values(a.log).length, 2)
    })

    test('loses an unflushed publish, which was never acknowledged', async () => {
        await using household = new Household()
        const [a] = (await household.settle('a')) as [Inhabitant]
        // Nothing of this turn is flushed when the power goes.
        const published = a.kibitzer.publish('a0').then(() => true, () => false)
        await household.kill('a')
        assert.equal(await published, false)
        const again = await household.enter('a')
        await again.kibitzer.barrier()
        assert.deepEqual(values(again.log), [])
    })

    test('goes on with its majority when the journal of one member fails', async () => {
        const options = { timeout: 300, patience: 300, parliamentFloor: 1 }
        await using household = new Household(options)
        const [a, b] = (await household.settle('a', 'b', 'c')) as [Inhabitant, Inhabitant]
        b.journal.failure = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
        const mine = publish(a, 20)
        const error = await b.ended
        assert.equal(error instanceof KibitzError && error.code, 'journal-failed')
        assert.equal((await mine).length, 20)
        await a.seen(() => !('b' in a.kibitzer.paxos.government.properties))
        await household.kill('b')
        const again = await household.enter('b')
        // The member learns its exile from the answer, and the publish is rejected.
        await assert.rejects(again.kibitzer.publish('b0'), { code: 'exiled' })
        await household.kill('b')
        const { recovered, kibitzer } = await household.enter('b')
        assert.deepEqual([recovered.recovered, recovered.exiled], [true, true])
        await assert.rejects(kibitzer.publish('b1'), { code: 'exiled' })
    })

    test('admits a member with an empty journal anew, after the exile', async () => {
        await using household = new Household({ timeout: 300, patience: 300 })
        const [a, b] = (await household.settle('a', 'b', 'c')) as [Inhabitant, Inhabitant]
        const { immigrated } = b.kibitzer.paxos
        await household.kill('b')
        household.clear('b')
        const again = await household.enter('b')
        assert.equal(again.recovered.recovered, false)
        const { kibitzer } = again
        for (;;) {
            const taken = await kibitzer.join('republic', { memory: 'a' }, { memory: 'b' })
            if (taken === undefined) {
                break
            }
            await a.kibitzer.barrier()
        }
        assert.notEqual(kibitzer.paxos.immigrated, immigrated)
        assert.ok(a.log.some((entry) =>
            entry.method === 'government' && entry.body.exile?.id === 'b'))
    })

    test('continues a join under the same cookie after a restart', async () => {
        await using household = new Household()
        await household.settle('a')
        const b = await household.enter('b')
        household.network.isolate('b')
        void b.kibitzer.join('republic', { memory: 'a' }, { memory: 'b' })
        const { cookie } = b.kibitzer.paxos
        await new Promise<void>((resolve) => {
            b.kibitzer.read.shifter().pump(() => resolve())
        })
        await household.kill('b')
        household.network.heal()
        const { recovered, kibitzer, seen } = await household.enter('b')
        assert.deepEqual([recovered.recovered, kibitzer.paxos.cookie], [false, cookie])
        await kibitzer.join('republic', { memory: 'a' }, { memory: 'b' })
        await seen(() => kibitzer.paxos.government.promise !== '0/0')
        assert.equal(kibitzer.paxos.cookie, cookie)
    })
})

describe('a snapshot', () => {
    test('replaces all earlier records, and the log continues behind the snapshot', async () => {
        await using household = new Household()
        const [a] = (await household.settle('a', 'b', 'c')) as [Inhabitant]
        await publish(a, 20)
        const applied = a.log.at(-6)?.promise ?? ''
        const records = a.kibitzer.status().journal?.last ?? 0
        await a.kibitzer.snapshot(applied, Buffer.from(`applied ${applied}`))
        assert.ok((a.kibitzer.status().journal?.first ?? 0) >= records)
        await publish(a, 3)
        const expected = a.log.slice(-8).map(({ promise }) => promise)
        await household.kill('a', 'b', 'c')
        const again = await household.enter('a')
        const { recovered } = again
        assert.ok(recovered.records < 60, `${recovered.records} records were applied`)
        assert.equal(recovered.snapshot?.promise, applied)
        const state = await collect(recovered.snapshot.state)
        assert.equal(Buffer.concat(state).toString(), `applied ${applied}`)
        // The member alone may not know that its last entries are committed.
        await household.enter('b')
        await again.seen(() => again.log.length >= expected.length)
        assert.deepEqual(again.log.slice(0, 8).map(({ promise }) => promise), expected)
        assert.equal((await publish(again, 2)).length, 2)
    })

    test('is refused at an entry that is unknown or already trimmed', async () => {
        await using household = new Household({ history: 8, batch: 4, window: 1 })
        const [a] = (await household.settle('a')) as [Inhabitant]
        const nothing = Buffer.from('')
        await assert.rejects(a.kibitzer.snapshot('7/0', nothing), { code: 'invalid-argument' })
        for (let value = 0; value < 600; value++) {
            a.kibitzer.publish(value)
        }
        await a.kibitzer.barrier()
        await assert.rejects(a.kibitzer.snapshot('1/1', nothing), { code: 'trimmed' })
        const last = a.log.at(-1)?.promise ?? ''
        await a.kibitzer.snapshot(last, nothing)
    })

    test('with a failing state leaves the journal unchanged', async () => {
        await using household = new Household()
        const [a] = (await household.settle('a')) as [Inhabitant]
        await publish(a, 5)
        const last = a.log.at(-1)?.promise ?? ''
        async function* pieces(): AsyncGenerator<Uint8Array> {
            yield Buffer.from('half of it')
            await a.kibitzer.barrier()
            throw new Error('the application broke')
        }
        await assert.rejects(a.kibitzer.snapshot(last, pieces()), /the application broke/)
        assert.equal(a.kibitzer.status().failure, null)
        await publish(a, 1)
        await household.kill('a')
        const { recovered, log, seen } = await household.enter('a')
        assert.equal(recovered.snapshot, null)
        // The member learns from its disk that the last entry is committed.
        await seen(() => values(log).length === 6)
    })
})
