import { Monotonic } from '../../base/monotonic.js'

/** Where a government begins, as far as it is held. */
interface Anchor {
    readonly promise: Monotonic
    readonly position: number
}

/** The word that all promises under one government begin with. */
function governmentWord(promise: Monotonic): string {
    return promise.slice(0, promise.indexOf('/'))
}

/**
 * Where each government of a log begins. Under one government promises count up by one, so a
 * promise tells its position, where that of the government is known: no index grows with the log.
 */
export class PromiseIndex {
    /** The first entry that was held of each government, by its word; oldest first. */
    readonly #governments = new Map<string, Anchor>()

    /** Notes the first entry of a government. */
    note(promise: Monotonic, position: number): void {
        this.#governments.set(governmentWord(promise), { promise, position })
    }

    /** Forgets the newest government. */
    drop(promise: Monotonic): void {
        this.#governments.delete(governmentWord(promise))
    }

    /** Where a promise lies if it is held at all; -1 where its government is not known. */
    positionOf(promise: Monotonic): number {
        const anchor = this.#governments.get(governmentWord(promise))
        return anchor === undefined
            ? -1
            : anchor.position + Monotonic.distance(anchor.promise, promise)
    }

    /** Forgets what lies before a position, but the government that it belongs to. */
    forget(position: number): void {
        let passed: string | null = null
        for (const [word, anchor] of this.#governments) {
            if (anchor.position > position) {
                break
            }
            if (passed !== null) {
                this.#governments.delete(passed)
            }
            passed = word
        }
    }
}
