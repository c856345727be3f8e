import type Procession from 'procession'
import { Backlog } from './backlog.js'
import { Dispatcher } from './dispatcher.js'
import { FlushedBatches } from './flushed-batches.js'
import type {
    Dispatch, IslanderHealth, IslanderState, Receipts, Settlement
} from './islander-types.js'
import type { Gathered } from './coalescing.js'
import { copyAndFreeze } from '../base/json-value.js'
import { assertState, STATE_VERSION } from '../base/state-version.js'
import type { Monotonic } from '../base/monotonic.js'
import { keepsIdentity } from '../base/publish-identity.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { PublishWindow } from './publish-window.js'

/**
 * The client session of one publisher. The Islander sends the publishes in batches, watches the
 * log, and resubmits lost values. Receipts are hints; only the log decides. `FlushedBatches` sends
 * the batches in a republic of version 1, `PublishWindow` from version 2 on. If the version rises,
 * the batch under way ends by the earlier rules, and then the identities begin.
 *
 * 1. While the publisher lives, a publish is in the log exactly once; otherwise at most once.
 * 2. Publishes appear in publish order.
 * 3. Nothing is sent before the publisher's own admission has appeared in the log.
 */
export class Islander {
    readonly #dispatcher: Dispatcher
    readonly #backlog = new Backlog()
    readonly #flushed: FlushedBatches
    /** The publishes with identities; `null` in a republic of version 1. */
    #window: PublishWindow | null = null
    #seen: Monotonic | null = null

    constructor(id: string) {
        this.#dispatcher = new Dispatcher(String(id))
        this.#flushed = new FlushedBatches(this.#dispatcher, this.#backlog)
    }

    /** The id of the publisher. */
    get id(): string {
        return this.#dispatcher.id
    }

    /**
     * Whether the publisher gives each publish an identity and may send. Both follow from inputs,
     * and a restarted publisher begins a new life only if these inputs are on its disk.
     */
    get sendsIdentities(): boolean {
        return this.#window !== null && this.#dispatcher.immigrated !== null
    }

    /** The dispatches for the leader. */
    get outbox(): Procession<Dispatch> {
        return this.#dispatcher.outbox
    }

    /** The newest ticket. */
    get tickets(): number {
        return this.#backlog.tickets
    }

    /** The number of dispatches that have failed in a row, for the choice of a way. */
    get failures(): number {
        return (this.#window ?? this.#flushed).failures
    }

    /** The number of times that the delay before `retry` has doubled. */
    get doublings(): number {
        return this.#window?.doublings ?? this.#flushed.failures
    }

    /** Whether values wait for `retry` although no batch is in flight. */
    get isPaused(): boolean {
        return (this.#window ?? this.#flushed).isPaused
    }

    /**
     * Whether values that are not published yet should wait for a batch in flight. Values of one
     * whole batch need not wait if the window has room.
     */
    isHolding(gathered: Gathered): boolean {
        return this.#window?.isHolding(gathered) ?? this.#flushed.waiting !== 0
    }

    /** The ticket of the value with a cookie; `null` if no unsettled value has the cookie. */
    ticketOf(cookie: string): number | null {
        const place = (this.#window ?? this.#flushed).placeOf(cookie)
        return place === -1 ? null : this.#backlog.oldest + place
    }

    /** The numbers of values that have not appeared in the log. */
    health(): IslanderHealth {
        const { waiting } = this.#window ?? this.#flushed
        return { waiting, pending: this.#window?.pending ?? this.#backlog.size }
    }

    /** Publishes a value; `null` is a barrier. Returns the ticket of the value. */
    publish(body: unknown): number {
        return this.publishAll([body])
    }

    /** Publishes values in order. Returns the ticket of the last value. */
    publishAll(bodies: readonly unknown[]): number {
        if (this.#window === null) {
            this.#backlog.add(bodies)
            this.#flushed.sendNextBatch()
        } else {
            this.#backlog.count(bodies.length)
            this.#window.add(bodies)
        }
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
        if (this.#window === null) {
            this.#flushed.sent(cookie, receipts, refused, this.#seen)
        } else {
            this.#window.sent(cookie, receipts, refused)
        }
    }

    /** The cookie of the dispatch of a republic of version 1 without receipts so far; or `null`. */
    get awaited(): string | null {
        return this.#window === null ? this.#flushed.awaited : null
    }

    /** Whether `retry` is due later. */
    get isWaiting(): boolean {
        return (this.#window ?? this.#flushed).isWaiting
    }

    /** Tries again after the delay. */
    retry(): void {
        (this.#window ?? this.#flushed).retry()
    }

    /**
     * A new process has replayed all earlier inputs. The answers to earlier calls are lost.
     *
     * @param sendsEarly Whether dispatches may leave before the records of their values.
     */
    revive(sendsEarly: boolean = false): void {
        if (this.#window !== null) {
            this.#window.revive(sendsEarly)
        } else if (this.#flushed.awaited !== null) {
            this.#flushed.sent(this.#flushed.awaited, null, null, this.#seen)
        }
    }

    /** Takes the next entry of the log. Entries come in order, each once. */
    push(entry: Pick<LogEntry, 'method' | 'promise' | 'body'>): void {
        const { promise, body } = entry
        this.#seen = promise
        if ('majority' in body) {
            this.#flushed.isEnding ||= keepsIdentity(body.version)
            if (body.immigrate?.id === this.id && this.#dispatcher.immigrated === null) {
                this.#dispatcher.immigrated = promise
                this.#flushed.sendNextBatch()
            }
            if (this.#window === null) {
                this.#flushed.remap(body.map, promise)
            } else if (body.map === null) {
                this.#window.onCollapse()
            }
        } else if (body.id === this.id && body.immigrated === this.#dispatcher.immigrated) {
            if (this.#window === null) {
                this.#flushed.onOwnEntry(body.cookie, promise)
            } else {
                this.#window.onOwnEntry(body.cookie, promise, body.body)
            }
        }
        this.#beginIdentities()
    }

    /** Begins the first life after the last batch without identities. */
    #beginIdentities(): void {
        if (this.#window === null && this.#flushed.isEnding && this.#flushed.waiting === 0) {
            this.#window = new PublishWindow(this.#dispatcher, this.#backlog)
            this.#window.add(this.#backlog.takeAll())
        }
    }

    /** The complete state between two inputs, without `outbox` and outcomes to take. */
    state(): IslanderState {
        const backlog = this.#backlog.state()
        const window = this.#window?.state()
        return {
            version: STATE_VERSION,
            id: this.id,
            immigrated: this.#dispatcher.immigrated,
            cookie: this.#dispatcher.cookie,
            ...backlog,
            pending: this.#window?.values ?? backlog.pending,
            ...this.#flushed.state(),
            seen: this.#seen,
            ...(this.#flushed.isEnding && window === undefined && { isEnding: true } as const),
            ...(window !== undefined && { window })
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
        const { window } = state
        this.#dispatcher.immigrated = state.immigrated
        this.#dispatcher.cookie = state.cookie
        this.#flushed.recall(state)
        this.#flushed.isEnding = state.isEnding === true || window !== undefined
        this.#seen = state.seen
        if (window === undefined) {
            this.#backlog.recall(state)
        } else {
            this.#backlog.recall({ ...state, pending: [] })
            this.#window = new PublishWindow(this.#dispatcher, this.#backlog)
            this.#window.recall(window, state.pending.map(copyAndFreeze))
        }
    }
}
