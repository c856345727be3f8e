import { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'

/** A publish under way that expects the results of its entries. */
export interface Claim {
    /** Number of entries. */
    readonly count: number
}

/** A callback that waits for the result of a committed entry that is not applied yet. */
type Waiter<Result> = (error: Error | null, result?: Result) => void

/**
 * Matches the application's results with the publishes of this member.
 *
 * 1. The entries of a member appear in the order of its publishes. So when the oldest claim
 *    collects its results, no claim expects an older result, and the older results are dropped.
 * 2. While there is no claim, no result is kept.
 */
export class Results<Result> {
    /** Ordered by age, the oldest claim first. */
    readonly #claims = new Set<Claim>()
    readonly #results = new Map<Monotonic, Result>()
    readonly #waiting = new Map<Monotonic, Waiter<Result>>()
    /** A received state contains the entries through this one: these entries have no result. */
    #skippedThrough: Monotonic = '0/0'
    #closedBy: Error | null = null

    /** Number of results that no publish has collected yet. */
    get size(): number {
        return this.#results.size
    }

    /** Registers a publish before its call: from then on results are kept. */
    claim(count: number): Claim {
        const claim = Object.freeze({ count })
        this.#claims.add(claim)
        return claim
    }

    /** Removes a claim, for example after the publish was refused. */
    cancel(claim: Claim): void {
        this.#claims.delete(claim)
        if (this.#claims.size === 0) {
            this.#results.clear()
        }
    }

    /**
     * Calls back with the results of entries in order, after the application has applied all of
     * them; at once if all are applied. Removes the claim.
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

    /** Called with the result of an applied entry of this member. */
    add(promise: Monotonic, result: Result): void {
        const waiter = this.#waiting.get(promise)
        if (waiter !== undefined) {
            this.#waiting.delete(promise)
            waiter(null, result)
        } else if (this.#claims.size !== 0) {
            this.#results.set(promise, result)
        }
    }

    /** Called after a state transfer: the state contains the entries through a promise. */
    skipThrough(through: Monotonic): void {
        this.#skippedThrough = through
        for (const [promise, waiter] of this.#waiting) {
            if (Monotonic.compare(promise, through) <= 0) {
                this.#waiting.delete(promise)
                waiter(skipped(promise))
            }
        }
    }

    /** No further result will come: all waiting callbacks receive the error. */
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
        `The value is in the log as ${promise} and in the state of this member. The application ` +
            'was too slow to apply the entry and has taken over the state of another member, so ' +
            'there is no result. Nothing is lost; do not publish the value again.'
    )
}
