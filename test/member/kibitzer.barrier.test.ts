import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Island } from '../support/island.js'

const MEMBERS = ['a', 'b', 'c', 'd', 'e'] as const

/** The values on the log of a member when the barrier of the member resolves. */
async function heldBehindBarrier(island: Island, id: string): Promise<readonly unknown[]> {
    await island.kibitzer(id).barrier()
    return [...island.resident(id).recording.values]
}

describe('a barrier', () => {
    for (const reader of MEMBERS) {
        test(`at ${reader} sees each entry that another member committed before`, async () => {
            using island = new Island()
            island.settle(...MEMBERS)
            const seen: unknown[] = []
            for (const [round, writer] of MEMBERS.entries()) {
                const published = island.kibitzer(writer).publish(round)
                let isCommitted = false
                published.then(() => {
                    isCommitted = true
                })
                while (!isCommitted) {
                    island.pass(1)
                    await Promise.resolve()
                }
                const held = heldBehindBarrier(island, reader)
                island.pass(500)
                seen.push(await held)
            }
            assert.deepEqual(seen, [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4]])
        })
    }

    test('resolves with the last entry of the log, and appends no entry', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const before = island.resident('a').recording.played.length
        assert.deepEqual(await kibitzer.barrier(), { promise: '1/0' })
        assert.equal(island.resident('a').recording.played.length, before)
    })

    for (const wait of ['barrier', 'publish'] as const) {
        test(`a loop of calls of ${wait} at a leader alone lets other work run`, async () => {
            using island = new Island()
            const kibitzer = island.found('a')
            let hasRun = false
            setImmediate(() => {
                hasRun = true
            })
            let calls = 0
            for (; !hasRun && calls < 10_000; calls++) {
                await (wait === 'barrier' ? kibitzer.barrier() : kibitzer.publish(calls))
            }
            assert.ok(hasRun, `${calls} calls`)
        })
    }

    test('follows the earlier publishes of its member', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        kibitzer.publish('x')
        assert.deepEqual(await kibitzer.barrier(), { promise: '1/2' })
        assert.deepEqual(island.resident('a').recording.values, ['x'])
    })

    test('stays pending while the leader reaches no majority', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        island.fate = () => 'lost'
        let isResolved = false
        island.kibitzer('a').barrier().then(() => {
            isResolved = true
        }, () => {})
        island.pass(10_000)
        await Promise.resolve()
        assert.equal(isResolved, false)
        assert.equal(island.kibitzer('a').status().pending, 1)
    })

    test('at a deposed leader sees the entries of the next leader', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c', 'd', 'e')
        island.fate = ({ from, to }) => (from === 'a' || to === 'a' ? 'lost' : null)
        const held = heldBehindBarrier(island, 'a')
        island.until(() => island.kibitzer('b').status().leader !== 'a')
        const published = island.kibitzer('b').publish('news')
        island.until(() => island.resident('b').recording.values.includes('news'))
        await published
        assert.deepEqual(island.resident('a').recording.values, [])
        island.fate = () => null
        island.pass(15_000)
        const isExile = island.kibitzer('a').status().role === 'exile'
        assert.deepEqual(await held.catch(() => 'exiled'), isExile ? 'exiled' : ['news'])
    })

    test('ends with the exile of its member, although the log ends before the mark', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        let cut: 'entries' | 'all' = 'entries'
        island.fate = ({ from, to, call }) => {
            const isEntries = call.method === 'receive' && call.body.method === 'synchronize'
            const isLost = cut === 'all' || isEntries
            return (from === 'c' || to === 'c') && isLost ? 'lost' : null
        }
        const a = island.kibitzer('a')
        const c = island.kibitzer('c')
        a.publish('news')
        island.until(() => island.resident('a').recording.values.includes('news'))
        let outcome = 'waits'
        c.barrier().then(() => {
            outcome = 'passed'
        }, ({ code }) => {
            outcome = code
        })
        await new Promise(setImmediate)
        island.pass(100)
        cut = 'all'
        island.until(() => !('c' in a.paxos.government.properties))
        cut = 'entries'
        island.until(() => c.status().role === 'exile')
        await new Promise(setImmediate)
        assert.equal(outcome, 'exiled')
        assert.deepEqual(island.resident('c').recording.values, [])
    })
})
