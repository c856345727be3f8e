import type { Monotonic } from '../../base/monotonic.js'
import type { Government, Incarnation } from '../messages/messages.js'
import { PeerProgress, type PeerState } from './peer-progress.js'

interface Voters {
    readonly government: Government
    readonly peers: readonly PeerProgress[]
}

/** The records of all peers under the current government, by immigration promise. */
export class Peers {
    readonly #peers = new Map<Monotonic, PeerProgress>()
    /** The last result of `listVoters`; `null` after a record was dropped. */
    #voters: Voters | null = null

    /**
     * The records of the voters of a government. A citizen keeps its record under a government, so
     * `list` runs once for each government.
     */
    listVoters(
        government: Government, list: () => readonly PeerProgress[]
    ): readonly PeerProgress[] {
        if (this.#voters?.government !== government) {
            this.#voters = { government, peers: list() }
        }
        return this.#voters.peers
    }

    /** The record of an incarnation; adds an empty record if there is none. */
    of(incarnation: Incarnation): PeerProgress {
        let peer = this.#peers.get(incarnation.immigrated)
        if (peer === undefined) {
            peer = new PeerProgress(incarnation)
            this.#peers.set(incarnation.immigrated, peer)
        }
        return peer
    }

    /** The record of an immigration promise; `undefined` if there is none. */
    find(immigrated: Monotonic): PeerProgress | undefined {
        return this.#peers.get(immigrated)
    }

    /** All records. */
    all(): Iterable<PeerProgress> {
        return this.#peers.values()
    }

    /** Forgets every answer as evidence of presence. */
    forgetPresence(): void {
        for (const peer of this.#peers.values()) {
            peer.presentAt = Number.NEGATIVE_INFINITY
        }
    }

    /** Drops the records of members that are no citizens any more. */
    retain(isThere: (immigrated: Monotonic) => boolean): void {
        this.#voters = null
        for (const immigrated of this.#peers.keys()) {
            if (!isThere(immigrated)) {
                this.#peers.delete(immigrated)
            }
        }
    }

    /** The written form: all records, in the order of creation. */
    state(): readonly PeerState[] {
        return [...this.#peers.values()].map((peer) => peer.state())
    }

    /** Restores a written form. */
    static restore(state: readonly PeerState[]): Peers {
        const peers = new Peers()
        for (const peer of state) {
            peers.#peers.set(peer.immigrated, PeerProgress.restore(peer))
        }
        return peers
    }
}
