import { quorum } from './government.js'
import type { Peer } from './peers.js'
import { ranked } from './rank.js'

/**
 * Since when a majority of a parliament has obeyed a writer.
 *
 * @param voters How many voters the parliament has.
 * @param others The voters other than the writer. If the list is shorter than the parliament, the
 * writer itself is a voter, and obeys at every instant.
 */
export function obeyedSince(voters: number, others: readonly Peer[], now: number): number {
    const needed = quorum(voters) - (voters - others.length)
    const obeyedAt = others.map((peer) => peer.obeyedAt)
    return needed <= 0 ? now : (ranked(obeyedAt)[needed - 1] ?? Number.NEGATIVE_INFINITY)
}

/**
 * Since when a writer has the majorities that it needs.
 *
 * @param current Since when a majority of the parliament in force obeys.
 * @param next The same of the parliament of an open government, which has not been asked before.
 * @param graceFrom The instant from which that parliament has a `timeout` to answer.
 */
export function standingSince(current: number, next: number, graceFrom: number): number {
    return Math.min(current, Math.max(next, graceFrom))
}
