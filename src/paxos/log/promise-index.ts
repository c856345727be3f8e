import { Monotonic } from '../../base/monotonic.js'

/** The promise and the position of one entry of a government. */
interface Anchor {
    readonly promise: Monotonic
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

    /** Adds the first entry of a government. */
    add(promise: Monotonic, position: number): void {
        this.#governments.set(governmentNumber(promise), { promise, position })
    }

    /** Removes the government of a promise. */
    remove(promise: Monotonic): void {
        this.#governments.delete(governmentNumber(promise))
    }

    /**
     * The position of a promise, if the log holds the promise; -1 if its government is unknown. The
     * caller compares the entry at the position.
     */
    positionOf(promise: Monotonic): number {
        const anchor = this.#governments.get(governmentNumber(promise))
        return anchor === undefined
            ? -1
            : anchor.position + Monotonic.distance(anchor.promise, promise)
    }

    /**
     * Removes the governments before a position, except the government that the position belongs
     * to.
     */
    forget(position: number): void {
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
