import { Monotonic } from '../base/monotonic.js'

/** A call that waits for an entry to be applied. */
interface Waiter {
    readonly promise: Monotonic
    resolve(): void
    reject(error: Error): void
}

/** The last applied entry, and the calls that wait for later entries. */
export class AppliedPosition {
    #position: Monotonic = '0/0'
    /** Sorted by promise. The waiters before index `#next` are already resolved. */
    #waiting: Waiter[] = []
    #next = 0
    #closedBy: Error | null = null
    /** Called after each step. */
    onAdvance: () => void = () => {}

    /** The promise of the last applied entry. */
    get position(): Monotonic {
        return this.#position
    }

    /** Resolves once an entry is applied. Rejects with the error given to `close`. */
    wait(promise: Monotonic): Promise<void> {
        if (Monotonic.compare(promise, this.#position) <= 0) {
            return Promise.resolve()
        }
        if (this.#closedBy !== null) {
            return Promise.reject(this.#closedBy)
        }
        return new Promise((resolve, reject) => {
            this.#waiting.splice(this.#indexFor(promise), 0, { promise, resolve, reject })
        })
    }

    /**
     * The index after all waiters for the same or an earlier promise. The search begins at the end:
     * a new waiter usually has the latest promise.
     */
    #indexFor(promise: Monotonic): number {
        let place = this.#waiting.length
        while (place > this.#next) {
            const other = this.#waiting[place - 1]
            if (other === undefined || Monotonic.compare(other.promise, promise) <= 0) {
                break
            }
            place--
        }
        return place
    }

    /** Called when an entry is applied: resolves the waiters for this and earlier entries. */
    advance(promise: Monotonic): void {
        this.#position = promise
        for (;;) {
            const waiter = this.#waiting[this.#next]
            if (waiter === undefined || Monotonic.compare(waiter.promise, promise) > 0) {
                break
            }
            this.#next++
            waiter.resolve()
        }
        if (this.#next === this.#waiting.length && this.#next !== 0) {
            this.#waiting = []
            this.#next = 0
        }
        this.onAdvance()
    }

    /** No further entry will be applied: all waiters reject. */
    close(error: Error): void {
        this.#closedBy ??= error
        const waiting = this.#waiting.slice(this.#next)
        this.#waiting = []
        this.#next = 0
        for (const { reject } of waiting) {
            reject(error)
        }
    }
}
