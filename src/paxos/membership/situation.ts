import type { Core } from '../core.js'
import type { RunLimit } from '../log/entry-store.js'
import type { Log } from '../log/log.js'
import type { Ballot, Government, GovernmentBody } from '../messages/messages.js'
import type { Immigration } from '../messages/proposals.js'
import type { PeerProgress } from '../replication/peers.js'
import { namesOf, peersOf, rivals } from '../standing.js'
import { citizens, latestAdmission, parliament } from './government.js'
import { appraisePeers } from './presence.js'
import { quorum } from './quorum.js'

/** All facts that the next government may depend on. `shaper.ts` decides from these alone. */
export interface Situation {
    readonly government: Government
    /** The ballot of the leader that decides. */
    readonly ballot: Ballot
    /** The number of seats that the parliament grows to. */
    readonly parliamentSize: number
    /** The number of seats that the parliament does not shrink below. */
    readonly parliamentFloor: number
    /** The members that ask to be admitted, oldest first. */
    readonly arriving: readonly Immigration[]
    /** Citizens that can come back only as a new incarnation. */
    readonly returning: ReadonlySet<string>
    /** Citizens without an answer for `patience`. */
    readonly silent: ReadonlySet<string>
    /** Citizens without a recent answer, or too far behind: the leader offers them no seat. */
    readonly doubtful: ReadonlySet<string>
    /** Citizens with a recent answer to this leader: the evidence that they are there. */
    readonly present: ReadonlySet<string>
    /** Citizens that say they may hold a seat. */
    readonly naturalizing: readonly string[]
    /** Citizens that ask to be exiled, in the order of their requests. */
    readonly leaving: readonly string[]
    /** The member that the leader hands over to; `null` without a handover. */
    readonly successor: string | null
}

type Seats = Pick<GovernmentBody, 'majority' | 'minority'>

/** Whether a citizen is there, by the evidence of its answers; the leader always is. */
export function isPresent(situation: Situation, id: string): boolean {
    const { government, present, silent, doubtful } = situation
    const isEvident = present.has(id) || id === government.majority[0]
    return isEvident && !silent.has(id) && !doubtful.has(id)
}

/** Whether enough of these voters are there for a majority. */
function isQuorate(situation: Situation, voters: readonly string[]): boolean {
    return voters.filter((id) => isPresent(situation, id)).length >= quorum(voters.length)
}

/**
 * Whether a government may change the parliament to this one now: a majority of the parliament in
 * force and a majority of the next one are there. Without the first, no entry can be committed, so
 * the change waits. Without the second, the government stays open, and the leader writes no entry
 * behind an open government: a majority that is alive would wait for members that are not.
 */
export function isTenable(situation: Situation, next: Seats): boolean {
    const { government } = situation
    return (
        isQuorate(situation, parliament(government)) && isQuorate(situation, parliament(next))
    )
}

/**
 * Whether the members that are there could go on under a parliament without the leader. A leader
 * that is alone in a parliament is always needed.
 */
export function mayLose(situation: Situation, next: Seats): boolean {
    const voters = parliament(next)
    const present = voters.filter((id) => isPresent(situation, id))
    return voters.length === 1 || present.length > quorum(voters.length)
}

/**
 * Constituents that may not be seated yet. A log begins with its owner's admission, and a leader
 * must be able to feed every other voter. So all voters that answer, and the constituent that is to
 * join them, must be close to the latest admission of the members that may hold a seat.
 *
 * @param lacks Whether a member is further behind that admission than one ration, or lacks entries
 * that the leader will no longer hold.
 */
export function unready(
    voters: readonly PeerProgress[],
    constituents: readonly PeerProgress[],
    silent: ReadonlySet<string>,
    lacks: (peer: PeerProgress) => boolean
): readonly string[] {
    const isHeldUp = voters.some((peer) => lacks(peer) && !silent.has(peer.id))
    return constituents.filter((peer) => isHeldUp || lacks(peer)).map(({ id }) => id)
}

/**
 * Whether a log holds the entries behind a position, and still holds them after all written entries
 * are committed and the log has forgotten as many entries as it may.
 *
 * @param kept How much the log never forgets.
 */
export function keeps(log: Log, position: number, kept: RunLimit): boolean {
    const { first, head } = log
    if (position < first || head - position > kept.entries) {
        return false
    }
    return log.weigh(position, head + 1) <= kept.weight
}

/**
 * The position through which a member holds the log at least: its log begins with its admission,
 * and every member holds the minimum. -1 if this member's log does not contain the position.
 */
export function reachOf({ log, minimum }: Core, { holds, immigrated }: PeerProgress): number {
    const { propagated } = minimum
    return Math.max(holds, log.positionOf(immigrated), log.positionOf(propagated))
}

/** Whether the member can send a peer all entries that the peer lacks, now and later. */
export function isInReach(core: Core, peer: PeerProgress): boolean {
    return keeps(core.log, reachOf(core, peer), core.settings.kept)
}

/** The ids of the peers whose missing entries the member does not hold, or will soon forget. */
export function outOfReach(core: Core, peers: readonly PeerProgress[]): readonly string[] {
    return peers.filter((peer) => !isInReach(core, peer)).map(({ id }) => id)
}

/** The situation of this leader, as of now. */
export function situationOf(core: Core): Situation {
    const { government, log, role, settings, departure } = core
    const { parliamentSize, parliamentFloor, batch } = settings
    const { silent, doubtful, present } = appraisePeers(core, peersOf(core, citizens(government)))
    const others = peersOf(core, government.constituents)
    const latest = log.positionOf(latestAdmission(government))
    const waiting = unready(rivals(core), others, silent, (peer) => {
        // A voter that no member can feed leaves its seat empty for good.
        return !isInReach(core, peer) || latest - reachOf(core, peer) > batch
    })
    // A voter that no member can feed answers, but cannot vote.
    const lost = outOfReach(core, rivals(core))
    const isElected = role.name === 'elected'
    return {
        government,
        ballot: core.acceptance.accepted,
        parliamentSize,
        parliamentFloor,
        arriving: isElected ? [...role.arriving.values()] : [],
        returning: isElected ? role.returning : new Set(),
        silent,
        doubtful: new Set([...doubtful, ...waiting, ...lost]),
        present,
        naturalizing: namesOf(core, core.naturalizing),
        leaving: namesOf(core, core.leaving),
        successor: departure.handover?.to.id ?? null
    }
}
