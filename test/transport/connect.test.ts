import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KibitzError } from '../../src/base/errors.js'
import { connect, type Send } from '../../src/transport/connect.js'
import { Bare, envelope } from './bare.js'

/** A `send` whose every call a test ends as it likes. */
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
    test('hands over the properties and the envelope, and puts the answer back', async () => {
        const bare = new Bare('a')
        const seen: unknown[] = []
        connect(bare, (to, sent, signal) => {
            seen.push(to, sent, signal.aborted)
            return Promise.resolve('answer')
        })
        const call = envelope({ n: 1 })
        assert.equal(await bare.call(call), 'answer')
        assert.deepEqual(seen, [{ n: 1 }, call, false])
    })

    test('never answers in the turn in which the call is made', async () => {
        const bare = new Bare('a')
        const failing: Send = () => { throw new Error('at once') }
        const disconnect = connect(bare, failing, { callsMax: 1 })
        for (const call of [envelope(1), envelope(1)]) {
            let isAnswered = false
            const answer = bare.call(call).finally(() => { isAnswered = true })
            assert.equal(isAnswered, false)
            assert.equal(await answer, null)
        }
        disconnect()
    })

    test('answers null where a send rejects or throws, and goes on', async () => {
        const bare = new Bare('a')
        const faults: (() => Promise<unknown>)[] = [
            () => Promise.reject(new Error('no route')),
            () => { throw new Error('no code') },
            // biome-ignore lint/suspicious/noThenProperty: A promise of somebody else's may do so.
            () => ({ then: () => { throw new Error('no promise') } }) as unknown as Promise<null>,
            () => Promise.reject(null),
            () => Promise.resolve()
        ]
        connect(bare, () => faults.shift()?.() ?? Promise.resolve('well'))
        for (const fault of [...faults]) {
            assert.equal(await bare.call(envelope(1)), null, String(fault))
        }
        assert.equal(await bare.call(envelope(1)), 'well')
    })

    test('gives up a call in time, says so, and drops what comes late', async (context) => {
        context.mock.timers.enable({ apis: ['setTimeout'] })
        const bare = new Bare('a')
        const held = new Held()
        connect(bare, held.send)
        const call = bare.call(envelope(1))
        context.mock.timers.tick(799)
        assert.equal(held.calls[0]?.signal.aborted, false)
        context.mock.timers.tick(1)
        assert.equal(await call, null)
        assert.equal(held.reason(0), 'unreachable')
        held.calls[0]?.resolve('late')
        const next = bare.call(envelope(1))
        held.calls[1]?.resolve('in time')
        assert.equal(await next, 'in time')
    })

    test('has so many calls under way to one addressee, and no more', async () => {
        const bare = new Bare('a')
        const held = new Held()
        connect(bare, held.send, { callsMax: 2 })
        const [here, there] = [{ at: 'here' }, { at: 'there' }]
        const first = bare.call(envelope(here))
        const second = bare.call(envelope(here))
        assert.equal(await bare.call(envelope(here)), null)
        const elsewhere = bare.call(envelope(there))
        assert.deepEqual(held.calls.map(({ to }) => to), [here, here, there])
        held.calls[0]?.resolve('first')
        assert.equal(await first, 'first')
        const third = bare.call(envelope(here))
        for (const { resolve } of held.calls) {
            resolve('other')
        }
        assert.deepEqual(await Promise.all([second, elsewhere, third]), ['other', 'other', 'other'])
    })

    test('has 64 calls under way where nothing is said', async () => {
        const bare = new Bare('a')
        const held = new Held()
        const disconnect = connect(bare, held.send)
        const calls = Array.from({ length: 65 }, () => bare.call(envelope('here')))
        assert.equal(await calls[64], null)
        assert.equal(held.calls.length, 64)
        disconnect()
        assert.deepEqual(await Promise.all(calls), calls.map(() => null))
    })

    test('ends the calls under way when it is undone, and takes no more', async () => {
        const bare = new Bare('a')
        const held = new Held()
        const disconnect = connect(bare, held.send)
        const calls = [bare.call(envelope(1)), bare.call(envelope(2))]
        disconnect()
        disconnect()
        assert.deepEqual(await Promise.all(calls), [null, null])
        assert.deepEqual([held.reason(0), held.reason(1)], ['unreachable', 'unreachable'])
        const untaken = bare.call(envelope(3))
        assert.equal(held.calls.length, 2)
        bare.destroy()
        assert.equal(await untaken, 'conduit#endOfStream')
    })

    test('gives way to another transport', async () => {
        const bare = new Bare('a')
        connect(bare, () => Promise.resolve('old'))()
        connect(bare, () => Promise.resolve('new'))
        assert.equal(await bare.call(envelope(1)), 'new')
    })

    test('ends with its Kibitzer, and aborts what is under way', async () => {
        const bare = new Bare('a')
        const held = new Held()
        const disconnect = connect(bare, held.send)
        const call = bare.call(envelope(1))
        bare.destroy()
        assert.equal(await call, 'conduit#endOfStream')
        assert.equal(held.reason(0), 'unreachable')
        disconnect()
    })

    test('takes no limit that counts nothing', () => {
        for (const count of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
            for (const options of [{ callTimeout: count }, { callsMax: count }]) {
                assert.throws(() => connect(new Bare('a'), new Held().send, options), {
                    name: 'KibitzError',
                    code: 'invalid-argument'
                })
            }
        }
    })
})
