import { rejectArgument } from '../base/errors.js'
import { DURATION_MS_MAX } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'

/** Takes permits of a key. The rate and the bound are the publisher's. */
export interface RateCommand {
    readonly key: string
    /** The number of permits. */
    readonly cost: number
    /** The number of permits of a full bucket. */
    readonly limit: number
    /** The time in which an empty bucket fills, in milliseconds. */
    readonly per: number
    /** The time of the log at the publish, as the publisher estimates, in milliseconds. */
    readonly at: number
    readonly keysMax: number
}

/** `taken`; `refused` if the bucket holds too few permits; `full` if there are too many keys. */
export interface RateOutcome {
    readonly state: 'taken' | 'refused' | 'full'
    /** The permits in the bucket after the command. */
    readonly remaining: number
    /** The time after which the bucket holds the permits, in milliseconds; 0 if taken. */
    readonly retryAfterMs: number
}

/** A bucket that is not full. */
interface Bucket {
    /** The missing permits at `at`; a fraction between two permits. */
    readonly used: number
    readonly at: number
    /** The time of the log at which the bucket is full again. */
    readonly fullAt: number
}

/** The longest key, in characters. */
const KEY_LENGTH_MAX = 512
const COUNT_MAX = 1_000_000

/** The permitted error of fractions. */
const ERROR = 1e-6

/** The buckets that a command looks at, to forget those that are full. */
const LOOKS = 4

function isWithin(value: unknown, max: number): boolean {
    return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= max
}

/**
 * The replicated state of a rate limit: a bucket of permits for each key, and the time of the log.
 *
 * 1. The time of the log is the largest `at` of all commands. `apply` reads no clock.
 * 2. A bucket that is full does not exist.
 */
export class RateTable {
    #time = 0
    readonly #buckets = new Map<string, Bucket>()

    /** The time of the log, in milliseconds since its beginning. */
    get time(): number {
        return this.#time
    }

    /** The number of keys whose buckets are not known to be full. */
    get count(): number {
        return this.#buckets.size
    }

    /** Refuses a value that is no command. */
    validate(command: RateCommand): void {
        const { key, cost, limit, per, at, keysMax } = Object(command) as RateCommand
        if (typeof key !== 'string' || key === '' || key.length > KEY_LENGTH_MAX) {
            rejectArgument(`A key of a rate limit is a text of 1 to ${KEY_LENGTH_MAX} characters.`)
        }
        const isRate = isWithin(limit, COUNT_MAX) && isWithin(per, DURATION_MS_MAX)
        if (!isRate || !isWithin(keysMax, 100 * COUNT_MAX) || !Number.isSafeInteger(at)) {
            rejectArgument('The rate, the time or the bound of a rate limit is not usable.')
        }
        if (!isWithin(cost, limit)) {
            rejectArgument(`The cost is a whole number from 1 to the limit, ${limit}.`)
        }
    }

    /** The outcome that a command would have. Changes nothing. */
    outcomeOf({ key, cost, limit, per, at }: Omit<RateCommand, 'keysMax'>): RateOutcome {
        const used = this.#usedAt(key, Math.max(at, this.#time), limit / per)
        const excess = used + cost - limit
        return excess <= ERROR
            ? { state: 'taken', remaining: Math.floor(ERROR - excess), retryAfterMs: 0 }
            : {
                state: 'refused', remaining: Math.floor(limit - used + ERROR),
                retryAfterMs: Math.ceil((excess - ERROR) * per / limit)
            }
    }

    /** Applies a command. */
    apply({ body }: ApplicationEntry<RateCommand>): RateOutcome {
        const { key, cost, limit, per, at, keysMax } = body
        this.#time = Math.max(this.#time, at)
        this.#forgetFull()
        if (!this.#buckets.has(key) && this.#buckets.size >= keysMax) {
            return { state: 'full', remaining: 0, retryAfterMs: per }
        }
        const outcome = this.outcomeOf(body)
        if (outcome.state === 'taken') {
            const used = this.#usedAt(key, this.#time, limit / per) + cost
            const fullAt = this.#time + used * per / limit
            this.#buckets.set(key, { used, at: this.#time, fullAt })
        }
        return outcome
    }

    /** The time, and one JSON value for each bucket. */
    * snapshot(): Generator<unknown> {
        yield this.#time
        for (const [key, { used, at, fullAt }] of this.#buckets) {
            yield [key, used, at, fullAt]
        }
    }

    /** Replaces the state. */
    async restore(values: AsyncIterable<unknown>): Promise<void> {
        this.#buckets.clear()
        for await (const value of values) {
            if (typeof value === 'number') {
                this.#time = value
            } else {
                const [key, used, at, fullAt] = value as [string, number, number, number]
                this.#buckets.set(key, { used, at, fullAt })
            }
        }
    }

    #usedAt(key: string, time: number, permitsPerMs: number): number {
        const { used, at } = this.#buckets.get(key) ?? { used: 0, at: time }
        return Math.max(used - (time - at) * permitsPerMs, 0)
    }

    /** Looks at the next buckets in turn. A bucket that is not full goes to the end. */
    #forgetFull(): void {
        let looks = LOOKS
        for (const [key, bucket] of this.#buckets) {
            if (looks-- === 0) {
                return
            }
            this.#buckets.delete(key)
            if (bucket.fullAt > this.#time) {
                this.#buckets.set(key, bucket)
            }
        }
    }
}
