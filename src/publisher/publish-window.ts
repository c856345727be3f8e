import type { Backlog } from './backlog.js'
import { fillsBatch } from './batch.js'
import { BATCH_ENTRIES, REFUSALS_MAX } from './batch-backoff.js'
import type { Gathered } from './coalescing.js'
import type { Dispatcher } from './dispatcher.js'
import { Flights } from './flights.js'
import type { PublishWindowState, Receipts } from './islander-types.js'
import { Monotonic } from '../base/monotonic.js'
import { GAP, isIdentity } from '../base/publish-identity.js'
import { UnsettledPublishes } from './unsettled-publishes.js'

/** The maximum number of batches in flight. */
export const FLIGHTS_MAX = 4

/** The number of failures in a row after which the next batch waits for `retry`. */
const FAILURES_MIN = 2

/** The count of failures stops here, and with it the doubling of the delay. */
const FAILURES_MAX = 18

/**
 * The publishes of a republic of version 2 or above. Each publish has one identity `life/n`, fixed
 * at the publish and kept over every resubmission. (Raft thesis, section 6.3.) A leader takes an
 * identity only behind its predecessor, and skips an identity that it has, so the log shows a
 * prefix of the publishes, in order, each once. The log is the cumulative acknowledgement; several
 * batches are in flight, and after a loss the publisher goes back to the oldest lost batch.
 *
 * 1. `life` rises with each restart of the process. A restarted process may have forgotten its last
 *    publishes, so it never gives their identities to other values. The record by which a life
 *    began is on disk before a publish of the life leaves.
 * 2. Flights hold values of one life: the oldest life with a value that has not appeared. So no
 *    publish of a later life can overtake a publish that the disk has kept.
 * 3. Receipts only tell that a batch was taken. A value settles when its identity appears.
 * 4. The publisher goes back to the oldest batch that may be lost: after a failed dispatch, after
 *    the answer `gap` although the earlier batches were taken, after a collapse, and after a
 *    `retry` without progress since the last one. A batch whose answer is `gap` while an earlier
 *    batch is under way was only overtaken, and follows the earlier batch again.
 * 5. A failure makes the next batch half as large, and only one batch is in flight until a batch is
 *    taken or a value appears. From the second failure in a row on, the next batch waits for
 *    `retry`, and the delay doubles. A batch that has appeared raises the size by a quarter.
 * 6. If a lone oldest value was refused three times, the publisher gives the value up: it offers
 *    the identity without a body. The log decides which of both counts.
 */
export class PublishWindow {
    readonly #dispatcher: Dispatcher
    readonly #backlog: Backlog
    readonly #publishes = new UnsettledPublishes()
    readonly #flights = new Flights()
    /** The maximum number of entries of the next batch. */
    #limit: number = BATCH_ENTRIES
    /** The number of failures in a row, without a taken batch or a value that has appeared. */
    #failures = 0
    /** The number of failures since the last receipts. The log may outrun the receipts. */
    #unanswered = 0
    /** The number of refusals of the oldest value alone, and the last status. */
    #refusals = 0
    #status: string | null = null
    /** The identity of the oldest value is offered without a body. */
    #isGivenUp = false
    /** The oldest identity at the last `retry`; `null` if batches were sent again since. */
    #stalled: string | null = null

    constructor(dispatcher: Dispatcher, backlog: Backlog) {
        this.#dispatcher = dispatcher
        this.#backlog = backlog
    }

    /** The number of values in flight. */
    get waiting(): number {
        return this.#flights.values
    }

    /** The number of values that have not appeared and are not in flight. */
    get pending(): number {
        return this.#publishes.size - this.waiting
    }

    /** The place of the value with an identity among the unsettled values; -1 without one. */
    placeOf(identity: string): number {
        return isIdentity(identity) ? this.#publishes.placeOf(identity) : -1
    }

    /** The number of dispatches that have failed since the last receipts. */
    get failures(): number {
        return this.#unanswered
    }

    /** The number of times that the delay before `retry` has doubled. */
    get doublings(): number {
        return Math.max(0, this.#failures - FAILURES_MIN)
    }

    /**
     * Whether values that are not published yet should wait for a batch in flight: if the values
     * fill no batch, or if the maximum of batches is in flight.
     */
    isHolding(gathered: Gathered): boolean {
        const { size } = this.#flights
        const isWhole = fillsBatch(gathered, this.#limit)
        return size !== 0 && (!isWhole || size >= this.#flightsMax)
    }

    /** Whether values wait for `retry` although no batch is in flight. */
    get isPaused(): boolean {
        return this.#mayNotSend && this.#flights.size === 0 && this.#publishes.size !== 0
    }

    /** Whether `retry` is due later. */
    get isWaiting(): boolean {
        return this.#flights.size !== 0 || this.isPaused
    }

    get #mayNotSend(): boolean {
        return this.#failures >= FAILURES_MIN
    }

    get #flightsMax(): number {
        return this.#failures === 0 ? FLIGHTS_MAX : 1
    }

    /** Adds values behind all others, and sends what may be sent. */
    add(bodies: readonly unknown[]): void {
        this.#publishes.add(bodies)
        this.send()
    }

    /**
     * Sends batches while fewer than the maximum are in flight.
     *
     * @param isDue Whether the delay after the last failure is over. @default false
     */
    send(isDue: boolean = false): void {
        const mayGo = this.#dispatcher.immigrated !== null && (isDue || !this.#mayNotSend)
        while (mayGo && this.#flights.size < this.#flightsMax) {
            const messages = this.#publishes.batch(this.waiting, this.#limit)
            const [first] = messages
            if (first === undefined) {
                return
            }
            if (this.#isGivenUp && this.#publishes.isOldest(first.cookie)) {
                messages[0] = { cookie: first.cookie, body: null }
            }
            const cookie = Monotonic.add(this.#dispatcher.cookie, 1)
            this.#dispatcher.cookie = cookie
            this.#flights.add(cookie, messages.length)
            this.#dispatcher.dispatch(messages)
        }
    }

    /**
     * Takes the receipts of a dispatch; `null` if no leader took the dispatch.
     *
     * @param refused `gap`, or the status of a refusal; `null` if the dispatch was lost.
     */
    sent(cookie: string, receipts: Receipts | null, refused: string | null): void {
        if (receipts !== null) {
            this.#unanswered = 0
        }
        const at = this.#flights.indexOf(cookie)
        if (at === -1) {
            return
        }
        if (receipts !== null) {
            this.#flights.onAnswer(at, 'taken')
            this.#failures = 0
            this.#flights.dropOvertaken()
            this.send()
        } else if (refused !== GAP) {
            this.#fail(at, refused)
        } else {
            this.#flights.onAnswer(at, GAP)
            if (this.#flights.areTakenBefore(at)) {
                // The leader lacks batches that another leader took, or entries of this log.
                this.#fail(0, null)
            }
        }
    }

    /** Counts a failure, and goes back to the batch in flight at an index. */
    #fail(at: number, refused: string | null): void {
        const flight = this.#flights.at(at)
        if (flight !== undefined && flight.count > 1 && flight.answer === 'awaited') {
            this.#limit = flight.count >> 1
        }
        this.#failures = Math.min(this.#failures + 1, FAILURES_MAX)
        this.#unanswered = Math.min(this.#unanswered + 1, FAILURES_MAX)
        if (at === 0 && flight?.isLone === true && refused !== null && !this.#isGivenUp) {
            this.#countRefusal(refused)
        }
        this.#flights.dropFrom(at)
        this.#stalled = null
        this.send()
    }

    #countRefusal(status: string): void {
        this.#refusals++
        this.#status = status
        if (this.#refusals >= REFUSALS_MAX) {
            this.#isGivenUp = true
            this.#failures = 1
        }
    }

    /** Tries again after the delay. */
    retry(): void {
        const { cookie } = this.#publishes.oldest
        if (this.#flights.size !== 0) {
            if (this.#stalled !== cookie) {
                this.#stalled = cookie
                return
            }
            this.#fail(0, null)
        }
        this.send(true)
    }

    /** A collapse may have dropped every batch in flight. Another leader may take the batches. */
    onCollapse(): void {
        this.#startOver()
    }

    /** Begins a new life. The answers to all earlier calls are lost. */
    revive(sendsEarly: boolean): void {
        this.#dispatcher.beginLife(this.#publishes.beginLife(), sendsEarly)
        this.#startOver()
    }

    /** Forgets all failures, and goes back to the oldest batch. */
    #startOver(): void {
        this.#failures = 0
        this.#unanswered = 0
        this.#stalled = null
        this.#flights.dropFrom(0)
        this.send()
    }

    /** Takes the next entry of the publisher from the log. */
    onOwnEntry(cookie: string, promise: Monotonic, body: unknown): void {
        if (!this.#publishes.isOldest(cookie)) {
            // The cookie of a flush, or a publish that an earlier process had not on its disk.
            return
        }
        const value = this.#publishes.removeOldest()
        if (body === null && value !== null) {
            this.#backlog.settle(null, this.#status ?? 'unknown')
        } else {
            this.#backlog.settle(promise)
        }
        this.#onProgress()
    }

    #onProgress(): void {
        const hadFailed = this.#failures !== 0
        this.#failures = 0
        this.#refusals = 0
        this.#status = null
        this.#isGivenUp = false
        const isWhole = this.#flights.settleOldest()
        if (isWhole) {
            this.#limit = Math.min(BATCH_ENTRIES, this.#limit + Math.ceil(this.#limit / 4))
        }
        // The window has no more room than before while the values of a batch appear one by one.
        if (isWhole || hadFailed) {
            this.send()
        }
    }

    /** The values that have not appeared, oldest first. */
    get values(): readonly unknown[] {
        return this.#publishes.values
    }

    /** The state on which later dispatches depend, without the values. */
    state(): PublishWindowState {
        return {
            lives: this.#publishes.state(),
            flights: this.#flights.state(),
            limit: this.#limit,
            failures: this.#failures,
            unanswered: this.#unanswered,
            refusals: this.#refusals,
            status: this.#status,
            isGivenUp: this.#isGivenUp,
            stalled: this.#stalled
        }
    }

    /** Restores a state. This window must be new. */
    recall(state: PublishWindowState, values: readonly unknown[]): void {
        this.#publishes.recall(state.lives, values)
        this.#flights.recall(state.flights)
        this.#limit = state.limit
        this.#failures = state.failures
        this.#unanswered = state.unanswered
        this.#refusals = state.refusals
        this.#status = state.status
        this.#isGivenUp = state.isGivenUp
        this.#stalled = state.stalled
    }
}
