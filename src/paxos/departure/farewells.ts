import type { Monotonic } from '../../base/monotonic.js'
import type { Answer, Properties } from '../messages/messages.js'
import { Peer, type PeerState } from '../replication/peers.js'


/** An exiled member that its leader has not told yet. */
export interface FarewellState {
    readonly peer: PeerState
    readonly properties: Properties
    readonly government: Monotonic
    readonly tellings: number
}

/** How often a writer tells an exiled member of the exile. */
const TELLINGS_MAX = 8

/** A member that the log has exiled, and that this writer has to tell. */
export interface Farewell {
    readonly peer: Peer
    readonly properties: Properties
    /** The promise of the government that exiled the member. */
    readonly government: Monotonic
    tellings: number
}

/**
 * The members that this member, as a writer, has exiled and has not told yet.
 *
 * 1. The writer tells a member of its exile after a majority of the new parliament knows that the
 *    exile is committed. So whoever dies next, the rest can go on without the exiled member.
 * 2. The writer tells the member until the member answers, and at most eight times. A member that
 *    misses all of them learns of the exile from the next member that it asks.
 */
export class Farewells {
    readonly #farewells = new Map<Monotonic, Farewell>()

    /** Adds a member that the log has just exiled. */
    add(peer: Peer, properties: Properties, government: Monotonic): void {
        this.#farewells.set(peer.immigrated, { peer, properties, government, tellings: 0 })
    }

    /** The members to tell now, except those that were told within the last `ping`. */
    due(now: number, ping: number): readonly Farewell[] {
        if (this.#farewells.size === 0) {
            return []
        }
        return [...this.#farewells.values()].filter(({ peer }) => now - peer.sentAt >= ping)
    }

    /** Counts a telling, which may be the last. */
    countTelling(farewell: Farewell): void {
        farewell.tellings++
        if (farewell.tellings >= TELLINGS_MAX) {
            this.drop(farewell)
        }
    }

    /** Gives up a member that cannot be told. */
    drop({ peer }: Farewell): void {
        this.#farewells.delete(peer.immigrated)
    }

    /** The record of an exiled member that this member still tells. */
    find(immigrated: Monotonic): Farewell | undefined {
        return this.#farewells.get(immigrated)
    }

    /**
     * Takes the answer of an exiled member.
     *
     * @param held The position through which the member has committed, or -1 if unknown.
     * @param last The position of the exile.
     */
    takeAnswer(farewell: Farewell, answer: Answer | null, held: number, last: number): void {
        const { peer } = farewell
        peer.calls--
        if (answer !== null) {
            peer.holds = Math.max(peer.holds, held)
            // The member lacks entries, and asks for the next of them at once.
            peer.sentAt = Number.NEGATIVE_INFINITY
        }
        if (peer.holds >= last) {
            this.drop(farewell)
        }
    }

    /** All members that are still to be told. */
    state(): readonly FarewellState[] {
        return [...this.#farewells.values()].map(({ peer, ...rest }) => {
            return { ...rest, peer: peer.state() }
        })
    }

    /** Goes on telling those whom another one was telling. */
    recall(state: readonly FarewellState[]): void {
        for (const { peer, properties, government, tellings } of state) {
            const restored = Peer.restore(peer)
            this.#farewells.set(restored.immigrated, {
                peer: restored, properties, government, tellings
            })
        }
    }

    /** Forgets the calls under way: the process that made the calls has ended. */
    revive(): void {
        for (const { peer } of this.#farewells.values()) {
            peer.revive()
        }
    }
}
