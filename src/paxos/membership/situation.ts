import type { Core } from '../core.js'
import type { RunLimit } from '../log/entry-store.js'
import type { Log } from '../log/log.js'
import type { Ballot, Government, GovernmentBody } from '../messages/messages.js'
import type { Relocation } from '../messages/moves.js'
import type { Immigration } from '../messages/proposals.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { namesOf, peersOf, rivals } from '../standing.js'
import { citizens, latestAdmission, parliament } from './government.js'
import { movesToWrite } from './move-reports.js'
import { appraisePeers } from './presence.js'
import { quorum } from './quorum.js'

/** All facts for the decision on the next government. `shaper.ts` uses no other facts. */
export interface Situation {
    readonly government: Government
    /** The ballot of the deciding leader. */
    readonly ballot: Ballot
    /** The maximum number of seats. */
    readonly parliamentSize: number
    /** The minimum number of seats: the parliament does not shrink below the floor. */
    readonly parliamentFloor: number
    /** Newcomers that ask for admission, oldest first. */
    readonly arriving: readonly Immigration[]
    /** Ids of citizens that can return only as a new incarnation. */
    readonly returning: ReadonlySet<string>
    /** Ids of citizens that count as silent (`presence.ts`). */
    readonly silent: ReadonlySet<string>
    /**
     * Ids of citizens without a recent answer, or too far behind. The leader offers them no seat.
     */
    readonly doubtful: ReadonlySet<string>
    /** Ids of citizens with a recent answer to the leader. */
    readonly present: ReadonlySet<string>
    /** Ids of citizens that say they may hold a seat. */
    readonly naturalizing: readonly string[]
    /** Ids of citizens that ask to be exiled, in the order of their requests. */
    readonly leaving: readonly string[]
    /** The id of the successor in a handover; `null` without a handover. */
    readonly successor: string | null
    /** The moves that the log does not hold, in the order of the reports. */
    readonly moving: readonly Relocation[]
}

type Seats = Pick<GovernmentBody, 'majority' | 'minority'>

/** Whether a citizen is present, by the evidence of answers. The leader is always present. */
export function isPresent(situation: Situation, id: string): boolean {
    const { government, present, silent, doubtful } = situation
    const isEvident = present.has(id) || id === government.majority[0]
    return isEvident && !silent.has(id) && !doubtful.has(id)
}

/** Whether a majority of the voters is present. */
function isQuorate(situation: Situation, voters: readonly string[]): boolean {
    return voters.filter((id) => isPresent(situation, id)).length >= quorum(voters.length)
}

/**
 * Whether the leader may propose a parliament now: a majority of the parliament in force and a
 * majority of the next parliament are present. Without the first majority, no entry can be
 * committed, so the change waits. Without the second, the government stays open, and the leader
 * writes no entry behind an open government, so a living majority would wait for absent members.
 */
export function isTenable(situation: Situation, next: Seats): boolean {
    const { government } = situation
    return (
        isQuorate(situation, parliament(government)) && isQuorate(situation, parliament(next))
    )
}

/**
 * Whether the present members could go on under a parliament without the leader. A parliament of
 * one voter always needs the voter, so the answer is true.
 */
export function mayLose(situation: Situation, next: Seats): boolean {
    const voters = parliament(next)
    const present = voters.filter((id) => isPresent(situation, id))
    return voters.length === 1 || present.length > quorum(voters.length)
}

/**
 * Constituents that may not take a seat yet. A log begins with its owner's admission, and a leader
 * must be able to feed every voter. So all voters that answer, and the constituent, must be close
 * to the latest admission among the members that may hold a seat.
 *
 * @param lacks Whether a member is more than one ration behind the latest admission, or lacks
 * entries that the leader will no longer hold.
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
 * Whether a log holds the entries behind a position, and still holds the entries after all written
 * entries are committed and the log has forgotten as much as allowed.
 *
 * @param kept The part of the log that is never forgotten.
 */
export function keeps(log: Log, position: number, kept: RunLimit): boolean {
    const { first, head } = log
    if (position < first || head - position > kept.entries) {
        return false
    }
    return log.weigh(position, head + 1) <= kept.weight
}

/**
 * A lower bound for the position through which a member holds the log: a log begins with its
 * owner's admission, and every member holds the minimum. -1 if the position is unknown or not held
 * here.
 */
export function reachOf({ log, minimum }: Core, { holds, immigrated }: PeerProgress): number {
    const { propagated } = minimum
    return Math.max(holds, log.positionOf(immigrated), log.positionOf(propagated))
}

/** Whether the member can send a peer all missing entries, now and later. */
export function isInReach(core: Core, peer: PeerProgress): boolean {
    return keeps(core.log, reachOf(core, peer), core.settings.kept)
}

/** Ids of the peers that lack entries which the member does not hold, or will soon forget. */
export function outOfReach(core: Core, peers: readonly PeerProgress[]): readonly string[] {
    return peers.filter((peer) => !isInReach(core, peer)).map(({ id }) => id)
}

/** The situation of the leader, as of now. */
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
        successor: departure.handover?.to.id ?? null,
        moving: movesToWrite(core)
    }
}
