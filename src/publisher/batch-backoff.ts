import type { BackoffState } from './islander-types.js'
import type { SentBatch } from './sent-batch.js'

/** The maximum number of entries of one batch. */
export const BATCH_ENTRIES = 512

/** The number of refusals after which the publisher gives a lone value up. */
export const REFUSALS_MAX = 3

/** The number of misses in a row after which the next batch waits. */
const MISSES_MIN = 2

/** The count of misses stops here, and with it the doubling of the delay. */
const MISSES_MAX = 16

/**
 * Makes a publisher's batches smaller and rarer while batches fail. A *miss* is a flush that has
 * appeared in the log, while no value of the batch before the flush has.
 *
 * 1. A failed batch limits the next batch to half its size, down to a lone value. A taken batch
 *    raises the limit by a quarter, up to 512 entries. The failure of a lone value does not change
 *    the limit.
 * 2. From the second miss in a row on, the next batch waits. The delay is the shortest while the
 *    batches shrink, and doubles while a lone value fails.
 * 3. If a lone value was refused three times, and a flush appeared after each time, the value is
 *    certainly not in the log, and the publisher gives the value up.
 */
export class BatchBackoff {
    /** The maximum number of entries of the next batch. */
    limit: number = BATCH_ENTRIES
    #misses = 0
    #refusals = 0
    #status: string | null = null

    /** Whether the next batch waits. */
    get isPausing(): boolean {
        return this.#misses >= MISSES_MIN
    }

    /** The number of times that the delay of the next batch has doubled. */
    get doublings(): number {
        return Math.max(0, this.#misses - MISSES_MIN)
    }

    /**
     * Counts a failed batch.
     *
     * @param refused The status if the leader or a proxy refused the batch; `null` if the batch was
     * lost.
     */
    countFailure(
        { isLone, values }: Pick<SentBatch, 'isLone' | 'values'>,
        refused: string | null
    ): void {
        if (values.length > 1) {
            this.limit = values.length >> 1
        }
        if (isLone && refused !== null) {
            this.#refusals++
            this.#status = refused
        }
    }

    /** Raises the limit after the leader has taken a batch. */
    raiseLimit(): void {
        this.limit = Math.min(BATCH_ENTRIES, this.limit + Math.ceil(this.limit / 4))
    }

    /**
     * Counts a miss.
     *
     * @returns The status of the last refusal if the publisher gives a lone value up; else `null`.
     */
    countMiss({ isLone }: Pick<SentBatch, 'isLone'>): string | null {
        this.#misses = Math.min(this.#misses + 1, isLone ? MISSES_MAX : MISSES_MIN)
        return isLone && this.#refusals >= REFUSALS_MAX ? this.#status : null
    }

    /**
     * Resets the counts after the oldest value has settled. If the publisher gave the value up, the
     * next values may be refused as well, so the next batch waits for the shortest delay.
     */
    resetCounts(isInLog: boolean): void {
        this.#misses = isInLog ? 0 : MISSES_MIN
        this.#refusals = 0
        this.#status = null
    }

    /** Ends the pause after a collapse, because another leader may take the batch. */
    endPause(): void {
        this.#misses = 0
    }

    /** The state on which later batches depend. */
    state(): BackoffState {
        const { limit } = this
        return { limit, misses: this.#misses, refusals: this.#refusals, status: this.#status }
    }

    /** Restores a state. */
    recall({ limit, misses, refusals, status }: BackoffState): void {
        this.limit = limit
        this.#misses = misses
        this.#refusals = refusals
        this.#status = status
    }
}
