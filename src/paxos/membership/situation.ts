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

/** All facts for the choice of the next government (`shaper.ts`). */
export interface Situation {
    readonly government: Government
    /** The ballot of the deciding leader. */
    readonly ballot: Ballot
    /** The seats of a full parliament. */
    readonly parliamentSize: number
    /** The seats of the smallest parliament. */
    readonly parliamentFloor: number
    /** The newcomers with a wish for admission, oldest first. */
    readonly arriving: readonly Immigration[]
    /** Citizens with no way back but a new incarnation. */
    readonly returning: ReadonlySet<string>
    /** Citizens without an answer for `patience`. */
    readonly silent: ReadonlySet<string>
    /** Citizens without a recent answer, or too far behind: the leader offers them no seat. */
    readonly doubtful: ReadonlySet<string>
    /** Citizens with a recent answer to the leader: evidence of presence. */
    readonly present: ReadonlySet<string>
    /** Citizens with the wish for naturalization. */
    readonly naturalizing: readonly string[]
    /** Citizens with a wish for exile, in the order of the wishes. */
    readonly leaving: readonly string[]
    /** The successor in a handover; `null` without a handover. */
    readonly successor: string | null
}

type Seats = Pick<GovernmentBody, 'majority' | 'minority'>

/** Whether a citizen is present, by the evidence of answers; the leader always is. */
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
 * Whether a government may change the parliament to `next` now: majorities of the parliament in
 * force and of the next parliament are present. Without the first, no entry can be committed, so
 * the change waits. Without the second, the government stays open, and the leader writes no entry
 * behind an open government: a living majority would wait for absent members.
 */
export function isTenable(situation: Situation, next: Seats): boolean {
    const { government } = situation
    return (
        isQuorate(situation, parliament(government)) && isQuorate(situation, parliament(next))
    )
}

/**
 * Whether the present members could go on under a parliament without the leader. A leader alone in
 * a parliament is always needed.
 */
export function mayLose(situation: Situation, next: Seats): boolean {
    const voters = parliament(next)
    const present = voters.filter((id) => isPresent(situation, id))
    return voters.length === 1 || present.length > quorum(voters.length)
}

/**
 * Constituents without a right to a seat yet. A log begins with its owner's admission, and a leader
 * must be able to feed every other voter. So all answering voters, and the constituent, must be
 * close to the latest admission among the members with a right to a seat.
 *
 * @param lacks Whether a member is further behind the admission than one ration, or lacks entries
 * outside the leader's future log.
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
 * Whether a log holds the entries behind a position, now and after the next forgetting.
 *
 * @param kept The amount of entries exempt from forgetting.
 */
export function keeps(log: Log, position: number, kept: RunLimit): boolean {
    const { first, head } = log
    if (position < first || head - position > kept.entries) {
        return false
    }
    return log.weigh(position, head + 1) <= kept.weight
}

/**
 * The least position of a member's commit mark: the log begins with the member's admission, and
 * every member holds the minimum. -1 if the log contains no such position.
 */
export function reachOf({ log, minimum }: Core, { holds, immigrated }: PeerProgress): number {
    const { propagated } = minimum
    return Math.max(holds, log.positionOf(immigrated), log.positionOf(propagated))
}

/** Whether the member can send a peer all entries that the peer lacks, now and later. */
export function isInReach(core: Core, peer: PeerProgress): boolean {
    return keeps(core.log, reachOf(core, peer), core.settings.kept)
}

/** The ids of the peers with missing entries outside the member's log, now or soon. */
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
        // A seat of a voter without a possible feeder would be lost for good.
        return !isInReach(core, peer) || latest - reachOf(core, peer) > batch
    })
    // A voter without a possible feeder answers, but cannot vote.
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
