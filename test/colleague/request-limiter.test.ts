import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Clock } from '../../src/base/clock.js'
import { Turnstile } from '../../src/colleague/request-limiter.js'
import { KibitzError } from '../../src/base/errors.js'

/** Work that ends on a call of the test. */
class Work {
    begun = false
    #resolve: (value: string) => void = () => {}
    #reject: (error: Error) => void = () => {}
    readonly #ended = new Promise<string>((resolve, reject) => {
        this.#resolve = resolve
        this.#reject = reject
    })
    readonly run = (): Promise<string> => {
        this.begun = true
        return this.#ended
    }

    end(): Promise<void> {
        this.#resolve('done')
        return turn()
    }

    fail(): Promise<void> {
        this.#reject(new Error('planted'))
        return turn()
    }
}

function turn(): Promise<void> {
    return new Promise(setImmediate)
}

function begin(options: { requestsActive: number, requestsWaiting: number }) {
    const time = { ms: 1000 }
    const clock = new Clock({ now: () => time.ms })
    return { time, turnstile: new Turnstile(clock, options) }
}

describe('Turnstile', () => {
    test('limits the active and the waiting requests, in order', async () => {
        const { turnstile } = begin({ requestsActive: 1, requestsWaiting: 2 })
        const [first, second, third, fourth] = [new Work(), new Work(), new Work(), new Work()]
        const served = [first, second, third].map(({ run }) => turnstile.enter(run))
        await assert.rejects(turnstile.enter(fourth.run), { code: 'overloaded' })
        await turn()
        assert.deepEqual([first.begun, second.begun, third.begun], [true, false, false])
        await first.end()
        assert.deepEqual([second.begun, third.begun, fourth.begun], [true, false, false])
        await second.end()
        await third.end()
        assert.deepEqual(await Promise.all(served), ['done', 'done', 'done'])
        const { refused, served: count, active, waiting } = turnstile.health()
        assert.deepEqual([refused, count, active, waiting], [1, 3, 0, 0])
    })

    test('shows the ages of the oldest requests', async () => {
        const { time, turnstile } = begin({ requestsActive: 1, requestsWaiting: 9 })
        const [first, second] = [new Work(), new Work()]
        const all = [turnstile.enter(first.run)]
        time.ms += 10
        all.push(turnstile.enter(second.run))
        time.ms += 5
        const { active, waiting, activeMs, waitingMs } = turnstile.health()
        assert.deepEqual([active, waiting, activeMs, waitingMs], [1, 1, 15, 5])
        await first.end()
        time.ms += 3
        assert.equal(turnstile.health().activeMs, 3)
        assert.equal(turnstile.health().waitingMs, 0)
        await second.end()
        await Promise.all(all)
        assert.equal(turnstile.health().activeMs, 0)
    })

    test('keeps the order if a request arrives when another one ends', async () => {
        const { turnstile } = begin({ requestsActive: 1, requestsWaiting: 9 })
        const [first, second, third] = [new Work(), new Work(), new Work()]
        const all = [turnstile.enter(first.run), turnstile.enter(second.run)]
        const late = first.run().then(() => {
            all.push(turnstile.enter(third.run))
        })
        await first.end()
        await late
        assert.deepEqual([second.begun, third.begun], [true, false])
        assert.equal(turnstile.health().active, 1)
        await second.end()
        await third.end()
        await Promise.all(all)
    })

    test('frees a place if the work fails or the wait is aborted', async () => {
        const { turnstile } = begin({ requestsActive: 1, requestsWaiting: 1 })
        const [first, second, third] = [new Work(), new Work(), new Work()]
        const failing = assert.rejects(turnstile.enter(first.run), /planted/)
        const controller = new AbortController()
        const giving = assert.rejects(
            turnstile.enter(second.run, { signal: controller.signal }), { code: 'aborted' })
        controller.abort()
        await giving
        const waiting = turnstile.enter(third.run)
        await first.fail()
        await failing
        await third.end()
        assert.equal(await waiting, 'done')
        assert.equal(second.begun, false)
        await assert.rejects(turnstile.enter(() => { throw new Error('at once') }), /at once/)
        assert.equal(turnstile.health().active, 0)
    })

    test('rejects the waiting requests on close, and no active request', async () => {
        const { turnstile } = begin({ requestsActive: 1, requestsWaiting: 9 })
        const [first, second] = [new Work(), new Work()]
        const served = turnstile.enter(first.run)
        const waiting = turnstile.enter(second.run)
        turnstile.close(new KibitzError('destroyed', 'It is over.'))
        await assert.rejects(waiting, { code: 'destroyed' })
        await assert.rejects(turnstile.enter(second.run), { code: 'destroyed' })
        await first.end()
        assert.equal(await served, 'done')
        assert.equal(second.begun, false)
    })
})
