import { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'

/** One who has published, and wants to know what the application says to it. */
export interface Claim {
    /** How many entries it is about. */
    readonly count: number
}

/** Who waits for the result of an entry that is in the log and is not applied yet. */
type Waiter<Result> = (error: Error | null, result?: Result) => void

/**
 * Brings what the application says to an entry back to whoever published it.
 *
 * 1. Entries of one member come in the order of its publishes. So when the oldest claim is
 *    settled, a result that is older than its entries belongs to nobody, and is dropped.
 * 2. Without a claim nothing is kept.
 */
export class Results<Result> {
    /** Oldest first. */
    readonly #claims = new Set<Claim>()
    readonly #results = new Map<Monotonic, Result>()
    readonly #waiting = new Map<Monotonic, Waiter<Result>>()
    /** Entries through this one that nobody has told a result of have none. */
    #skippedThrough: Monotonic = '0/0'
    #closedBy: Error | null = null

    /** How many results are kept for who may ask. */
    get size(): number {
        return this.#results.size
    }

    /** Announces a publish, before it is made. */
    claim(count: number): Claim {
        const claim = Object.freeze({ count })
        this.#claims.add(claim)
        return claim
    }

    /** Takes a claim back: it was aborted, or refused. */
    cancel(claim: Claim): void {
        this.#claims.delete(claim)
        if (this.#claims.size === 0) {
            this.#results.clear()
        }
    }

    /**
     * Yields what the application says to entries, once it has said it to all of them. It calls
     * back at once where it has.
     */
    collect(
        claim: Claim,
        promises: readonly Monotonic[],
        callback: (error: Error | null, results: readonly Result[]) => void
    ): void {
        const [oldest] = this.#claims
        const [first] = promises
        if (oldest === claim && first !== undefined) {
            this.#dropBefore(first)
        }
        const results: Result[] = []
        let missing = promises.length
        for (const [index, promise] of promises.entries()) {
            this.#waitForResult(promise, (error, result) => {
                results[index] = result as Result
                missing--
                if (error !== null) {
                    callback(error, [])
                } else if (missing === 0) {
                    callback(null, results)
                }
            })
        }
        this.cancel(claim)
    }

    #waitForResult(promise: Monotonic, waiter: Waiter<Result>): void {
        if (this.#results.has(promise)) {
            const result = this.#results.get(promise)
            this.#results.delete(promise)
            waiter(null, result)
        } else if (this.#closedBy !== null) {
            waiter(this.#closedBy)
        } else if (Monotonic.compare(promise, this.#skippedThrough) <= 0) {
            waiter(skipped(promise))
        } else {
            this.#waiting.set(promise, waiter)
        }
    }

    #dropBefore(before: Monotonic): void {
        for (const promise of this.#results.keys()) {
            if (Monotonic.compare(promise, before) >= 0) {
                return
            }
            this.#results.delete(promise)
        }
    }

    /** The application has said something to an entry of this member. */
    add(promise: Monotonic, result: Result): void {
        const waiter = this.#waiting.get(promise)
        if (waiter !== undefined) {
            this.#waiting.delete(promise)
            waiter(null, result)
        } else if (this.#claims.size !== 0) {
            this.#results.set(promise, result)
        }
    }

    /** The application has taken over a state that entries through a promise are part of. */
    skipThrough(through: Monotonic): void {
        this.#skippedThrough = through
        for (const [promise, waiter] of this.#waiting) {
            if (Monotonic.compare(promise, through) <= 0) {
                this.#waiting.delete(promise)
                waiter(skipped(promise))
            }
        }
    }

    /** The application says nothing any more. */
    close(error: Error): void {
        this.#closedBy ??= error
        const waiting = [...this.#waiting.values()]
        this.#waiting.clear()
        for (const waiter of waiting) {
            waiter(error)
        }
    }
}

function skipped(promise: Monotonic): KibitzError {
    return new KibitzError(
        'trimmed',
        `The value is in the log as ${promise} and in the state of this member, but the ` +
            'application here was too slow and took over the state of another member: it has not ' +
            'applied the entry itself, so there is no result. Nothing is lost; do not publish ' +
            'the value again.'
    )
}
