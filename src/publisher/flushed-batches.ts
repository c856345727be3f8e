import type { Backlog } from './backlog.js'
import { BatchBackoff } from './batch-backoff.js'
import type { Dispatcher } from './dispatcher.js'
import type { FlushedBatchesState, Receipts } from './islander-types.js'
import { Monotonic } from '../base/monotonic.js'
import { isOvertaken, SentBatch } from './sent-batch.js'

/**
 * The publishes of a republic of version 1: one batch at a time. The publisher sends a batch, waits
 * until every value of the batch has appeared in the log, and then sends the values that gathered
 * in the meantime. Receipts are hints; only the log decides. If values may be lost, the publisher
 * sends a *flush*: an entry without a body, with a cookie above all earlier cookies. A leader takes
 * no cookie at or below a cookie that the leader has taken, so when the flush appears, every value
 * that has not appeared never will, and the publisher sends these values again under new cookies.
 *
 * After two failures in a row, the next try waits for `retry`, and batches shrink.
 */
export class FlushedBatches {
    /** No further batch begins: the publisher changes to identities. */
    isEnding = false
    readonly #dispatcher: Dispatcher
    readonly #backlog: Backlog
    readonly #batch = new SentBatch()
    /** The cookie of the flush that has not appeared in the log; `null` without a flush. */
    #flush: string | null = null
    /** The cookie of the dispatch without receipts so far. */
    #awaited: string | null = null
    /** The cookie of the dispatch without receipts at the last `retry`. */
    #overdue: string | null = null
    #failures = 0
    readonly #backoff = new BatchBackoff()

    constructor(dispatcher: Dispatcher, backlog: Backlog) {
        this.#dispatcher = dispatcher
        this.#backlog = backlog
    }

    /** The number of values that have not appeared in the log. */
    get waiting(): number {
        return this.#batch.values.length
    }

    /** The place of the value with a cookie among the sent values; -1 if there is none. */
    placeOf(cookie: string): number {
        return this.#batch.values.findIndex((value) => value.cookie === cookie)
    }

    /** The number of times that the delay before `retry` has doubled. */
    get failures(): number {
        return this.isPaused ? this.#backoff.doublings : this.#failures
    }

    /** Whether values wait for `retry` although no batch was sent. */
    get isPaused(): boolean {
        return this.#backoff.isPausing && this.#batch.isEmpty && this.#backlog.size !== 0
    }

    /** Whether `retry` is due later: dispatches failed, receipts are missing, or values wait. */
    get isWaiting(): boolean {
        return this.#awaited !== null || this.#failures > 1 || this.isPaused
    }

    /** The cookie of the dispatch without receipts so far; `null` if there is none. */
    get awaited(): string | null {
        return this.#awaited
    }

    /** Takes the receipts of a dispatch, by cookie; `null` if no leader took the dispatch. */
    sent(cookie: string, receipts: Receipts | null, refused: string | null,
        seen: Monotonic | null): void {
        if (this.#awaited !== cookie) {
            return
        }
        this.#awaited = null
        if (receipts === null) {
            this.#countFailure(refused)
            if (this.#failures === 1) {
                this.#sendFlush()
            }
            return
        }
        this.#failures = 0
        if (this.#flush === cookie) {
            this.#flush = isOvertaken(seen, receipts[cookie]) ? null : cookie
        } else {
            this.#batch.takeReceipts(receipts)
            this.#backoff.raiseLimit()
        }
        if (this.#flush === null && this.#batch.isOvertaken(seen)) {
            this.#sendFlush()
        }
    }

    /**
     * Tries again after the delay. If the receipts of a dispatch are missing at a second `retry`,
     * the dispatch counts as failed: the call that should bring the receipts is lost.
     */
    retry(): void {
        if (this.#awaited !== null) {
            if (this.#awaited !== this.#overdue) {
                this.#overdue = this.#awaited
                return
            }
            this.#awaited = null
            this.#countFailure(null)
        }
        if (this.#failures > 0) {
            this.#sendFlush()
        }
        this.sendNextBatch(true)
    }

    /** Counts a failed dispatch. A failed flush says nothing about the size of batches. */
    #countFailure(refused: string | null): void {
        this.#failures++
        if (this.#flush === null) {
            this.#backoff.countFailure(this.#batch, refused)
        }
    }

    /** The state on which later dispatches depend. */
    state(): FlushedBatchesState {
        return {
            ...this.#batch.state(),
            flush: this.#flush,
            awaited: this.#awaited,
            overdue: this.#overdue,
            failures: this.#failures,
            backoff: this.#backoff.state()
        }
    }

    /** Restores a state. */
    recall(state: FlushedBatchesState): void {
        this.#batch.recall(state)
        this.#flush = state.flush
        this.#awaited = state.awaited
        this.#overdue = state.overdue
        this.#failures = state.failures
        this.#backoff.recall(state.backoff)
    }

    /** Sends the next batch if no batch is under way. */
    sendNextBatch(isDue: boolean = false): void {
        const mayGo = !this.isEnding && (isDue || !this.#backoff.isPausing)
        const isIdle = this.#batch.isEmpty && this.#dispatcher.immigrated !== null
        if (!mayGo || !isIdle || this.#backlog.size === 0) {
            return
        }
        const bodies = this.#backlog.take(this.#backoff.limit)
        this.#dispatcher.cookie = this.#batch.startBatch(bodies, this.#dispatcher.cookie)
        this.#flush = null
        this.#awaited = this.#dispatcher.cookie
        this.#dispatcher.dispatch(this.#batch.values)
    }

    #sendFlush(): void {
        if (this.#batch.isEmpty) {
            return
        }
        const cookie = Monotonic.increment(this.#dispatcher.cookie, 0)
        this.#flush = cookie
        this.#awaited = cookie
        this.#dispatcher.cookie = cookie
        this.#dispatcher.dispatch([{ cookie, body: null }])
    }

    /** Takes the map of the next government of the log. */
    remap(map: Readonly<Record<Monotonic, Monotonic>> | null, seen: Monotonic): void {
        if (map === null) {
            this.#backoff.endPause()
        }
        if (this.#batch.isEmpty) {
            this.sendNextBatch()
            return
        }
        if (map === null) {
            // The collapse may have dropped the proposals and the dispatch on the way.
            this.#failures = 0
            this.#sendFlush()
            return
        }
        if (this.#awaited !== null && this.#flush === null) {
            // The receipts are still to come, and will show whether the log has overtaken them.
            return
        }
        this.#batch.remap(map)
        const isLost = this.#batch.isOvertaken(seen)
        if (isLost && this.#flush === null && this.#failures === 0) {
            this.#sendFlush()
        }
    }

    /** Counts a miss if no value of the batch has appeared before the flush. */
    #countMiss(): void {
        const refused = this.#batch.isMissed ? this.#backoff.countMiss(this.#batch) : null
        if (refused !== null) {
            this.#settleOldest(null, refused)
        }
    }

    /** Settles the oldest sent value. */
    #settleOldest(promise: Monotonic | null, refused?: string): void {
        this.#batch.removeOldest()
        this.#backlog.settle(promise, refused)
        this.#backoff.resetCounts(promise !== null)
    }

    /** Takes the next entry of the publisher from the log. */
    onOwnEntry(cookie: string, promise: Monotonic): void {
        if (cookie === this.#flush) {
            // A value that was sent before the flush and has not appeared never will.
            this.#countMiss()
            this.#backlog.putBack(this.#batch.takeAll())
            this.#flush = null
            this.#awaited = null
            this.#failures = 0
            this.sendNextBatch()
            return
        }
        if (cookie === this.#batch.oldest) {
            this.#settleOldest(promise)
            if (this.#batch.isEmpty) {
                this.#failures = 0
                this.sendNextBatch()
            }
        }
    }
}
