import Procession from 'procession'
import { type Based, batchOf, isAnyOvertaken, isOvertaken, number, remap, spell } from './batch.js'
import { admit } from './body.js'
import type { Dispatch, IslanderHealth, IslanderState, Settlement, Sought } from './dispatch.js'
import { assertState, STATE_VERSION } from './format.js'
import { Monotonic, Series } from './monotonic.js'
import type { LogEntry } from './paxos/message.js'

/**
 * A publisher's side of the log: sends one batch, waits until all of it has appeared, then sends
 * what gathered meanwhile. A receipt is a hint, the log is the truth; when in doubt it sends a
 * *flush*, whose cookie is above all before it, and once that has appeared it sends again what has
 * not: a leader takes no cookie at or below one it has taken. (Raft thesis, section 6.3.)
 *
 * 1. A publish is in the log exactly once while the publisher lives, at most once otherwise.
 * 2. Publishes appear in the order in which they were made.
 * 3. It waits with everything until it has seen its own admission.
 * 4. When a try comes to nothing twice in a row, the next one waits for `retry`.
 */
export class Islander {
    /** The publisher's name. */
    readonly id: string
    /** What goes to the leader. */
    readonly outbox: Procession<Dispatch> = new Procession()
    #immigrated: Monotonic | null = null
    #cookie = '0'
    #tickets = 0
    /** The ticket that was settled last: they are settled in the order of the publishes. */
    #settledThrough = 0
    #pending: unknown[] = []
    #seeking: Sought[] = []
    /** What the receipts of all that is sought told, while that is not noted with each of it. */
    #base: Based | null = null
    /** The first cookie of the batch that was sent last. */
    #first = '0'
    /** The cookie of the flush that is under way, or has been taken and is awaited in the log. */
    #flush: string | null = null
    /** The cookie whose receipts are awaited. */
    #awaited: string | null = null
    /** The cookie whose receipts were already awaited at the last `retry`. */
    #overdue: string | null = null
    #failures = 0
    #settled: Settlement[] = []
    #seen: Monotonic | null = null

    constructor(id: string) {
        this.id = String(id)
    }

    /** The ticket that was given out last. */
    get tickets(): number {
        return this.#tickets
    }

    /** How many tries in a row came to nothing. While it is above one, `retry` is waited for. */
    get failures(): number {
        return this.#failures
    }

    /** How much waits where. */
    health(): IslanderHealth {
        return { waiting: this.#seeking.length, pending: this.#pending.length }
    }

    /**
     * Takes a value for the log. `null` is a barrier: an entry without body.
     *
     * @returns The ticket under which it is settled.
     */
    publish(body: unknown): number {
        return this.publishAll([body])
    }

    /**
     * Takes values for the log, in their order. What it returns is the ticket of the last one;
     * those of the others are the ones before it.
     */
    publishAll(bodies: readonly unknown[]): number {
        bodies.forEach((body) => {
            this.#pending.push(body)
        })
        this.#tickets += bodies.length
        this.#nudge()
        return this.#tickets
    }

    /** The publishes that have appeared since the last call, oldest first. */
    takeSettled(): readonly Settlement[] {
        const settled = this.#settled
        this.#settled = []
        return settled
    }

    /** Takes the receipts of a dispatch, by cookie; `null` where nobody took it. */
    sent(cookie: string, receipts: Readonly<Record<string, Monotonic>> | null): void {
        if (this.#awaited !== cookie) {
            return
        }
        this.#awaited = null
        if (receipts === null) {
            this.#failures++
            if (this.#failures === 1) {
                this.#doubt()
            }
            return
        }
        this.#failures = 0
        if (this.#flush === cookie) {
            this.#flush = isOvertaken(this.#seen, receipts[cookie]) ? null : cookie
        } else {
            this.#base = number(this.#seeking, this.#first, receipts)
        }
        if (this.#flush === null && isAnyOvertaken(this.#seen, this.#seeking, this.#base)) {
            this.#doubt()
        }
    }

    /** The cookie of the dispatch whose receipts are awaited; `null` where none are. */
    get awaited(): string | null {
        return this.#awaited
    }

    /** Whether `retry` is wanted: a try came to nothing, or its receipts are still to come. */
    get isWaiting(): boolean {
        return this.#awaited !== null || this.#failures > 1
    }

    /**
     * Tries again: the delay after a failure is over. Receipts that are awaited a second time are
     * given up: whoever should have brought them has forgotten.
     */
    retry(): void {
        if (this.#awaited !== null && this.#awaited !== this.#overdue) {
            this.#overdue = this.#awaited
            return
        }
        if (this.#awaited !== null) {
            this.#awaited = null
            this.#failures++
        }
        if (this.#failures > 0) {
            this.#doubt()
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
        spell(this.#seeking, this.#base)
        this.#base = null
        return {
            version: STATE_VERSION,
            id: this.id,
            immigrated: this.#immigrated,
            cookie: this.#cookie,
            tickets: this.#tickets,
            settledThrough: this.#settledThrough,
            pending: [...this.#pending],
            seeking: this.#seeking.map((message) => ({ ...message })),
            first: this.#first,
            flush: this.#flush,
            awaited: this.#awaited,
            overdue: this.#overdue,
            failures: this.#failures,
            seen: this.#seen
        }
    }

    /**
     * An Islander that goes on from a state, with an empty outbox.
     *
     * @throws Error where it is no state of this version.
     */
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
        this.#tickets = state.tickets
        this.#settledThrough = state.settledThrough
        this.#pending = state.pending.map(admit)
        this.#seeking = state.seeking.map((sought) => {
            return { ...sought, body: admit(sought.body) }
        })
        this.#first = state.first
        this.#flush = state.flush
        this.#awaited = state.awaited
        this.#overdue = state.overdue
        this.#failures = state.failures
        this.#seen = state.seen
    }

    #nextCookie(): string {
        this.#cookie = Monotonic.increment(this.#cookie, 0)
        return this.#cookie
    }

    #nudge(): void {
        if (this.#seeking.length !== 0 || this.#pending.length === 0 || this.#immigrated === null) {
            return
        }
        const cookies = new Series(Monotonic.increment(this.#cookie, 0))
        this.#seeking = this.#pending.splice(0, batchOf(this.#pending)).map((body) => {
            return { cookie: cookies.next(), body, promise: null }
        })
        this.#first = this.#seeking[0]?.cookie ?? this.#cookie
        this.#cookie = this.#seeking.at(-1)?.cookie ?? this.#cookie
        this.#base = null
        this.#flush = null
        this.#dispatch(this.#seeking)
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
        if (this.#seeking.length === 0) {
            return
        }
        this.#flush = this.#nextCookie()
        this.#dispatch([{ cookie: this.#flush, body: null }])
    }

    #remap(map: Readonly<Record<Monotonic, Monotonic>> | null): void {
        if (this.#seeking.length === 0) {
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
        remap(this.#seeking, this.#base, map)
        this.#base = null
        const isLost = isAnyOvertaken(this.#seen, this.#seeking)
        if (isLost && this.#flush === null && this.#failures === 0) {
            this.#doubt()
        }
    }

    #see(cookie: string, promise: Monotonic): void {
        if (cookie === this.#flush) {
            // Whatever was sent before the flush and has not appeared never will.
            this.#pending = [...this.#seeking.map(({ body }) => body), ...this.#pending]
            this.#seeking = []
            this.#flush = null
            this.#awaited = null
            this.#failures = 0
            this.#nudge()
            return
        }
        if (cookie === this.#seeking[0]?.cookie) {
            this.#seeking.shift()
            this.#settledThrough++
            this.#settled.push({ ticket: this.#settledThrough, promise })
            if (this.#seeking.length === 0) {
                this.#failures = 0
                this.#nudge()
            }
        }
    }
}
