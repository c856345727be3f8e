import { Monotonic } from '../base/monotonic.js'
import type { Government, GovernmentBody } from '../paxos/messages/messages.js'
import type { HistoryPlace } from './call-join.js'
import type { ReplayedInput } from './replay-pass.js'

/** A government that took force. */
export interface HistoryGovernment {
    readonly promise: Monotonic
    readonly government: Government
    readonly body: GovernmentBody
    /** The inputs that enacted the government, one at each member, by their instants. */
    readonly enacted: readonly EnactedAt[]
}

/** An input that enacted a government. */
type EnactedAt = HistoryPlace & { readonly when: number }

function isBefore(one: EnactedAt, other: EnactedAt): boolean {
    return one.when < other.when || (one.when === other.when && one.member < other.member)
}

/** Collects the governments that took force. */
export class Governments {
    readonly #all =
        new Map<Monotonic, HistoryGovernment & { readonly enacted: EnactedAt[] }>()
    #sorted: readonly HistoryGovernment[] | null = null

    note(member: string, { number, played: { when }, entries }: ReplayedInput): void {
        for (const entry of entries) {
            if (entry.method === 'government') {
                const { promise, government, body } = entry
                const known = this.#all.get(promise) ?? { promise, government, body, enacted: [] }
                this.#all.set(promise, known)
                this.#sorted = null
                const place = { member, number, when }
                // The members may be read in any order.
                const at = known.enacted.findIndex((each) => isBefore(place, each))
                known.enacted.splice(at === -1 ? known.enacted.length : at, 0, place)
            }
        }
    }

    list(): readonly HistoryGovernment[] {
        this.#sorted ??= [...this.#all.values()].sort((one, other) =>
            Monotonic.compare(one.promise, other.promise))
        return this.#sorted
    }
}
