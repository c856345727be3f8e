import type { Monotonic } from '../../base/monotonic.js'
import type { Pace, Peer } from '../replication/peers.js'

/** What the leader knows of the members that it asks. A member may be in none of the three sets. */
export interface Appraisal {
    /** Ids of who was asked in vain for `patience`; the leader's own word alone counts here. */
    readonly silent: ReadonlySet<string>
    /** Ids of who has not answered lately, by the leader's or by others' word. */
    readonly doubtful: ReadonlySet<string>
    /** Ids of the members with an answer to this leader, under its ballot, within `timeout`. */
    readonly present: ReadonlySet<string>
}

/**
 * Sorts the members by their answers. This function is the only place that decides on presence.
 *
 * 1. Presence needs evidence: `presentAt` holds an answer to a call of this leader's own ballot. A
 *    promise in the leader's election counts. An answer from before the election, from before a
 *    pause of the process or from before a restart does not count.
 * 2. A member that the leader never asked is neither present nor silent nor doubtful.
 */
export function appraise(
    peers: readonly Peer[],
    heard: ReadonlySet<Monotonic>,
    pace: Pace
): Appraisal {
    const { now, ping, timeout } = pace
    const silent = new Set<string>()
    const doubtful = new Set<string>()
    const present = new Set<string>()
    for (const peer of peers) {
        if (peer.isSilent(pace) || peer.isLost(pace)) {
            silent.add(peer.id)
        }
        const isHeardOf = heard.has(peer.immigrated) && now - peer.answeredAt > 2 * ping
        if (isHeardOf || peer.silence(now) >= Math.max(2 * ping, timeout / 2)) {
            doubtful.add(peer.id)
        } else if (now - peer.presentAt < timeout) {
            present.add(peer.id)
        }
    }
    return { silent, doubtful, present }
}

/**
 * Constituents that may not be seated yet. A log begins with its owner's admission, and whoever
 * leads must be able to feed every other voter: so the voters that answer, and whoever is to join
 * them, must be close to the latest admission of those who may hold a seat, and not lie before
 * what the one who leads now will hold.
 *
 * @param lacks Whether a member is further from it than the next ration, or lies before that.
 */
export function unready(
    voters: readonly Peer[],
    constituents: readonly Peer[],
    silent: ReadonlySet<string>,
    lacks: (peer: Peer) => boolean
): readonly string[] {
    const isHeldUp = voters.some((peer) => lacks(peer) && !silent.has(peer.id))
    return constituents.filter((peer) => isHeldUp || lacks(peer)).map(({ id }) => id)
}
