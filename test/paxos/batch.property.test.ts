import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonSize } from '../../src/base/json-value.js'
import type { Dispatch } from '../../src/publisher/islander-types.js'
import { Islander } from '../../src/publisher/islander.js'
import { drain } from '../support/alone.js'
import { lots } from './lots.js'
import { governmentBody } from './sample.js'

const BATCH_ENTRIES = 512
const BATCH_WEIGHT = 256 * 1024

/** An admitted Islander. The leader accepts each batch at once, and the batch appears at once. */
class Lucky {
    readonly islander = new Islander('a')
    readonly batches: Dispatch[] = []
    readonly seen: unknown[] = []
    readonly #dispatched = this.islander.outbox.shifter()
    #entries = 0

    constructor() {
        const immigrate = { id: 'a', properties: null, cookie: 'a' }
        const body = governmentBody('1/0', { immigrate })
        this.islander.push({ method: 'government', promise: '1/0', body })
    }

    #next(): string {
        return `1/${(++this.#entries).toString(16)}`
    }

    /** The leader takes one batch, if there is any, and all of it appears. */
    take(): boolean {
        const dispatches = drain(this.#dispatched)
        assert.ok(dispatches.length <= 1, 'one batch at a time')
        for (const dispatch of dispatches) {
            this.batches.push(dispatch)
            const promises = dispatch.messages.map(({ cookie }) => [cookie, this.#next()] as const)
            this.islander.sent(dispatch.cookie, Object.fromEntries(promises))
            dispatch.messages.forEach(({ promise: _, ...body }, index) => {
                this.seen.push(body.body)
                this.islander.push({ method: 'entry', promise: promises[index]?.[1] ?? '', body })
            })
        }
        return dispatches.length !== 0
    }
}

const size = fc.oneof(
    { weight: 20, arbitrary: fc.nat(64) },
    { weight: 3, arbitrary: fc.nat(60_000) },
    { weight: 1, arbitrary: fc.integer({ min: 200_000, max: 300_000 }) }
)

/** Values that are published at once. */
const wave = fc.oneof(
    fc.array(size, { maxLength: 20 }),
    fc.tuple(fc.integer({ min: 500, max: 1600 }), fc.nat(40)).map(([count, length]) =>
        Array.from({ length: count }, () => length))
)

test('batches obey the limits and carry every published value once, in order', () => {
    fc.assert(fc.property(fc.array(wave, { maxLength: 6 }), (waves) => {
        const lucky = new Lucky()
        const published = waves.map((lengths) => lengths.map((length) => 'x'.repeat(length)))
        for (const bodies of published) {
            lucky.islander.publishAll(bodies)
            lucky.take()
        }
        while (lucky.take()) {
            // The next one goes out with what was seen of the one before.
        }
        assert.deepEqual(lucky.seen, published.flat())
        assert.deepEqual(lucky.islander.takeSettled().map(({ ticket }) => ticket),
            published.flat().map((_, index) => index + 1))
        for (const { messages } of lucky.batches) {
            const weight = messages.reduce((sum, { body }) => sum + jsonSize(body), 0)
            assert.ok(messages.length >= 1 && messages.length <= BATCH_ENTRIES)
            assert.ok(messages.length === 1 || weight <= BATCH_WEIGHT, `${weight}`)
        }
    }), lots(100))
})
