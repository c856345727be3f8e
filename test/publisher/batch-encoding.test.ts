import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Message } from '../../src/publisher/islander-types.js'
import { guardEnvelope } from '../../src/guard/envelope.js'
import { WIRE_LIMITS } from '../../src/guard/limits.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { type PackedBatch, packable } from '../../src/publisher/batch-encoding.js'
import { lots } from '../paxos/lots.js'
import { testSpoilt } from '../guard/packed.js'
import { calls } from '../guard/samples.js'

/** Batches of one publisher, some with gaps in the cookies, and some of two publishers. */
const batches = fc.array(fc.record({
    isOther: fc.nat(19).map((nth) => nth === 0),
    skips: fc.nat(19).map((nth) => nth === 0),
    body: fc.oneof(fc.string(), fc.constant(null), fc.nat().map((n) => ({ n })))
}), { maxLength: 20 }).map((drawn) => {
    let cookie = 'fd'
    return drawn.map(({ isOther, skips, body }): Message => {
        cookie = Monotonic.add(cookie, skips ? 5 : 1)
        return { id: isOther ? 'bob' : 'alice', cookie, body, promise: null, immigrated: '2/0' }
    })
})

/** The guard's verdict on a batch that came over a wire. */
function guarded(entries: unknown): ReturnType<typeof guardEnvelope> {
    const body = { ...calls.enqueue.body, entries }
    return guardEnvelope(JSON.parse(JSON.stringify({ ...calls.enqueue, body })))
}

function entriesOf(verdict: ReturnType<typeof guardEnvelope>): readonly object[] {
    assert(verdict.ok && verdict.envelope.method === 'enqueue', JSON.stringify(verdict))
    return verdict.envelope.body.entries
}

const whole: PackedBatch = {
    id: 'alice', cookie: 'fe', immigrated: '1/0', bodies: ['one', null, { three: [3] }]
}

describe('a batch as JSON', () => {
    test('decodes to the same entries as its plain messages, and its text is not longer', () => {
        fc.assert(fc.property(batches, (messages) => {
            const plain = structuredClone(messages)
            const batch = packable(messages)
            assert.deepEqual(batch, plain, 'nothing is to be seen of it')
            assert.deepEqual(entriesOf(guarded(batch)), entriesOf(guarded(plain)))
            assert.equal(
                JSON.stringify(entriesOf(guarded(batch))), JSON.stringify(entriesOf(guarded(plain)))
            )
            assert.ok(JSON.stringify(batch).length <= JSON.stringify(plain).length)
        }), lots(300))
    })

    test('is one packed batch if the cookies are consecutive, and else plain messages', () => {
        const { bodies, ...first } = whole
        const cookies = ['fe', 'ff', '100']
        const messages = bodies.map((body, index): Message => {
            return { ...first, cookie: cookies[index] ?? '', body, promise: null }
        })
        const said = (batch: readonly Message[]): unknown =>
            JSON.parse(JSON.stringify(packable(batch)))
        assert.deepEqual(said(messages), [whole])
        assert.deepEqual(said(messages.slice(0, 1)), messages.slice(0, 1))
        const skipping = messages.filter((_, index) => index !== 1)
        assert.deepEqual(said(skipping), skipping)
        assert.deepEqual(said([]), [])
    })

    test('decodes to frozen entries', () => {
        const entries = entriesOf(guarded([whole]))
        assert.equal(entries.length, 3)
        assert.ok([entries, ...entries].every(Object.isFrozen))
    })
})

describe('a packed batch', () => {
    testSpoilt(whole, WIRE_LIMITS.entriesMax, [], guarded)

    test('counts each of its bodies against the limit of entries', () => {
        const most = { ...whole, bodies: Array(WIRE_LIMITS.entriesMax - 1).fill(0) }
        assert.ok(guarded([most, { ...whole, bodies: [0] }]).ok)
        const verdict = guarded([most, { ...whole, bodies: [0, 0] }])
        assert.ok(!verdict.ok)
        assert.equal(verdict.rejection.code, 'too-many')
    })
})
