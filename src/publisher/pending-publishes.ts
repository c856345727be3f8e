import { KibitzError } from '../base/errors.js'
import type { Settlement } from './islander-types.js'
import type { Monotonic } from '../base/monotonic.js'
import { Fifo } from '../base/queues.js'
import { onAbort } from '../base/abort-signal.js'

/** Where a publish has gone. */
export interface Publication {
    /** The number of its entry in the log. */
    readonly promise: Monotonic
}

/** One promise for what was published at once. */
interface Waiting {
    readonly first: number
    /** The ticket of the last of them. */
    readonly last: number
    readonly weight: number
    readonly signal: AbortSignal | undefined
    /** Those that have appeared, in order; `null` before there is one. */
    appeared: Publication[] | null
    /** Nobody waits any more: the wait was aborted. */
    isOver: boolean
    /** Keeps the promise, with what `conclude` makes of it. */
    readonly resolve: (result: unknown) => void
    readonly reject: (error: KibitzError) => void
    readonly conclude: (publications: readonly Publication[]) => unknown
    readonly publication: Promise<unknown>
    /** Ends the wait for the signal; `null` where there is none. */
    forget: (() => void) | null
}

/** Which tickets are waited for. */
interface Wait {
    readonly first: number
    readonly count: number
    /** About how many bytes they take. */
    readonly weight: number
    readonly signal: AbortSignal | undefined
}

/** What a publish rejects with whose signal aborts. */
export function endOfWait(signal: AbortSignal): KibitzError {
    return new KibitzError(
        'aborted',
        'The wait for a publish was aborted. The entry may still appear in the log; look there ' +
            'before publishing it again.',
        { cause: signal.reason }
    )
}

/** What a publish rejects with whose value was refused on the way, again and again. */
function undeliverable(status: string): KibitzError {
    return new KibitzError(
        'undeliverable',
        `The leader, or a proxy on the way, has refused a published value with ${status} three ` +
            'times. The value is not in the log and will not appear; other values of the same ' +
            'call may. Publish another value, or correct the route, then publish the value again.'
    )
}

function nothing(): void {}

/** How the promise that was made last is kept or broken. */
const noted: { -readonly [Key in 'resolve' | 'reject']: Waiting[Key] } = {
    resolve: nothing, reject: nothing
}

/** Notes it. One function for all: there is a promise for each publish. */
function note<Result>(resolve: (result: Result) => void, reject: Waiting['reject']): void {
    // What it is called with is what `conclude` yields.
    noted.resolve = resolve as Waiting['resolve']
    noted.reject = reject
}

/**
 * The promises of what was published and has not appeared in the log yet. Tickets are settled in
 * their order.
 */
export class PendingPublishes {
    /** By their tickets, which rise. */
    readonly #waiting = new Fifo<Waiting>()
    #size = 0
    #weight = 0

    /** About how many bytes the publishes take that wait; many at once count until all are in. */
    get weight(): number {
        return this.#weight
    }

    /** How many publishes wait. */
    get size(): number {
        return this.#size
    }

    /**
     * A promise for so many tickets, the first of which is given. Who ignores its rejection is not
     * punished for it.
     *
     * An abort ends the waiting, not the publish: the entries may appear all the same.
     *
     * @param conclude What the promise is to yield.
     */
    wait<Result>(
        { first, count, weight, signal }: Wait,
        conclude: (publications: readonly Publication[]) => Result
    ): Promise<Result> {
        const last = first + count - 1
        const publication: Promise<Result> = new Promise(note)
        const waiting: Waiting = {
            first, last, weight, signal, appeared: null, isOver: false,
            resolve: noted.resolve, reject: noted.reject, conclude, publication, forget: null
        }
        if (signal !== undefined) {
            // A signal that takes no listener throws here, before anything has changed.
            waiting.forget = onAbort(signal, () => {
                // The entries may still appear, and take their room until they do.
                waiting.isOver = true
                breakOff(waiting, endOfWait(signal))
            })
        }
        this.#waiting.push(waiting)
        this.#size += count
        this.#weight += weight
        return publication
    }

    /**
     * Keeps the promises of what has appeared, and breaks those of values that were given up.
     *
     * @returns How many were kept.
     */
    settle(settlements: readonly Settlement[]): number {
        let kept = 0
        for (const { ticket, promise, refused } of settlements) {
            const waiting = this.#waiting.peek()
            if (waiting === undefined || waiting.first > ticket) {
                // Nobody has ever waited for it.
                continue
            }
            const appeared = add(waiting, promise)
            this.#size--
            if (refused !== undefined && !waiting.isOver) {
                waiting.isOver = true
                waiting.forget?.()
                breakOff(waiting, undeliverable(refused))
            }
            if (ticket === waiting.last) {
                this.#waiting.shift()
                this.#weight -= waiting.weight
                if (!waiting.isOver) {
                    waiting.forget?.()
                    waiting.resolve(waiting.conclude(appeared))
                    kept++
                }
            }
        }
        return kept
    }

    /** Breaks the promises of all that wait. */
    reject(error: KibitzError): void {
        this.#size = 0
        this.#weight = 0
        const waiting: Waiting[] = []
        for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
            waiting.push(next)
        }
        for (const one of waiting) {
            if (!one.isOver) {
                one.forget?.()
                breakOff(one, error)
            }
        }
    }
}

/** Adds to what has appeared, all of it. A list that grows is made for many, and most is alone. */
function add(waiting: Waiting, promise: Monotonic | null): readonly Publication[] {
    if (promise === null) {
        return waiting.appeared ?? []
    }
    const publication = Object.freeze({ promise })
    if (waiting.appeared === null) {
        waiting.appeared = [publication]
    } else {
        waiting.appeared.push(publication)
    }
    return waiting.appeared
}

/** Only what is broken has to be caught, and most is kept. */
function breakOff({ publication, reject }: Waiting, error: KibitzError): void {
    publication.catch(nothing)
    reject(error)
}
