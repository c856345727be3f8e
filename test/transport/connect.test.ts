import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KibitzError } from '../../src/base/errors.js'
import { connect, type Send } from '../../src/transport/connect.js'
import { FakeKibitzer, envelope } from '../../src/transport/conformance/fake-kibitzer.js'

/** A `send` whose calls the test ends. */
class Held {
    readonly calls: {
        readonly to: unknown
        readonly signal: AbortSignal
        readonly resolve: (answer: unknown) => void
        readonly reject: (error: unknown) => void
    }[] = []

    readonly send: Send = (to, _envelope, signal) => new Promise((resolve, reject) => {
        this.calls.push({ to, signal, resolve, reject })
    })

    /** The reason of an abort, by its code. */
    reason(index: number): string | null {
        const reason: unknown = this.calls[index]?.signal.reason
        return reason instanceof KibitzError ? reason.code : null
    }
}

describe('a connection', () => {
    test('passes the properties and the envelope to send, and writes the answer', async () => {
        const fake = new FakeKibitzer('a')
        const seen: unknown[] = []
        connect(fake, (to, sent, signal) => {
            seen.push(to, sent, signal.aborted)
            return Promise.resolve('answer')
        })
        const call = envelope({ n: 1 })
        assert.equal(await fake.call(call), 'answer')
        assert.deepEqual(seen, [{ n: 1 }, call, false])
    })

    test('never answers in the turn of the call', async () => {
        const fake = new FakeKibitzer('a')
        const failing: Send = () => { throw new Error('at once') }
        const disconnect = connect(fake, failing, { callsMax: 1 })
        for (const call of [envelope(1), envelope(1)]) {
            let isAnswered = false
            const answer = fake.call(call).finally(() => { isAnswered = true })
            assert.equal(isAnswered, false)
            assert.equal(await answer, null)
        }
        disconnect()
    })

    test('answers null if send rejects or throws, and sends later calls', async () => {
        const fake = new FakeKibitzer('a')
        const faults: (() => Promise<unknown>)[] = [
            () => Promise.reject(new Error('no route')),
            () => { throw new Error('no code') },
            // biome-ignore lint/suspicious/noThenProperty: A promise of somebody else's may do so.
            () => ({ then: () => { throw new Error('no promise') } }) as unknown as Promise<null>,
            () => Promise.reject(null),
            () => Promise.resolve()
        ]
        connect(fake, () => faults.shift()?.() ?? Promise.resolve('well'))
        for (const fault of [...faults]) {
            assert.equal(await fake.call(envelope(1)), null, String(fault))
        }
        assert.equal(await fake.call(envelope(1)), 'well')
    })

    test('ends a call at its time limit, and drops a late answer', async (context) => {
        context.mock.timers.enable({ apis: ['setTimeout'] })
        const fake = new FakeKibitzer('a')
        const held = new Held()
        connect(fake, held.send)
        const call = fake.call(envelope(1))
        context.mock.timers.tick(799)
        assert.equal(held.calls[0]?.signal.aborted, false)
        context.mock.timers.tick(1)
        assert.equal(await call, null)
        assert.equal(held.reason(0), 'unreachable')
        held.calls[0]?.resolve('late')
        const next = fake.call(envelope(1))
        held.calls[1]?.resolve('in time')
        assert.equal(await next, 'in time')
    })

    test('limits the calls in flight to one addressee', async () => {
        const fake = new FakeKibitzer('a')
        const held = new Held()
        connect(fake, held.send, { callsMax: 2 })
        const [here, there] = [{ at: 'here' }, { at: 'there' }]
        const first = fake.call(envelope(here))
        const second = fake.call(envelope(here))
        assert.equal(await fake.call(envelope(here)), null)
        const elsewhere = fake.call(envelope(there))
        assert.deepEqual(held.calls.map(({ to }) => to), [here, here, there])
        held.calls[0]?.resolve('first')
        assert.equal(await first, 'first')
        const third = fake.call(envelope(here))
        for (const { resolve } of held.calls) {
            resolve('other')
        }
        assert.deepEqual(await Promise.all([second, elsewhere, third]), ['other', 'other', 'other'])
    })

    test('limits the calls in flight to 64 by default', async () => {
        const fake = new FakeKibitzer('a')
        const held = new Held()
        const disconnect = connect(fake, held.send)
        const calls = Array.from({ length: 65 }, () => fake.call(envelope('here')))
        assert.equal(await calls[64], null)
        assert.equal(held.calls.length, 64)
        disconnect()
        assert.deepEqual(await Promise.all(calls), calls.map(() => null))
    })

    test('ends the calls in flight at the undo, and sends no later call', async () => {
        const fake = new FakeKibitzer('a')
        const held = new Held()
        const disconnect = connect(fake, held.send)
        const calls = [fake.call(envelope(1)), fake.call(envelope(2))]
        disconnect()
        disconnect()
        assert.deepEqual(await Promise.all(calls), [null, null])
        assert.deepEqual([held.reason(0), held.reason(1)], ['unreachable', 'unreachable'])
        const untaken = fake.call(envelope(3))
        assert.equal(held.calls.length, 2)
        fake.destroy()
        assert.equal(await untaken, 'conduit#endOfStream')
    })

    test('is replaced by another transport', async () => {
        const fake = new FakeKibitzer('a')
        connect(fake, () => Promise.resolve('old'))()
        connect(fake, () => Promise.resolve('new'))
        assert.equal(await fake.call(envelope(1)), 'new')
    })

    test('ends with its Kibitzer, and aborts the calls in flight', async () => {
        const fake = new FakeKibitzer('a')
        const held = new Held()
        const disconnect = connect(fake, held.send)
        const call = fake.call(envelope(1))
        fake.destroy()
        assert.equal(await call, 'conduit#endOfStream')
        assert.equal(held.reason(0), 'unreachable')
        disconnect()
    })

    test('rejects a limit that is no positive number', () => {
        for (const count of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
            for (const options of [{ callTimeout: count }, { callsMax: count }]) {
                assert.throws(() => connect(new FakeKibitzer('a'), new Held().send, options), {
                    name: 'KibitzError',
                    code: 'invalid-argument'
                })
            }
        }
    })
})
