import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Kibitzer, Reading } from '../../src/index.js'
import { Island } from '../support/island.js'

/** The default of the option `timeout`, in milliseconds. */
const TIMEOUT_MS = 1000

/** The result of a read while the time of an island passes. */
async function untilRead(island: Island, read: Promise<Reading>): Promise<Reading> {
    let isOver = false
    read.then(() => {}, () => {}).then(() => {
        isOver = true
    })
    for (let passed = 0; passed < 10_000 && !isOver; passed += 2) {
        await new Promise(setImmediate)
        island.pass(2)
    }
    return await read
}

function settled(): { island: Island; members: readonly Kibitzer[] } {
    const island = new Island({ parliamentSize: 3, patience: 60_000 })
    const members = island.settle('a', 'b', 'c', 'd')
    island.pass(2000)
    return { island, members }
}

describe('a reading of a member', () => {
    test('resolves at once without conditions, at every member', async () => {
        const { island, members } = settled()
        using _ = island
        for (const kibitzer of members) {
            const { promise, stalenessMs } = await kibitzer.reading()
            assert.equal(promise, kibitzer.paxos.committed)
            assert.ok(stalenessMs !== null && stalenessMs < 2 * TIMEOUT_MS, String(stalenessMs))
        }
    })

    test('of a member without a republic knows no age', async () => {
        using island = new Island()
        const kibitzer = island.land('a')
        assert.deepEqual(await kibitzer.reading(), { promise: '0/0', stalenessMs: null })
    })

    test('of a republic of one is never old', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        island.pass(60_000)
        assert.equal((await kibitzer.reading({ maxStalenessMs: 0, timeout: 0 })).stalenessMs, 0)
    })

    test('waits for an entry of another member', async () => {
        const { island, members: [a, , , d] } = settled()
        using _ = island
        assert(a !== undefined && d !== undefined)
        const publishing = a.publish('x')
        island.until(() => a.status().pending === 0)
        const { promise } = await publishing
        assert.notEqual(d.paxos.committed, promise)
        const reading = await untilRead(island, d.reading({ after: promise }))
        assert.equal(reading.promise, promise)
        await assert.rejects(d.reading({ after: '9/1', timeout: 0 }), {
            code: 'too-stale', message: /contains 9\/1\. Nothing was lost; read at another member/
        })
    })

    test('waits for a younger log, and rejects after its time limit', async () => {
        const { island, members: [, , , d] } = settled()
        using _ = island
        assert(d !== undefined)
        const { stalenessMs } = await d.reading()
        const max = (stalenessMs ?? 0) - 1
        const reading = await untilRead(island, d.reading({ maxStalenessMs: max }))
        assert.ok((reading.stalenessMs ?? 0) <= max)
        island.fate = ({ from, to }) => from === 'd' || to === 'd' ? 'lost' : null
        island.pass(2 * TIMEOUT_MS)
        const late = d.reading({ maxStalenessMs: TIMEOUT_MS, timeout: 300 })
        await assert.rejects(untilRead(island, late), {
            code: 'too-stale', message: /^After 300 ms of waiting, .* at most \d{4} ms\./
        })
    })

    test('ends with its signal, and with the member', async () => {
        const { island, members: [, , , d] } = settled()
        using _ = island
        assert(d !== undefined)
        const controller = new AbortController()
        const aborted = d.reading({ after: '9/1', signal: controller.signal })
        const cutOff = d.reading({ after: '9/1' })
        controller.abort()
        await assert.rejects(aborted, { code: 'aborted' })
        d.destroy()
        await assert.rejects(cutOff, { code: 'destroyed' })
        await assert.rejects(d.reading(), { code: 'destroyed' })
    })

    test('checks its options first', () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const bad: readonly object[] = [
            { after: 1 }, { after: '1' }, { maxStalenessMs: -1 }, { maxStalenessMs: Number.NaN },
            { timeout: 0.5 }, { before: '1/1' }
        ]
        for (const options of bad) {
            assert.throws(() => kibitzer.reading(options), { code: 'invalid-argument' })
        }
    })
})

describe('the clock of a reading', () => {
    test('counts the time since the last input', async () => {
        const { island, members: [, , , d] } = settled()
        using _ = island
        assert(d !== undefined)
        const before = (await d.reading()).stalenessMs ?? assert.fail()
        island.fate = () => 'lost'
        island.pass(100)
        assert.equal((await d.reading()).stalenessMs, before + 100)
    })
})
