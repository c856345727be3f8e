import { Monotonic } from '../base/monotonic.js'

/** The engine and the clock at the instant of a read. All instants are instants of `when`. */
export interface Moment {
    readonly now: number
    /** The number of times that the clock went back. Earlier instants then prove nothing. */
    readonly lapses: number
    /** The engine's last committed entry. */
    readonly committed: Monotonic
    /** `Contact.freshAt`: infinity at a leader that decides alone, `null` if unknown. */
    readonly freshAt: number | null
}

/**
 * The age of the state of one reader of the log. The engine's age holds for a reader that has
 * everything through the commit mark. For a reader that is behind, the last age holds whose commit
 * mark the reader has reached.
 */
export class ReaderAge {
    /** Every entry that any member had committed before this instant is in the reader's state. */
    #freshAt: number | null = null
    /** A later instant, which holds once the reader has the entry. */
    #awaited: { readonly promise: Monotonic; readonly freshAt: number } | null = null
    #lapses = 0

    /**
     * The age of a state that contains the log through a position, in milliseconds; `null` if
     * unknown. The position of a reader never falls.
     */
    ageAt(position: Monotonic, { now, lapses, committed, freshAt }: Moment): number | null {
        if (lapses !== this.#lapses) {
            this.#lapses = lapses
            this.#freshAt = null
            this.#awaited = null
        }
        if (this.#awaited !== null && Monotonic.compare(this.#awaited.promise, position) <= 0) {
            this.#raise(this.#awaited.freshAt)
            this.#awaited = null
        }
        const isLevel = Monotonic.compare(committed, position) <= 0
        // A millisecond that has begun counts as a whole.
        const at = freshAt === null ? null : Math.min(freshAt, now - 1)
        if (at !== null && isLevel) {
            this.#raise(at)
        } else if (at !== null) {
            this.#awaited ??= { promise: committed, freshAt: at }
        }
        if (isLevel && freshAt === Number.POSITIVE_INFINITY) {
            return 0
        }
        return this.#freshAt === null ? null : now - this.#freshAt
    }

    #raise(freshAt: number): void {
        this.#freshAt = Math.max(this.#freshAt ?? freshAt, freshAt)
    }
}
