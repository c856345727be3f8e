import { Monotonic } from '../base/monotonic.js'
import type { Government, GovernmentBody } from '../paxos/messages/messages.js'
import type { HistoryPlace } from './call-join.js'
import type { ReplayedInput } from './replayer.js'

/** A government that took force. */
export interface HistoryGovernment {
    readonly promise: Monotonic
    readonly government: Government
    readonly body: GovernmentBody
    /** The inputs that enacted the government, one at each member. */
    readonly enacted: readonly (HistoryPlace & { readonly when: number })[]
}

/** Collects the governments that took force. */
export class Governments {
    readonly #all = new Map<Monotonic, HistoryGovernment & {
        readonly enacted: (HistoryPlace & { readonly when: number })[]
    }>()

    #sorted: readonly HistoryGovernment[] | null = null

    note(member: string, { number, played: { when }, entries }: ReplayedInput): void {
        for (const entry of entries) {
            if (entry.method === 'government') {
                const { promise, government, body } = entry
                const known = this.#all.get(promise) ?? { promise, government, body, enacted: [] }
                this.#all.set(promise, known)
                this.#sorted = null
                known.enacted.push({ member, number, when })
            }
        }
    }

    list(): readonly HistoryGovernment[] {
        this.#sorted ??= [...this.#all.values()].sort((one, other) =>
            Monotonic.compare(one.promise, other.promise))
        return this.#sorted
    }
}
