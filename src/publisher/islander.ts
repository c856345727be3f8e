import Procession from 'procession'
import { Backlog } from './backlog.js'
import { BatchBackoff } from './batch-backoff.js'
import type {
    Dispatch, IslanderHealth, IslanderState, Receipts, Settlement, Sought
} from './islander-types.js'
import { assertState, STATE_VERSION } from '../base/state-version.js'
import { Monotonic } from '../base/monotonic.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { isOvertaken, SentBatch } from './sent-batch.js'

/**
 * The client session of one publisher. The Islander sends one batch, waits until every value of the
 * batch has appeared in the log, and then sends the values that gathered in the meantime. Receipts
 * are hints; only the log decides. If values may be lost, the Islander sends a *flush*: an entry
 * without a body, with a cookie above all earlier cookies. A leader takes no cookie at or below a
 * cookie that the leader has taken, so when the flush appears, every value that has not appeared
 * never will, and the Islander sends these values again. (Raft thesis, section 6.3.)
 *
 * 1. While the publisher lives, a publish is in the log exactly once; otherwise at most once.
 * 2. Publishes appear in publish order.
 * 3. Nothing is sent before the publisher's own admission has appeared in the log.
 * 4. After two failures in a row, the next try waits for `retry`, and batches shrink.
 */
export class Islander {
    /** The id of the publisher. */
    readonly id: string
    /** The dispatches for the leader. */
    readonly outbox: Procession<Dispatch> = new Procession()
    #immigrated: Monotonic | null = null
    #cookie = '0'
    readonly #backlog = new Backlog()
    readonly #batch = new SentBatch()
    /** The cookie of the flush that has not appeared in the log; `null` without a flush. */
    #flush: string | null = null
    /** The cookie of the dispatch without receipts so far. */
    #awaited: string | null = null
    /** The cookie of the dispatch without receipts at the last `retry`. */
    #overdue: string | null = null
    #failures = 0
    readonly #backoff = new BatchBackoff()
    #seen: Monotonic | null = null

    constructor(id: string) {
        this.id = String(id)
    }

    /** The newest ticket. */
    get tickets(): number {
        return this.#backlog.tickets
    }

    /** The number of times that the delay before `retry` has doubled. */
    get failures(): number {
        return this.isPaused ? this.#backoff.doublings : this.#failures
    }

    /** Whether values wait for `retry` although no batch was sent. */
    get isPaused(): boolean {
        return this.#backoff.isPausing && this.#batch.isEmpty && this.#backlog.size !== 0
    }

    /** The numbers of values that have not appeared in the log. */
    health(): IslanderHealth {
        return { waiting: this.#batch.values.length, pending: this.#backlog.size }
    }

    /** Publishes a value; `null` is a barrier. Returns the ticket of the value. */
    publish(body: unknown): number {
        return this.publishAll([body])
    }

    /** Publishes values in order. Returns the ticket of the last value. */
    publishAll(bodies: readonly unknown[]): number {
        this.#backlog.add(bodies)
        this.#sendNextBatch()
        return this.tickets
    }

    /** Removes and returns the publishes that have settled since the last call, oldest first. */
    takeSettled(): readonly Settlement[] {
        return this.#backlog.takeSettled()
    }

    /**
     * Takes the receipts of a dispatch, by cookie; `null` if no leader took the dispatch.
     *
     * @param refused The status, if the dispatch was refused; `null` if it was lost. @default null
     */
    sent(cookie: string, receipts: Receipts | null, refused: string | null = null): void {
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
            this.#flush = isOvertaken(this.#seen, receipts[cookie]) ? null : cookie
        } else {
            this.#batch.takeReceipts(receipts)
            this.#backoff.raiseLimit()
        }
        if (this.#flush === null && this.#batch.isOvertaken(this.#seen)) {
            this.#sendFlush()
        }
    }

    /** The cookie of the dispatch without receipts so far; `null` if there is none. */
    get awaited(): string | null {
        return this.#awaited
    }

    /** Whether `retry` is due later: dispatches failed, receipts are missing, or values wait. */
    get isWaiting(): boolean {
        return this.#awaited !== null || this.#failures > 1 || this.isPaused
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
        this.#sendNextBatch(true)
    }

    /** Counts a failed dispatch. A failed flush says nothing about the size of batches. */
    #countFailure(refused: string | null): void {
        this.#failures++
        if (this.#flush === null) {
            this.#backoff.countFailure(this.#batch, refused)
        }
    }

    /** Takes the next entry of the log. Entries come in order, each once. */
    push(entry: Pick<LogEntry, 'method' | 'promise' | 'body'>): void {
        this.#seen = entry.promise
        const { body } = entry
        if ('majority' in body) {
            this.#backoff.noteGovernment(body)
            if (body.immigrate?.id === this.id && this.#immigrated === null) {
                this.#immigrated = entry.promise
                this.#sendNextBatch()
            }
            this.#remap(body.map)
        } else if (body.id === this.id && body.immigrated === this.#immigrated) {
            this.#onOwnEntry(body.cookie, entry.promise)
        }
    }

    /** The complete state between two inputs, without `outbox` and outcomes to take. */
    state(): IslanderState {
        return {
            version: STATE_VERSION,
            id: this.id,
            immigrated: this.#immigrated,
            cookie: this.#cookie,
            ...this.#backlog.state(),
            ...this.#batch.state(),
            flush: this.#flush,
            awaited: this.#awaited,
            overdue: this.#overdue,
            failures: this.#failures,
            backoff: this.#backoff.state(),
            seen: this.#seen
        }
    }

    /** Makes an Islander from a state of this version. The outbox is empty. */
    static restore(state: IslanderState): Islander {
        const islander = new Islander(state.id)
        islander.recall(state)
        return islander
    }

    /** Restores a state. This Islander must be new. */
    recall(state: IslanderState): void {
        assertState(state, this.state())
        this.#immigrated = state.immigrated
        this.#cookie = state.cookie
        this.#backlog.recall(state)
        this.#batch.recall(state)
        this.#flush = state.flush
        this.#awaited = state.awaited
        this.#overdue = state.overdue
        this.#failures = state.failures
        this.#backoff.recall(state.backoff)
        this.#seen = state.seen
    }

    #sendNextBatch(isDue: boolean = false): void {
        const mayGo = isDue || !this.#backoff.isPausing
        const isIdle = this.#batch.isEmpty && this.#immigrated !== null
        if (!mayGo || !isIdle || this.#backlog.size === 0) {
            return
        }
        const bodies = this.#backlog.take(this.#backoff.limit)
        this.#cookie = this.#batch.startBatch(bodies, this.#cookie)
        this.#flush = null
        this.#dispatch(this.#batch.values)
    }

    #dispatch(messages: readonly Pick<Sought, 'cookie' | 'body'>[]): void {
        const { id } = this
        const immigrated = this.#immigrated ?? '0/0'
        this.#awaited = this.#cookie
        this.outbox.push({
            cookie: this.#cookie,
            messages: messages.map(({ cookie, body }) =>
                Object.freeze({ id, cookie, body, promise: null, immigrated })
            )
        })
    }

        #sendFlush(): void {
        if (this.#batch.isEmpty) {
            return
        }
        this.#cookie = Monotonic.increment(this.#cookie, 0)
        this.#flush = this.#cookie
        this.#dispatch([{ cookie: this.#flush, body: null }])
    }

    #remap(map: Readonly<Record<Monotonic, Monotonic>> | null): void {
        if (map === null) {
            this.#backoff.endPause()
        }
        if (this.#batch.isEmpty) {
            this.#sendNextBatch()
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
        const isLost = this.#batch.isOvertaken(this.#seen)
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

    #onOwnEntry(cookie: string, promise: Monotonic): void {
        if (cookie === this.#flush) {
            // A value that was sent before the flush and has not appeared never will.
            this.#countMiss()
            this.#backlog.putBack(this.#batch.takeAll())
            this.#flush = null
            this.#awaited = null
            this.#failures = 0
            this.#sendNextBatch()
            return
        }
        if (cookie === this.#batch.oldest) {
            this.#settleOldest(promise)
            if (this.#batch.isEmpty) {
                this.#failures = 0
                this.#backoff.countAppeared(this.#awaited !== null)
                this.#sendNextBatch()
            }
        }
    }
}
