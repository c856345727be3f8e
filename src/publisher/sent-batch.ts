import { copyAndFreeze } from '../base/json-value.js'
import type { IslanderState, Sought } from './islander-types.js'
import { Monotonic, Series } from '../base/monotonic.js'
import { own } from '../base/own-property.js'

/**
 * A cookie and its promise. The leader numbers a batch without gaps, so one pair gives all
 * promises.
 */
interface FirstReceipt {
    readonly cookie: string
    readonly promise: Monotonic
}

/** The promise of another cookie of the same batch. */
function promiseOf({ cookie, promise }: FirstReceipt, sought: string): Monotonic {
    return Monotonic.add(promise, Monotonic.distance(cookie, sought))
}

/**
 * Whether the log is past a promise. If so, the receipt came after the entry should have appeared.
 * A missing promise counts as passed.
 */
export function isOvertaken(
    seen: Monotonic | null,
    promise: Monotonic | null | undefined
): boolean {
    return (
        promise === null ||
        promise === undefined ||
        (seen !== null && Monotonic.compare(promise, seen) <= 0)
    )
}

/** The sent values of one batch that have not appeared in the log. The cookies have no gaps. */
export class SentBatch {
    /** The first cookie of the batch. Its entry may have appeared already. */
    #first = '0'
    #values: Sought[] = []
    /**
     * The receipts in compact form; `null` if each value holds its own promise or the receipts are
     * unknown.
     */
    #receipt: FirstReceipt | null = null

    /** The values that have not appeared. */
    get values(): readonly Sought[] {
        return this.#values
    }

    /** Whether every value has appeared. */
    get isEmpty(): boolean {
        return this.#values.length === 0
    }

    /** The cookie of the oldest value that has not appeared. */
    get oldest(): string | undefined {
        return this.#values[0]?.cookie
    }

    /** Whether no value of the batch has appeared. */
    get isMissed(): boolean {
        return this.oldest === this.#first
    }

    /** Whether the batch is one value that has not appeared. */
    get isLone(): boolean {
        return this.#values.length === 1 && this.isMissed
    }

    /**
     * Begins a batch. The cookies count up from the one after `cookie`.
     *
     * @returns The last cookie.
     */
    startBatch(bodies: readonly unknown[], cookie: string): string {
        const cookies = new Series(Monotonic.increment(cookie, 0))
        this.#values = bodies.map((body) => ({ cookie: cookies.next(), body, promise: null }))
        this.#receipt = null
        this.#first = this.oldest ?? cookie
        return this.#values.at(-1)?.cookie ?? cookie
    }

    /** Removes the oldest value. */
    removeOldest(): void {
        this.#values.shift()
    }

    /** Removes and returns the bodies of all values. */
    takeAll(): unknown[] {
        return this.#values.splice(0).map(({ body }) => body)
    }

    /**
     * Stores the receipts. The leader numbers a batch without gaps, so the receipts of the first
     * and the last entry give all promises. If these two do not match, no promise is known.
     */
    takeReceipts(receipts: Readonly<Record<string, Monotonic>>): void {
        const promise = own(receipts, this.#first)
        const { cookie } = this.#values.at(-1) ?? { cookie: this.#first }
        const last = promise && Monotonic.add(promise, Monotonic.distance(this.#first, cookie))
        if (promise !== undefined && own(receipts, cookie) === last) {
            this.#receipt = { cookie: this.#first, promise }
            return
        }
        for (const sought of this.#values) {
            sought.promise = null
        }
        this.#receipt = null
    }

    /** Computes the promise of each value from the compact form. */
    #numberEach(): void {
        const { oldest } = this
        if (this.#receipt !== null && oldest !== undefined) {
            const numbers = new Series(promiseOf(this.#receipt, oldest))
            for (const sought of this.#values) {
                sought.promise = numbers.next()
            }
        }
        this.#receipt = null
    }

    /** Replaces the promises that a new government has renumbered. */
    remap(map: Readonly<Record<Monotonic, Monotonic>>): void {
        this.#numberEach()
        for (const sought of this.#values) {
            sought.promise = own(map, sought.promise ?? '') ?? sought.promise
        }
    }

    /**
     * Whether the log is past the promise of any value, or a promise is unknown. Promises rise, so
     * the oldest value decides if all promises are known.
     */
    isOvertaken(seen: Monotonic | null): boolean {
        const [oldest] = this.#values
        if (oldest === undefined) {
            return false
        }
        if (this.#receipt !== null) {
            return isOvertaken(seen, promiseOf(this.#receipt, oldest.cookie))
        }
        return (
            isOvertaken(seen, oldest.promise) ||
            this.#values.some(({ promise }) => promise === null)
        )
    }

    /** The state. Computes all promises first. */
    state(): Pick<IslanderState, 'seeking' | 'first'> {
        this.#numberEach()
        return { seeking: this.#values.map((sought) => ({ ...sought })), first: this.#first }
    }

    /** Restores a state. */
    recall({ seeking, first }: Pick<IslanderState, 'seeking' | 'first'>): void {
        this.#values = seeking.map((sought) => ({ ...sought, body: copyAndFreeze(sought.body) }))
        this.#first = first
    }
}
