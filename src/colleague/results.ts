import { Monotonic } from '../monotonic.js'

/** One who has published, and wants to know what the application says to it. */
export interface Claim {
    /** How many entries it is about. */
    readonly count: number
}

/** Who waits for the result of an entry that is in the log and is not applied yet. */
interface Waiter<Result> {
    resolve(result: Result): void
    reject(error: Error): void
}

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
    #end: Error | null = null

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
    waive(claim: Claim): void {
        this.#claims.delete(claim)
        if (this.#claims.size === 0) {
            this.#results.clear()
        }
    }

    /** What the application says to entries, once it has said it to all of them. */
    settle(claim: Claim, promises: readonly Monotonic[]): Promise<readonly Result[]> {
        const [oldest] = this.#claims
        const [first] = promises
        if (oldest === claim && first !== undefined) {
            this.#forget(first)
        }
        const results = Promise.all(promises.map((promise) => this.#take(promise)))
        this.waive(claim)
        return results
    }

    #take(promise: Monotonic): Promise<Result> {
        if (this.#results.has(promise)) {
            const result = this.#results.get(promise) as Result
            this.#results.delete(promise)
            return Promise.resolve(result)
        }
        if (this.#end !== null) {
            return Promise.reject(this.#end)
        }
        return new Promise((resolve, reject) => {
            this.#waiting.set(promise, { resolve, reject })
        })
    }

    #forget(before: Monotonic): void {
        for (const promise of this.#results.keys()) {
            if (Monotonic.compare(promise, before) >= 0) {
                return
            }
            this.#results.delete(promise)
        }
    }

    /** The application has said something to an entry of this member. */
    put(promise: Monotonic, result: Result): void {
        const waiter = this.#waiting.get(promise)
        if (waiter !== undefined) {
            this.#waiting.delete(promise)
            waiter.resolve(result)
        } else if (this.#claims.size !== 0) {
            this.#results.set(promise, result)
        }
    }

    /** The application says nothing any more. */
    close(error: Error): void {
        this.#end ??= error
        for (const { reject } of this.#waiting.values()) {
            reject(error)
        }
        this.#waiting.clear()
    }
}
