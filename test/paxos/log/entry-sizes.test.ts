import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as check from 'fast-check'
import { weighEntry } from '../../../src/paxos/log/entry.js'
import { EntrySizes } from '../../../src/paxos/log/entry-sizes.js'
import type { Entry } from '../../../src/paxos/messages/messages.js'
import { batchLength } from '../../../src/publisher/batch.js'
import { jsonSize } from '../../../src/base/json-value.js'

const TEXT = check.string({ unit: 'binary', maxLength: 200 })
const VALUE = check.oneof(TEXT, check.integer(), check.constant({ text: '\u0000"ä' }))

const PUSH = check.record({ what: check.constant('push' as const), value: VALUE })
const MOVE = check.record({
    what: check.constantFrom('commit', 'truncate', 'forget', 'weigh'),
    share: check.nat(10).map((tenths) => tenths / 10)
})
const QUESTION = check.record({
    what: check.constantFrom('all', 'suffix', 'run'),
    times: check.integer({ min: 5, max: 30 }).map((tenths) => tenths / 10)
})
const CHANGE = check.oneof(
    { weight: 8, arbitrary: PUSH },
    { weight: 2, arbitrary: MOVE },
    { weight: 6, arbitrary: QUESTION }
)

function entryOf(value: unknown): Entry {
    const body = { id: '1', cookie: '1', immigrated: '1/0', body: value }
    return { promise: '1/1', previous: '1/0', body }
}

/** The sum of the exact sizes: what the sizes must agree with at any time. */
function sum(entries: readonly Entry[]): number {
    return entries.reduce((total, entry) => total + weighEntry(entry), 0)
}

/** The end of a run, by the exact size of each entry. */
function runEnd(entries: readonly Entry[], limit: number): number {
    let weight = 0
    const end = entries.findIndex((entry, at) => {
        weight += weighEntry(entry)
        return at !== 0 && weight > limit
    })
    return end === -1 ? entries.length : end
}

/** Applies one change, or compares one answer with the exact sizes. */
class Trial {
    readonly #entries: Entry[] = []
    readonly #sizes = new EntrySizes(this.#entries)
    #committed = 0

    apply(change: typeof CHANGE extends check.Arbitrary<infer Change> ? Change : never): void {
        if ('value' in change) {
            const entry = entryOf(change.value)
            this.#entries.push(entry)
            this.#sizes.push(entry)
        } else if ('times' in change) {
            this.#compare(change.what, change.times)
        } else {
            this.#move(change.what, change.share)
        }
    }

    /** Asks with a limit near the answer, often at the very bound. */
    #compare(what: string, times: number): void {
        const suffix = this.#entries.slice(this.#committed)
        const limit = Math.floor(times * sum(what === 'all' ? this.#entries : suffix)) +
            (what === 'suffix' ? 1 : 0)
        if (what === 'all') {
            assert.equal(this.#sizes.isWithin(limit), sum(this.#entries) <= limit)
        } else if (what === 'suffix') {
            assert.equal(this.#sizes.isSuffixBelow(limit), sum(suffix) < limit)
        } else {
            const from = this.#committed
            const end = this.#sizes.endOfRun(from, this.#entries.length, limit)
            assert.equal(end - from, runEnd(suffix, limit))
        }
    }

    #move(what: string, share: number): void {
        const { length } = this.#entries
        if (what === 'commit') {
            this.#committed += Math.floor(share * (length - this.#committed))
            this.#sizes.beginSuffix(this.#committed)
        } else if (what === 'truncate') {
            this.#sizes.removeSuffix()
            this.#entries.length = this.#committed
        } else if (what === 'forget') {
            const count = Math.floor(share * this.#committed)
            this.#entries.splice(0, count)
            this.#sizes.forget(count)
            this.#committed -= count
        } else {
            const from = Math.floor(share * length)
            assert.equal(this.#sizes.weigh(from, length), sum(this.#entries.slice(from)))
        }
    }
}

describe('sizes that are computed when they are needed', () => {
    test('give every answer that exact sizes give, after any changes', () => {
        check.assert(check.property(check.array(CHANGE, { maxLength: 200, size: 'max' }), (all) => {
            const trial = new Trial()
            for (const change of all) {
                trial.apply(change)
            }
        }), { numRuns: 500 })
    })

    test('give the length of a batch that exact sizes give', () => {
        const texts = check.array(check.string({ unit: 'binary', maxLength: 2000, size: 'max' }), {
            maxLength: 60, size: 'max'
        })
        check.assert(check.property(texts, check.integer({ min: 1, max: 64 }), (pending, limit) => {
            let weight = 0
            const end = pending.findIndex((value, at) => {
                weight += jsonSize(value)
                return at === limit || (at !== 0 && weight > 512 * limit)
            })
            assert.equal(batchLength(pending, limit), end === -1 ? pending.length : end)
        }), { numRuns: 300 })
    })
})
