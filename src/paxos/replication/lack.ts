import { Monotonic } from '../../base/monotonic.js'

/** The written form: the entries that the member knows to lack. */
export interface LackState {
    /** The member's commit mark when the member heard of the entries. */
    readonly after: Monotonic
    /** The highest commit mark that a feeder has told. */
    readonly through: Monotonic
    /** The instant since which the member's commit mark has rested at `after`. */
    readonly since: number
    /** A feeder under a later government no longer holds the entries. */
    readonly isTrimmed: boolean
}

/**
 * The committed entries that a feeder has told of and that the member lacks. The word of a leader
 * may reach the member through a feeder that cannot send the entries, so the word alone proves no
 * feeding: only progress of the commit mark does.
 */
export class Lack {
    #state: LackState | null = null

    /** Takes the commit mark of a feeder, after the member has taken the feeder's entries. */
    hear(committed: Monotonic, through: Monotonic, now: number): void {
        const known = this.#lasting(committed)
        const furthest = known !== null && Monotonic.compare(known.through, through) > 0
            ? known.through
            : through
        this.#state = Monotonic.compare(furthest, committed) <= 0 ? null : {
            after: committed,
            through: furthest,
            since: known?.since ?? now,
            isTrimmed: known?.isTrimmed ?? false
        }
    }

    /**
     * Takes the word of a feeder that it no longer holds the entries.
     *
     * @returns Whether the word is the first one since the last progress.
     */
    hearTrimmed(committed: Monotonic): boolean {
        const known = this.#lasting(committed)
        if (known === null || known.isTrimmed) {
            return false
        }
        this.#state = { ...known, isTrimmed: true }
        return true
    }

    /** For how long the member has lacked entries without any progress; 0 without a lack. */
    lastsMs(committed: Monotonic, now: number): number {
        const known = this.#lasting(committed)
        return known === null ? 0 : now - known.since
    }

    /** Whether a feeder under a later government no longer holds the entries. */
    isTrimmed(committed: Monotonic): boolean {
        return this.#lasting(committed)?.isTrimmed === true
    }

    /** Forgets the lack: the member has a new process. */
    forget(): void {
        this.#state = null
    }

    /** The lack, if the commit mark has made no progress since; `null` otherwise. */
    #lasting(committed: Monotonic): LackState | null {
        return this.#state?.after === committed ? this.#state : null
    }

    /** The written form; `null` without a lack. */
    state(): LackState | null {
        return this.#state
    }

    /** Restores a written form. */
    static restore(state: LackState | null): Lack {
        const lack = new Lack()
        lack.#state = state
        return lack
    }
}
