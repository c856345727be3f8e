import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { copyAndFreeze } from '../../src/base/json-value.js'
import { guardEnvelope } from '../../src/guard/envelope.js'
import { WIRE_LIMITS } from '../../src/guard/limits.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { Log } from '../../src/paxos/log/log.js'
import type { Entry, Request } from '../../src/paxos/messages/messages.js'
import { pack, packable, type PackedRun, unpack } from '../../src/paxos/messages/run-encoding.js'
import { Writer } from '../../src/paxos/replication/writer.js'
import { lots } from '../paxos/lots.js'
import { testSpoilt } from './packed.js'
import { chain, receive, requests } from './samples.js'

/** A chain in which publishers take turns, skip cookies, and governments come between. */
const chains = fc.array(fc.record({
    id: fc.constantFrom('a', 'b'),
    skips: fc.boolean(),
    governs: fc.nat(9).map((nth) => nth === 0),
    body: fc.oneof(fc.string(), fc.constant(null), fc.nat().map((n) => ({ n })))
}), { maxLength: 40 }).map((drawn) => {
    const cookies: Record<string, string> = { a: '0', b: 'f' }
    const entries: Entry[] = []
    let previous = '2/3'
    for (const { id, skips, governs, body } of drawn) {
        const promise = Monotonic.increment(previous, governs ? 0 : 1)
        const cookie = Monotonic.add(cookies[id] ?? '0', skips ? 5 : 1)
        cookies[id] = cookie
        const said = chain[3]?.body
        assert(said !== undefined)
        entries.push(governs
            ? { promise, previous, body: { ...said, promise } as Entry['body'] }
            : { promise, previous, body: { id, cookie, immigrated: `${id}/0`, body } })
        previous = promise
    }
    return entries
})

/** The guarded request `register` with the given entries. */
function guarded(entries: unknown): ReturnType<typeof guardEnvelope> {
    const text = JSON.stringify(receive({ ...requests.register, entries }))
    return guardEnvelope(JSON.parse(text))
}

function entriesOf(result: ReturnType<typeof guardEnvelope>): readonly Entry[] {
    assert(result.ok && result.envelope.method === 'receive', JSON.stringify(result))
    assert(result.envelope.body.method === 'register')
    return result.envelope.body.entries
}

const whole: PackedRun = {
    previous: '2/3', promise: '2/4', id: 'alice', cookie: '1f', immigrated: '1/0',
    bodies: ['one', null, { three: [3] }]
}

describe('a packed run', () => {
    test('carries the content of each entry', () => {
        fc.assert(fc.property(chains, (entries) => {
            const plain = structuredClone(entries)
            const run = packable(entries)
            assert.deepEqual(run, plain, 'nothing is to be seen of it')
            assert.deepEqual(entriesOf(guarded(run)), plain)
            assert.deepEqual(entriesOf(guarded(plain)), plain)
            assert.ok(JSON.stringify(run).length <= JSON.stringify(plain).length)
        }), lots(300))
    })

    test('has one stretch for each uninterrupted publisher', () => {
        const entries = unpack(whole)
        assert.deepEqual(pack(entries), [whole])
        assert.deepEqual(entries.map(({ promise }) => promise), ['2/4', '2/5', '2/6'])
        const last = { promise: '2/7', previous: '2/6', body: { ...entries[0]?.body, id: 'bob' } }
        assert.deepEqual(pack([...entries, last as Entry]), [whole, last])
        const skipping = entries.filter((_, index) => index !== 1)
        assert.deepEqual(pack(skipping), skipping)
    })

    test('is rebuilt frozen', () => {
        const entries = entriesOf(guarded([whole]))
        assert.ok(Object.isFrozen(entries))
        for (const entry of entries) {
            assert.ok(Object.isFrozen(entry) && Object.isFrozen(entry.body))
        }
    })
})

describe('a run of a log', () => {
    /** A request `register` with a run of a log; the last entry has this body. */
    function asked(body: unknown): Extract<Request, { method: 'register' }> {
        const writer = new Writer('1/1/0', '2/0', [])
        writer.enqueue({ id: 'a', cookie: '1', immigrated: '1/0', body: copyAndFreeze('first') })
        writer.enqueue({ id: 'a', cookie: '2', immigrated: '1/0', body })
        const log = new Log('2/0')
        const limit = { entries: 9, weight: 999 }
        writer.write(log, limit)
        return { ...requests.register, previous: '2/0', entries: log.run(0, 2, limit) }
    }

    test('passes by identity', () => {
        const request = asked(copyAndFreeze({ said: 'ay' }))
        assert.equal(entriesOf(guardEnvelope(receive(request))), request.entries)
        const few = guardEnvelope(receive(request), { ...WIRE_LIMITS, runMax: 1 })
        assert.equal(few.ok ? null : few.rejection.code, 'too-many')
    })

    test('is rejected if it does not continue the named promise', () => {
        const result = guardEnvelope(receive({ ...asked('x'), previous: '1/0' }))
        assert.equal(result.ok ? null : result.rejection.at, 'body.entries[0].previous')
    })

    test('is rebuilt if an entry is not frozen, or if another party made the list', () => {
        const body = { said: 'ay' }
        const { entries } = asked(body)
        const rebuilt = entriesOf(guardEnvelope(receive({ ...asked(body), entries })))
        assert.deepEqual(rebuilt, entries)
        body.said = 'no'
        assert.notDeepEqual(rebuilt, entries)
        const copied = [...asked('x').entries]
        const list = entriesOf(guardEnvelope(receive({ ...asked('x'), entries: copied })))
        assert.deepEqual(list, copied)
        assert.ok(list.every((entry, index) => entry !== copied[index]))
    })
})

describe('a stretch', () => {
    testSpoilt(whole, WIRE_LIMITS.runMax, [
        ['without a number', { promise: undefined }, 'missing-field body.entries[0].promise'],
        ['of a government', { promise: '3/0' }, 'mismatch body.entries[0].promise'],
        ['that goes back', { promise: '2/3' }, 'broken-chain body.entries[0].previous'],
        ['that follows nothing', { previous: '2/2' }, 'broken-chain body.entries[0].previous']
    ], guarded)

    test('leaves later items the rest of the limit', () => {
        const half = { ...whole, bodies: Array(WIRE_LIMITS.runMax - 1).fill(0) }
        const next = { ...whole, previous: Monotonic.add('2/3', WIRE_LIMITS.runMax - 1) }
        const follow = { ...next, promise: Monotonic.add('2/4', WIRE_LIMITS.runMax - 1) }
        assert.ok(guarded([half, { ...follow, bodies: [0] }]).ok)
        const result = guarded([half, { ...follow, bodies: [0, 0] }])
        assert.ok(!result.ok)
        assert.equal(result.rejection.code, 'too-many')
        const late = guarded([{ ...half, bodies: [...half.bodies, 0] }, follow])
        assert.ok(!late.ok)
        assert.equal(late.rejection.code, 'too-many')
    })
})
