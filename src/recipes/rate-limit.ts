import { WAIT_OPTIONS, type WaitOptions } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import { count, milliseconds, type OptionTable, readOptions } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
import { fromLines, toLines } from './lines.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'
import { type RateCommand, type RateOutcome, RateTable } from './rate-table.js'

/** A rate, and the bound of the keys. */
export interface RateLimitOptions {
    /** The number of permits at once; equal at all members. */
    readonly limit: number
    /** The time in which `limit` permits come back, in milliseconds; equal at all members. */
    readonly per: number
    /** The number of keys with missing permits. @default 100000 */
    readonly keysMax?: number
}

/** The options of one call. */
export interface TakeOptions extends WaitOptions {
    /** The number of permits. @default 1 */
    readonly cost?: number
}

/** The answer of a rate limit. */
export interface RateLimitAnswer {
    readonly isAllowed: boolean
    /** The permits that are left. */
    readonly remaining: number
    /** The time after which a next attempt is allowed, in milliseconds; 0 if allowed. */
    readonly retryAfterMs: number
}

const RATE_LIMIT_OPTIONS: OptionTable<RateLimitOptions> = {
    limit: count(1_000_000), per: milliseconds, keysMax: count(100_000_000)
}

const TAKE_OPTIONS: OptionTable<TakeOptions> = { ...WAIT_OPTIONS, cost: count(1_000_000) }

const KEYS_MAX = 100_000

/**
 * A bucket of permits for each key, for all members together. `README.md` of this folder states the
 * promises and the assumptions.
 *
 * 1. Each command carries the time of the log as its publisher estimates: the publisher's own
 *    monotonic clock plus `#offset`. No wall clock plays a part.
 * 2. `#offset` rises when an entry shows a larger time than the estimate. So an estimate never
 *    exceeds the time that the fastest clock of all members has counted.
 */
export class RateLimit implements ComposedPart<RateCommand, RateOutcome> {
    readonly #rate: { readonly limit: number, readonly per: number, readonly keysMax: number }
    readonly #table = new RateTable()
    #offset = 0
    #host: PartHost | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: RateLimitOptions) {
        const { limit, per, keysMax = KEYS_MAX } =
            readOptions('RateLimit', options, RATE_LIMIT_OPTIONS, ['limit', 'per'])
        this.#rate = { limit, per, keysMax }
    }

    /**
     * Takes permits, if the key has them. If this member knows that the permits are missing, the
     * answer comes at once, without an entry. Rejects with `overloaded` if there are `keysMax`
     * keys, or like `publish`; then the permits may still be taken.
     */
    async take(key: string, options: TakeOptions | null = {}): Promise<RateLimitAnswer> {
        const { cost = 1, ...waiting } = readOptions('take', options, TAKE_OPTIONS)
        const host = this.#host ?? noHost('RateLimit')
        const command: RateCommand = { key, cost, ...this.#rate, at: this.#timeAt(host) }
        this.#table.validate(command)
        const known = this.#table.outcomeOf(command)
        const outcome = known.state === 'refused'
            ? known
            : (await host.publish(command, waiting)).result as RateOutcome
        if (outcome.state === 'full') {
            throw new KibitzError('overloaded',
                'Too many keys have missing permits (option keysMax). Nothing was taken; try '
                    + 'again later, or raise the bound.')
        }
        const { state, remaining, retryAfterMs } = outcome
        return { isAllowed: state === 'taken', remaining, retryAfterMs }
    }

    /** The permits of a key, as this member knows. */
    remaining(key: string): number {
        const at = this.#host === null ? 0 : this.#timeAt(this.#host)
        const { state, remaining } = this.#table.outcomeOf({ key, cost: 1, ...this.#rate, at })
        return state === 'taken' ? remaining + 1 : remaining
    }

    /** The number of keys with missing permits, as this member knows. */
    get count(): number { return this.#table.count }

    /** The time of the log, as this member estimates. */
    #timeAt(host: PartHost): number {
        return Math.max(Math.floor(host.now() + this.#offset), this.#table.time)
    }

    #learnTime(): void {
        if (this.#host !== null) {
            this.#offset = Math.max(this.#offset, this.#table.time - this.#host.now())
        }
    }

    /** See `ComposedPart`. */
    attach(host: PartHost): void {
        this.#host = host
        this.#offset = -host.now()
    }

    /** See `Application`. */
    validate(command: RateCommand): void { this.#table.validate(command) }

    /** See `Application`. */
    apply(entry: ApplicationEntry<RateCommand>): RateOutcome {
        const outcome = this.#table.apply(entry)
        this.#learnTime()
        return outcome
    }

    /** See `Application`. */
    snapshot(): Iterable<string> { return toLines(this.#table.snapshot()) }

    /** See `Application`. */
    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        await this.#table.restore(fromLines(chunks))
        this.#learnTime()
    }
}
