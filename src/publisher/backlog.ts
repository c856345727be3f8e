import { batchLength } from './batch.js'
import { copyAndFreeze } from '../base/json-value.js'
import type { Monotonic } from '../base/monotonic.js'
import type { IslanderState, Settlement } from './islander-types.js'

type BacklogState = Pick<IslanderState, 'tickets' | 'settledThrough' | 'pending'>

/** The values that a publisher has not sent yet, and the outcomes of settled tickets. */
export class Backlog {
    /** The newest ticket. */
    tickets = 0
    /** The last settled ticket. Tickets settle in publish order. */
    #settledThrough = 0
    #pending: unknown[] = []
    #settled: Settlement[] = []

    /** The oldest ticket that has not settled. */
    get oldest(): number {
        return this.#settledThrough + 1
    }

    /** The number of values that wait to be sent. */
    get size(): number {
        return this.#pending.length
    }

    /** Adds values behind all others and counts their tickets. */
    add(bodies: readonly unknown[]): void {
        for (const body of bodies) {
            this.#pending.push(body)
        }
        this.count(bodies.length)
    }

    /** Counts the tickets of values that are kept elsewhere. */
    count(tickets: number): void {
        this.tickets += tickets
    }

    /** Puts sent values back in front of all others. Their tickets stay the same. */
    putBack(bodies: readonly unknown[]): void {
        this.#pending = [...bodies, ...this.#pending]
    }

    /** Removes and returns the values of the next batch: at most `limit` values. */
    take(limit: number): unknown[] {
        return this.#pending.splice(0, batchLength(this.#pending, limit))
    }

    /** Removes and returns all values. */
    takeAll(): unknown[] {
        return this.#pending.splice(0)
    }

    /**
     * Settles the oldest ticket that is not settled.
     *
     * @param refused The status of the last refusal if the publisher has given the value up.
     */
    settle(promise: Monotonic | null, refused?: string): void {
        const ticket = ++this.#settledThrough
        const outcome = { ticket, promise }
        this.#settled.push(refused === undefined ? outcome : { ...outcome, refused })
    }

    /** Removes and returns the outcomes since the last call, oldest first. */
    takeSettled(): readonly Settlement[] {
        const settled = this.#settled
        this.#settled = []
        return settled
    }

    /** The state, without the outcomes for `takeSettled`. */
    state(): BacklogState {
        const { tickets } = this
        return { tickets, settledThrough: this.#settledThrough, pending: [...this.#pending] }
    }

    /** Restores a state. This backlog must be new. */
    recall(state: BacklogState): void {
        this.tickets = state.tickets
        this.#settledThrough = state.settledThrough
        this.#pending = state.pending.map(copyAndFreeze)
    }
}
