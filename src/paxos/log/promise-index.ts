import { Monotonic } from '../../base/monotonic.js'

/** The promise and the position of one entry of a government. */
interface Anchor {
    readonly promise: Monotonic
    /** The beginning of each promise of the government: `g/`. */
    readonly prefix: string
    readonly position: number
}

/** The government number of a promise: `g` in `g/e`. */
function governmentNumber(promise: Monotonic): string {
    return promise.slice(0, promise.indexOf('/'))
}

/**
 * Finds the position of a promise. Under one government promises count up by one, so one known
 * position per government is enough, and the index does not grow with the log.
 */
export class PromiseIndex {
    /** The first known entry of each government, by government number, oldest first. */
    readonly #governments = new Map<string, Anchor>()
    /** The anchor found last: successive promises mostly belong to one government. */
    #last: Anchor | null = null

    /** Adds the first entry of a government. */
    add(promise: Monotonic, position: number): void {
        const number = governmentNumber(promise)
        this.#governments.set(number, { promise, prefix: `${number}/`, position })
        this.#last = null
    }

    /** Removes the government of a promise. */
    remove(promise: Monotonic): void {
        this.#governments.delete(governmentNumber(promise))
        this.#last = null
    }

    /**
     * The position of a promise, if the log holds the promise; -1 if its government is unknown. The
     * caller compares the entry at the position.
     */
    positionOf(promise: Monotonic): number {
        if (this.#last === null || !promise.startsWith(this.#last.prefix)) {
            this.#last = this.#governments.get(governmentNumber(promise)) ?? null
        }
        return this.#last === null
            ? -1
            : this.#last.position + Monotonic.distance(this.#last.promise, promise)
    }

    /**
     * Removes the governments before a position, except the government that the position belongs
     * to.
     */
    forget(position: number): void {
        this.#last = null
        let passed: string | null = null
        for (const [number, anchor] of this.#governments) {
            if (anchor.position > position) {
                break
            }
            if (passed !== null) {
                this.#governments.delete(passed)
            }
            passed = number
        }
    }
}
