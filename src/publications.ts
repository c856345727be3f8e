import { KibitzError } from './error.js'
import type { Settlement } from './dispatch.js'
import type { Monotonic } from './monotonic.js'

/** Where a publish has gone. */
export interface Publication {
    /** The number of its entry in the log. */
    readonly promise: Monotonic
}

/** One promise for what was published at once. */
interface Waiting {
    /** The ticket of the last of them. */
    readonly last: number
    readonly count: number
    readonly weight: number
    /** Those that have appeared, in order. */
    readonly appeared: Publication[]
    readonly resolve: (publications: readonly Publication[]) => void
    readonly reject: (error: KibitzError) => void
}

/** Which tickets are waited for. */
interface Wait {
    readonly first: number
    readonly count: number
    /** About how many bytes they take. */
    readonly weight: number
    readonly signal: AbortSignal | undefined
}

function endOfWait(signal: AbortSignal): KibitzError {
    return new KibitzError(
        'aborted',
        'The wait for a publish was aborted. The entry may still appear in the log; look there ' +
            'before publishing it again.',
        { cause: signal.reason }
    )
}

/**
 * The promises of what was published and has not appeared in the log yet. Tickets are settled in
 * their order.
 */
export class Publications {
    /** By the first ticket, ascending. */
    readonly #waiting = new Map<number, Waiting>()
    /** Of which some have appeared. */
    #begun: Waiting | null = null
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
        const publication = new Promise<Result>((resolve, reject) => {
            const last = first + count - 1
            const waiting: Waiting = {
                last,
                count,
                weight,
                appeared: [],
                resolve: (publications) => resolve(conclude(publications)),
                reject
            }
            this.#waiting.set(first, waiting)
            this.#size += count
            this.#weight += weight
            if (signal !== undefined) {
                this.#heed(signal, first, waiting)
            }
        })
        publication.catch(() => {})
        return publication
    }

    #heed(signal: AbortSignal, first: number, waiting: Waiting): void {
        const { resolve, reject } = waiting
        const onAbort = (): void => {
            if (this.#waiting.delete(first)) {
                this.#size -= waiting.count - waiting.appeared.length
                this.#weight -= waiting.weight
                reject(endOfWait(signal))
            }
        }
        if (signal.aborted) {
            onAbort()
            return
        }
        signal.addEventListener('abort', onAbort, { once: true })
        const done = (): void => signal.removeEventListener('abort', onAbort)
        this.#waiting.set(first, {
            ...waiting,
            resolve: (publications) => {
                done()
                resolve(publications)
            },
            reject: (error) => {
                done()
                reject(error)
            }
        })
    }

    /**
     * Keeps the promises of what has appeared.
     *
     * @returns How many were kept.
     */
    settle(settlements: readonly Settlement[]): number {
        let kept = 0
        for (const { ticket, promise } of settlements) {
            const waiting = this.#begun ?? this.#waiting.get(ticket)
            if (waiting === undefined) {
                // Nobody waits for it any more.
                continue
            }
            waiting.appeared.push(Object.freeze({ promise }))
            this.#begun = ticket === waiting.last ? null : waiting
            const first = waiting.last - waiting.count + 1
            if (this.#waiting.has(first)) {
                this.#size--
                if (ticket === waiting.last) {
                    this.#waiting.delete(first)
                    this.#weight -= waiting.weight
                    waiting.resolve(waiting.appeared)
                    kept++
                }
            }
        }
        return kept
    }

    /** Breaks the promises of all that wait. */
    reject(error: KibitzError): void {
        const waiting = [...this.#waiting.values()]
        this.#waiting.clear()
        this.#size = 0
        this.#weight = 0
        for (const { reject } of waiting) {
            reject(error)
        }
    }
}
