import { batchOf } from './batch.js'
import { copyAndFreeze } from '../base/json-value.js'
import type { IslanderState, Settlement } from './islander-types.js'

type BacklogState = Pick<IslanderState, 'tickets' | 'settledThrough' | 'pending'>

/** What a publisher has not sent yet, and which tickets are settled. */
export class Backlog {
    /** The ticket that was given out last. */
    tickets = 0
    /** The ticket that was settled last: they are settled in the order of the publishes. */
    #settledThrough = 0
    #pending: unknown[] = []
    #settled: Settlement[] = []

    /** How many values wait to be sent. */
    get size(): number {
        return this.#pending.length
    }

    /** Takes values, in their order. */
    add(bodies: readonly unknown[]): void {
        for (const body of bodies) {
            this.#pending.push(body)
        }
        this.tickets += bodies.length
    }

    /** Takes values back, before all others. */
    putBack(bodies: readonly unknown[]): void {
        this.#pending = [...bodies, ...this.#pending]
    }

    /** The values of the next batch, of at most so many. */
    take(limit: number): unknown[] {
        return this.#pending.splice(0, batchOf(this.#pending, limit))
    }

    /** Settles the oldest ticket. */
    settle(outcome: Omit<Settlement, 'ticket'>): void {
        this.#settledThrough++
        this.#settled.push({ ticket: this.#settledThrough, ...outcome })
    }

    /** What was settled since the last call, oldest first. */
    takeSettled(): readonly Settlement[] {
        const settled = this.#settled
        this.#settled = []
        return settled
    }

    /** All but what `takeSettled` would give. */
    state(): BacklogState {
        const { tickets } = this
        return { tickets, settledThrough: this.#settledThrough, pending: [...this.#pending] }
    }

    /** Goes on from a state. */
    recall(state: BacklogState): void {
        this.tickets = state.tickets
        this.#settledThrough = state.settledThrough
        this.#pending = state.pending.map(copyAndFreeze)
    }
}
