import { quorum } from './membership/government.js'
import type { Peer } from './replication/peers.js'
import { ranked } from './membership/quorum.js'

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
 * @param others The same of all others that an open government needs: its own parliament, and a
 * member that has to consent.
 * @param graceFrom The instant from which these others have a `timeout` to answer.
 */
export function standingSince(
    current: number,
    others: readonly number[],
    graceFrom: number
): number {
    return Math.min(current, ...others.map((since) => Math.max(since, graceFrom)))
}
