import type { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { isLost, isSilent, silenceOf, type Pace } from '../replication/silence.js'
import { lifeOfCall } from './move-reports.js'
import { dropsOldEvidence } from './versions.js'

/** The leader's evidence about members. A member may be in none of the three sets. */
export interface Appraisal {
    /**
     * Ids of members without an answer to the leader's requests for `patience`, of members without
     * an answer for a `timeout` whose place a newcomer asks for, and of members that for a
     * `timeout` have lacked entries that the leader has forgotten.
     */
    readonly silent: ReadonlySet<string>
    /** Ids of members without a recent answer, by the leader's evidence or by reports of peers. */
    readonly doubtful: ReadonlySet<string>
    /** Ids of members with an answer to the leader, in its present term, within `timeout`. */
    readonly present: ReadonlySet<string>
}

/**
 * Sorts members by their answers. No other function decides on presence.
 *
 * 1. Presence needs evidence: `presentAt` is the time of an answer to a call in the leader's
 *    term. A promise in the leader's election counts. An answer from before the election, from
 *    before a pause of the process or from before a restart does not count.
 * 2. A member without a request from the leader within `recall` is neither present nor silent,
 *    and no lost member. The member is doubtful only if peers report silence, or if it has not
 *    answered since the last request.
 * 3. If a process without a log asks for admission under the id of a citizen, the citizen's own
 *    process has probably lost its log: then a `timeout` of silence suffices instead of
 *    `patience`. A living citizen answers, and stays.
 * 4. A moved member that sends requests and hears the answers is not silent, even if no call
 *    reaches the member. The requests are no evidence of presence.
 *
 * @param reported Immigration promises of the members that peers report as silent.
 * @param returning Ids of citizens under which a newcomer asks for admission.
 * @param isCalling Whether a moved member has given a sign of life within so many milliseconds.
 */
export function appraise(
    peers: readonly PeerProgress[],
    reported: ReadonlySet<Monotonic>,
    pace: Pace,
    returning: ReadonlySet<string> = new Set(),
    isCalling: (immigrated: Monotonic, withinMs: number) => boolean = () => false
): Appraisal {
    const { now, ping, timeout } = pace
    const silent = new Set<string>()
    const doubtful = new Set<string>()
    const present = new Set<string>()
    for (const peer of peers) {
        // A member that answers and lacks forgotten entries returns too; `isLost` decides then.
        const isReturning = peer.lostAt === null && returning.has(peer.id)
        const patience = isReturning ? Math.min(timeout, pace.patience) : pace.patience
        const isGone = isSilent(peer, { ...pace, patience }) &&
            !isCalling(peer.immigrated, lifeOfCall({ patience, timeout }))
        if (isGone || isLost(peer, pace)) {
            silent.add(peer.id)
        }
        const isReported = reported.has(peer.immigrated) && now - peer.answeredAt > 2 * ping
        if (isReported || silenceOf(peer, now) >= Math.max(2 * ping, timeout / 2)) {
            doubtful.add(peer.id)
        } else if (now - peer.presentAt < timeout) {
            present.add(peer.id)
        }
    }
    return { silent, doubtful, present }
}

/** Sorts peers of a leader by their answers, as of now. */
export function appraisePeers(core: Core, peers: readonly PeerProgress[]): Appraisal {
    const { now, role, settings: { ping, timeout, patience } } = core
    const recall = dropsOldEvidence(core.government) ? timeout : Number.POSITIVE_INFINITY
    const reported = new Set(core.silenceReports.recent(now, timeout))
    const returning = role.name === 'elected' ? role.returning : new Set<string>()
    return appraise(
        peers, reported, { now, ping, timeout, patience, recall }, returning,
        (immigrated, withinMs) => core.moves.isCalling(immigrated, now, withinMs)
    )
}
