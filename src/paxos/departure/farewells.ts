import type { Monotonic } from '../../base/monotonic.js'
import type { Answer, Properties } from '../messages/messages.js'
import { PeerProgress, type PeerState } from '../replication/peer-progress.js'


/** The written form of a farewell. */
export interface FarewellState {
    readonly peer: PeerState
    readonly properties: Properties
    readonly government: Monotonic
    readonly tellings: number
}

/** How often a writer tells an exiled member of the exile at most. */
const TELLINGS_MAX = 8

/** An exiled member that the writer has to tell. */
export interface Farewell {
    readonly peer: PeerProgress
    readonly properties: Properties
    /** The promise of the government that exiled the member. */
    readonly government: Monotonic
    tellings: number
}

/**
 * The members that a writer has exiled and still has to tell.
 *
 * 1. The writer tells a member of its exile after a majority of the new parliament knows that
 *    the exile is committed. So, whichever member crashes next, the rest can continue without the
 *    exiled member.
 * 2. The writer repeats the message until the member answers, and at most eight times. A member
 *    that misses all eight messages learns of the exile from the next peer that it asks.
 */
export class Farewells {
    readonly #farewells = new Map<Monotonic, Farewell>()

    /** Adds an exiled member. */
    add(peer: PeerProgress, properties: Properties, government: Monotonic): void {
        this.#farewells.set(peer.immigrated, { peer, properties, government, tellings: 0 })
    }

    /** The members to tell now: each member without a message in the last `ping` milliseconds. */
    due(now: number, ping: number): readonly Farewell[] {
        if (this.#farewells.size === 0) {
            return []
        }
        return [...this.#farewells.values()].filter(({ peer }) => now - peer.sentAt >= ping)
    }

    /** Counts a message to an exiled member. After the eighth message the record ends. */
    countTelling(farewell: Farewell): void {
        farewell.tellings++
        if (farewell.tellings >= TELLINGS_MAX) {
            this.drop(farewell)
        }
    }

    /** Ends the record of an exiled member. */
    drop({ peer }: Farewell): void {
        this.#farewells.delete(peer.immigrated)
    }

    /** The record of an exiled member; `undefined` if there is nothing left to tell. */
    find(immigrated: Monotonic): Farewell | undefined {
        return this.#farewells.get(immigrated)
    }

    /**
     * Takes the answer of an exiled member.
     *
     * @param answer `null` if the call failed.
     * @param held The position through which the member has committed, or -1 if unknown.
     * @param last The position of the exile.
     */
    takeAnswer(farewell: Farewell, answer: Answer | null, held: number, last: number): void {
        const { peer } = farewell
        if (answer !== null) {
            peer.holds = Math.max(peer.holds, held)
            // The member still lacks entries: the next run follows without a pause.
            peer.sentAt = Number.NEGATIVE_INFINITY
        }
        if (peer.holds >= last) {
            this.drop(farewell)
        }
    }

    /** The written form. */
    state(): readonly FarewellState[] {
        return [...this.#farewells.values()].map(({ peer, ...rest }) => {
            return { ...rest, peer: peer.state() }
        })
    }

    /** Restores the written form. */
    recall(state: readonly FarewellState[]): void {
        for (const { peer, properties, government, tellings } of state) {
            const restored = PeerProgress.restore(peer)
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
