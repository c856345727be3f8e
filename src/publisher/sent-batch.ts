import { copyAndFreeze } from '../base/json-value.js'
import type { IslanderState, Sought } from './islander-types.js'
import { Monotonic, Series } from '../base/monotonic.js'
import { own } from '../base/own-property.js'

/** What the receipts of a whole batch tell: the promise of one tells those of all. */
interface Based {
    readonly cookie: string
    readonly promise: Monotonic
}

/** The promise of one of a batch. */
function promiseOf({ cookie, promise }: Based, sought: string): Monotonic {
    return Monotonic.add(promise, Monotonic.distance(cookie, sought))
}

/** Whether a log, seen so far, is past a promise; then a receipt that names it came too late. */
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

/** The values of one batch that were sent and have not appeared in the log: no gaps. */
export class SentBatch {
    /** The first cookie of the batch, whose entry may have appeared already. */
    #first = '0'
    #seeking: Sought[] = []
    /** What the receipts of all that is sought told, while that is not noted with each of it. */
    #base: Based | null = null

    /** What is sought. */
    get values(): readonly Sought[] {
        return this.#seeking
    }

    /** Whether nothing is sought. */
    get isEmpty(): boolean {
        return this.#seeking.length === 0
    }

    /** The oldest cookie that is sought. */
    get oldest(): string | undefined {
        return this.#seeking[0]?.cookie
    }

    /** Whether no value of the batch has appeared. */
    get isMissed(): boolean {
        return this.oldest === this.#first
    }

    /** Whether the batch is one value that has not appeared. */
    get isLone(): boolean {
        return this.#seeking.length === 1 && this.isMissed
    }

    /**
     * Begins with values, whose cookies follow one.
     *
     * @returns The last cookie.
     */
    begin(bodies: readonly unknown[], cookie: string): string {
        const cookies = new Series(Monotonic.increment(cookie, 0))
        this.#seeking = bodies.map((body) => ({ cookie: cookies.next(), body, promise: null }))
        this.#base = null
        this.#first = this.oldest ?? cookie
        return this.#seeking.at(-1)?.cookie ?? cookie
    }

    /** The oldest is sought no longer. */
    shift(): void {
        this.#seeking.shift()
    }

    /** Nothing is sought any longer. Gives what was. */
    clear(): unknown[] {
        return this.#seeking.splice(0).map(({ body }) => body)
    }

    /**
     * Notes what the receipts tell. A batch is numbered without gaps, so those of the first and the
     * last entry tell all; if they do not, nothing is known of any.
     */
    number(receipts: Readonly<Record<string, Monotonic>>): void {
        const promise = own(receipts, this.#first)
        const { cookie } = this.#seeking.at(-1) ?? { cookie: this.#first }
        const last = promise && Monotonic.add(promise, Monotonic.distance(this.#first, cookie))
        if (promise !== undefined && own(receipts, cookie) === last) {
            this.#base = { cookie: this.#first, promise }
            return
        }
        for (const sought of this.#seeking) {
            sought.promise = null
        }
        this.#base = null
    }

    /** Notes the promise of each. */
    #spell(): void {
        const { oldest } = this
        if (this.#base !== null && oldest !== undefined) {
            const numbers = new Series(promiseOf(this.#base, oldest))
            for (const sought of this.#seeking) {
                sought.promise = numbers.next()
            }
        }
        this.#base = null
    }

    /** Notes the promise of each, as far as a government has renumbered it. */
    remap(map: Readonly<Record<Monotonic, Monotonic>>): void {
        this.#spell()
        for (const sought of this.#seeking) {
            sought.promise = own(map, sought.promise ?? '') ?? sought.promise
        }
    }

    /** Whether a log is past any. Numbers rise, so the oldest tells, where all have numbers. */
    isOvertaken(seen: Monotonic | null): boolean {
        const [oldest] = this.#seeking
        if (oldest === undefined) {
            return false
        }
        if (this.#base !== null) {
            return isOvertaken(seen, promiseOf(this.#base, oldest.cookie))
        }
        return (
            isOvertaken(seen, oldest.promise) ||
            this.#seeking.some(({ promise }) => promise === null)
        )
    }

    /** All that is sought. */
    state(): Pick<IslanderState, 'seeking' | 'first'> {
        this.#spell()
        return { seeking: this.#seeking.map((sought) => ({ ...sought })), first: this.#first }
    }

    /** Goes on from a state. */
    recall({ seeking, first }: Pick<IslanderState, 'seeking' | 'first'>): void {
        this.#seeking = seeking.map((sought) => ({ ...sought, body: copyAndFreeze(sought.body) }))
        this.#first = first
    }
}
