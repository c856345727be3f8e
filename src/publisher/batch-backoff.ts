import type { BackoffState } from './islander-types.js'
import type { SentBatch } from './sent-batch.js'

/** How many entries one batch carries at most. */
export const BATCH_ENTRIES = 512

/** After so many refusals of a lone value, the value is given up. */
const REFUSALS_MAX = 3

/** After so many misses in a row, the next batch waits. */
const MISSES_MIN = 2

/** More misses in a row make no further difference. */
const MISSES_MAX = 16

/**
 * Makes a publisher's batches smaller and rarer while batches fail. A *miss* is a flush that has
 * appeared in the log, while no value of the batch before the flush has.
 *
 * 1. A failed batch limits the next batch to half its size, down to a lone value. A taken batch
 *    raises the limit by a quarter, up to 512 entries. The failure of a lone value says nothing of
 *    larger batches.
 * 2. From the second miss in a row on, the next batch waits. The delay is the shortest while the
 *    batches shrink, and doubles while a lone value fails.
 * 3. If a lone value was refused three times, and a flush appeared after each time, the value is
 *    certainly not in the log, and the publisher gives the value up.
 */
export class BatchBackoff {
    /** How many entries the next batch carries at most. */
    limit: number = BATCH_ENTRIES
    #misses = 0
    #refusals = 0
    #status: string | null = null

    /** Whether the next batch waits. */
    get isPausing(): boolean {
        return this.#misses >= MISSES_MIN
    }

    /** How often the delay of the next batch has doubled. */
    get doublings(): number {
        return Math.max(0, this.#misses - MISSES_MIN)
    }

    /** Notes that a batch has failed, and with which status if the batch was refused. */
    fail({ isLone, values }: Pick<SentBatch, 'isLone' | 'values'>, refused: string | null): void {
        if (values.length > 1) {
            this.limit = values.length >> 1
        }
        if (isLone && refused !== null) {
            this.#refusals++
            this.#status = refused
        }
    }

    /** Notes that the leader has taken a batch. */
    succeed(): void {
        this.limit = Math.min(BATCH_ENTRIES, this.limit + Math.ceil(this.limit / 4))
    }

    /**
     * Notes a miss.
     *
     * @returns The status, if the batch is a lone value that is given up; else `null`.
     */
    miss({ isLone }: Pick<SentBatch, 'isLone'>): string | null {
        this.#misses = Math.min(this.#misses + 1, isLone ? MISSES_MAX : MISSES_MIN)
        return isLone && this.#refusals >= REFUSALS_MAX ? this.#status : null
    }

    /**
     * Notes that the oldest value is settled. If the value was given up, the values behind it may
     * be refused as well, and wait for the shortest delay.
     */
    advance(isInLog: boolean): void {
        this.#misses = isInLog ? 0 : MISSES_MIN
        this.#refusals = 0
        this.#status = null
    }

    /** Ends the pause: another leader may take what the last one has not. */
    resume(): void {
        this.#misses = 0
    }

    /** All that later batches depend on. */
    state(): BackoffState {
        const { limit } = this
        return { limit, misses: this.#misses, refusals: this.#refusals, status: this.#status }
    }

    /** Goes on from a state. */
    recall({ limit, misses, refusals, status }: BackoffState): void {
        this.limit = limit
        this.#misses = misses
        this.#refusals = refusals
        this.#status = status
    }
}
