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
 * A publisher's side of the log: sends one batch, waits until all of it has appeared, then sends
 * what gathered meanwhile. A receipt is a hint, the log is the truth; when in doubt it sends a
 * *flush*, whose cookie is above all before it, and once that has appeared it sends again what has
 * not: a leader takes no cookie at or below one it has taken. (Raft thesis, section 6.3.)
 *
 * 1. A publish is in the log exactly once while the publisher lives, at most once otherwise.
 * 2. Publishes appear in the order in which they were made.
 * 3. It waits with everything until it has seen its own admission.
 * 4. After two failures in a row a try waits for `retry`; batches shrink, as `Backoff` says.
 */
export class Islander {
    /** The publisher's name. */
    readonly id: string
    /** What goes to the leader. */
    readonly outbox: Procession<Dispatch> = new Procession()
    #immigrated: Monotonic | null = null
    #cookie = '0'
    readonly #backlog = new Backlog()
    readonly #batch = new SentBatch()
    /** The cookie of the flush that is under way, or has been taken and is awaited in the log. */
    #flush: string | null = null
    /** The cookie whose receipts are awaited. */
    #awaited: string | null = null
    /** The cookie whose receipts were already awaited at the last `retry`. */
    #overdue: string | null = null
    #failures = 0
    readonly #backoff = new BatchBackoff()
    #seen: Monotonic | null = null

    constructor(id: string) {
        this.id = String(id)
    }

    /** The ticket that was given out last. */
    get tickets(): number {
        return this.#backlog.tickets
    }

    /** How often the delay before `retry` has doubled. */
    get failures(): number {
        return this.isPaused ? this.#backoff.doublings : this.#failures
    }

    /** Whether values wait until `retry`, though nothing is under way. */
    get isPaused(): boolean {
        return this.#backoff.isPausing && this.#batch.isEmpty && this.#backlog.size !== 0
    }

    /** How much waits where. */
    health(): IslanderHealth {
        return { waiting: this.#batch.values.length, pending: this.#backlog.size }
    }

    /** Takes a value for the log; `null` is a barrier. Returns the ticket of the value. */
    publish(body: unknown): number {
        return this.publishAll([body])
    }

    /** Takes values for the log, in order. Returns the ticket of the last, which others precede. */
    publishAll(bodies: readonly unknown[]): number {
        this.#backlog.add(bodies)
        this.#nudge()
        return this.tickets
    }

    /** The publishes that have appeared, or were given up, since the last call, oldest first. */
    takeSettled(): readonly Settlement[] {
        return this.#backlog.takeSettled()
    }

    /**
     * Takes the receipts of a dispatch, by cookie; `null` if no leader took the dispatch.
     *
     * @param refused The status, if the dispatch was refused and not lost. @default null
     */
    sent(cookie: string, receipts: Receipts | null, refused: string | null = null): void {
        if (this.#awaited !== cookie) {
            return
        }
        this.#awaited = null
        if (receipts === null) {
            this.#fail(refused)
            if (this.#failures === 1) {
                this.#doubt()
            }
            return
        }
        this.#failures = 0
        if (this.#flush === cookie) {
            this.#flush = isOvertaken(this.#seen, receipts[cookie]) ? null : cookie
        } else {
            this.#batch.number(receipts)
            this.#backoff.succeed()
        }
        if (this.#flush === null && this.#batch.isOvertaken(this.#seen)) {
            this.#doubt()
        }
    }

    /** The cookie of the dispatch whose receipts are awaited; `null` where none are. */
    get awaited(): string | null {
        return this.#awaited
    }

    /** Whether `retry` is wanted: a try came to nothing, or its receipts are still to come. */
    get isWaiting(): boolean {
        return this.#awaited !== null || this.#failures > 1 || this.isPaused
    }

    /**
     * Tries again: the delay after a failure is over. Receipts that are awaited a second time are
     * given up: whoever should have brought them has forgotten.
     */
    retry(): void {
        if (this.#awaited !== null) {
            if (this.#awaited !== this.#overdue) {
                this.#overdue = this.#awaited
                return
            }
            this.#awaited = null
            this.#fail(null)
        }
        if (this.#failures > 0) {
            this.#doubt()
        }
        this.#nudge(true)
    }

    /** Notes that a dispatch has failed. A flush tells nothing of the size that fits. */
    #fail(refused: string | null): void {
        this.#failures++
        if (this.#flush === null) {
            this.#backoff.fail(this.#batch, refused)
        }
    }

    /** Takes the next entry of the log. Entries come in order, each once. */
    push(entry: Pick<LogEntry, 'method' | 'promise' | 'body'>): void {
        this.#seen = entry.promise
        const { body } = entry
        if ('majority' in body) {
            if (body.immigrate?.id === this.id && this.#immigrated === null) {
                this.#immigrated = entry.promise
                this.#nudge()
            }
            this.#remap(body.map)
        } else if (body.id === this.id && body.immigrated === this.#immigrated) {
            this.#see(body.cookie, entry.promise)
        }
    }

    /**
     * All that any later output depends on, between two inputs. What still lies in `outbox` is left
     * out, and so is what `takeSettled` would give: whoever drives the Islander has taken it.
     */
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

    /** An Islander that continues from a state of this version. The outbox is empty. */
    static restore(state: IslanderState): Islander {
        const islander = new Islander(state.id)
        islander.recall(state)
        return islander
    }

    /** Goes on from a state; this Islander must be a new one. */
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

    #nudge(isDue: boolean = false): void {
        const mayGo = isDue || !this.#backoff.isPausing
        const isIdle = this.#batch.isEmpty && this.#immigrated !== null
        if (!mayGo || !isIdle || this.#backlog.size === 0) {
            return
        }
        const bodies = this.#backlog.take(this.#backoff.limit)
        this.#cookie = this.#batch.begin(bodies, this.#cookie)
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

    /** Some of what was sent may be lost. A flush tells. */
    #doubt(): void {
        if (this.#batch.isEmpty) {
            return
        }
        this.#cookie = Monotonic.increment(this.#cookie, 0)
        this.#flush = this.#cookie
        this.#dispatch([{ cookie: this.#flush, body: null }])
    }

    #remap(map: Readonly<Record<Monotonic, Monotonic>> | null): void {
        if (map === null) {
            this.#backoff.resume()
        }
        if (this.#batch.isEmpty) {
            this.#nudge()
            return
        }
        if (map === null) {
            // What was proposed may have been dropped, and so may what is still under way.
            this.#failures = 0
            this.#doubt()
            return
        }
        if (this.#awaited !== null && this.#flush === null) {
            // The receipts are still to come; they will show whether they were overtaken.
            return
        }
        this.#batch.remap(map)
        const isLost = this.#batch.isOvertaken(this.#seen)
        if (isLost && this.#flush === null && this.#failures === 0) {
            this.#doubt()
        }
    }

    /** Takes note of a batch of which nothing has appeared before the flush. */
    #miss(): void {
        const refused = this.#batch.isMissed ? this.#backoff.miss(this.#batch) : null
        if (refused !== null) {
            this.#settle({ promise: null, refused })
        }
    }

    /** Settles the oldest value that is under way. */
    #settle(outcome: Omit<Settlement, 'ticket'>): void {
        this.#batch.shift()
        this.#backlog.settle(outcome)
        this.#backoff.advance(outcome.promise !== null)
    }

    #see(cookie: string, promise: Monotonic): void {
        if (cookie === this.#flush) {
            // Whatever was sent before the flush and has not appeared never will.
            this.#miss()
            this.#backlog.putBack(this.#batch.clear())
            this.#flush = null
            this.#awaited = null
            this.#failures = 0
            this.#nudge()
            return
        }
        if (cookie === this.#batch.oldest) {
            this.#settle({ promise })
            if (this.#batch.isEmpty) {
                this.#failures = 0
                this.#nudge()
            }
        }
    }
}
