import type { Core } from '../core.js'
import { sendProbe } from '../messages/send.js'
import { mayCarry } from '../replication/call-limits.js'
import { constituency } from '../replication/constituency.js'
import { votersToWriteTo } from '../replication/feeding.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { silenceOf } from '../replication/silence.js'
import { namesOf, peersOf, rivals } from '../standing.js'
import { parliament } from './government.js'
import { dropsOldEvidence } from './versions.js'

/** The maximum number of constituents that the leader probes at once. */
const PROBED_CONSTITUENTS_MAX = 8

/**
 * Probes the members that a change of the parliament depends on, no matter which member
 * feeds each. Without an answer to the leader, a member is not present, and the change waits.
 * Probes also the citizens under whose ids newcomers ask: an answer shows that the citizen lives.
 */
export function probeAbsent(core: Core): void {
    const { now, settings: { ping, timeout, window } } = core
    const eligible = eligibleConstituents(core)
    const needed = mayChangeSoon(core, eligible.length) ? [...rivals(core), ...eligible] : []
    const returning = returningCitizens(core)
    if (needed.length + returning.length === 0) {
        return
    }
    // The leader feeds these members anyway.
    const fed = [...votersToWriteTo(core), ...constituency(core.government, core.id)]
    for (const peer of new Set([...needed, ...returning])) {
        const isFresh = now - peer.presentAt < timeout / 2
        const isAsked = now - Math.max(peer.sentAt, peer.probedAt) < ping
        // The last calls are for counted requests: an unanswered probe never exiles a peer.
        if (!fed.includes(peer.id) && !isFresh && !isAsked && mayCarry(peer, window, window)) {
            sendProbe(core, peer)
        }
    }
}

/** The citizens that, as far as the leader knows, can return only as newcomers. */
function returningCitizens(core: Core): readonly PeerProgress[] {
    const { role, government } = core
    const isAsking = role.name === 'elected' && dropsOldEvidence(government)
    return isAsking ? peersOf(core, [...role.returning]) : []
}

/** The first constituents that may hold a seat. Constituents with a recent answer come first. */
function eligibleConstituents(core: Core): readonly PeerProgress[] {
    const { now, settings: { timeout }, government: { constituents, naturalized } } = core
    const ready = peersOf(core, naturalized.filter((id) => constituents.includes(id)))
    const answers = (peer: PeerProgress): boolean => silenceOf(peer, now) < timeout
    const eligible = [...ready.filter(answers), ...ready.filter((peer) => !answers(peer))]
    return eligible.slice(0, PROBED_CONSTITUENTS_MAX)
}

/** Whether the leader may soon have to change the parliament. */
function mayChangeSoon(core: Core, eligible: number): boolean {
    const { now, settings: { ping, parliamentSize }, departure: { handover } } = core
    const voters = parliament(core.government)
    const room = voters.length % 2 === 0 ? 1 : 2
    const isWanted = voters.length % 2 === 0 || handover !== null
    const hasRoom = eligible >= room && voters.length + room <= parliamentSize
    const isLeft = namesOf(core, core.leaving).some((id) => voters.includes(id))
    return isWanted || hasRoom || isLeft || rivals(core).some((peer) => {
        return silenceOf(peer, now) >= ping
    })
}
