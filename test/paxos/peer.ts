import { PeerProgress } from '../../src/paxos/replication/peer-progress.js'

/** The record of a peer without any call. */
export function peer(id = '1'): PeerProgress {
    return new PeerProgress({ id, immigrated: `${id}/0` })
}

/** A peer without an answer to the requests at these instants. */
export function asked(...instants: readonly number[]): PeerProgress {
    const asked = peer()
    for (const now of instants) {
        asked.countRequest(now, 1000)
    }
    return asked
}
