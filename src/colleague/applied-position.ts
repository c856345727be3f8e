import { Monotonic } from '../base/monotonic.js'

/** Who waits for an entry to be applied. */
interface Waiter {
    readonly promise: Monotonic
    resolve(): void
    reject(error: Error): void
}

/** How far something has come, and who waits for it to come further. */
export class AppliedPosition {
    #position: Monotonic = '0/0'
    /** By promise. Those before `#next` have been told. */
    #waiting: Waiter[] = []
    #next = 0
    #closedBy: Error | null = null

    /** The last promise that was reached. */
    get position(): Monotonic {
        return this.#position
    }

    /** Resolves once a promise is reached. Rejects with what ends it. */
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

    /** Behind all that wait for the same or less. Who comes later mostly waits for later. */
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

    /** A promise is reached, and with it all before it. */
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
    }

    /** Nothing more is reached. */
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
