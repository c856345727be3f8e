import { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import { onRefusedRun } from '../departure/cede.js'
import { onExileAnswer } from '../departure/exile-notice.js'
import { dropsOldEvidence, republicVersion, versionsOf } from '../membership/versions.js'
import { retire } from '../departure/retire.js'
import { onVoterAnswer, raiseHighestBallot } from '../election/election.js'
import { onTrimmed, petition } from '../election/petition.js'
import { takeReport } from '../membership/move-reports.js'
import { keepEcho } from '../replication/age.js'
import { countAnsweredCall } from '../replication/call-limits.js'
import { onAhead } from '../replication/catch-up.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { isLeading, writerOf } from '../standing.js'
import type { Call } from './mailbox.js'
import type { Answer, Recorded, Response } from './messages.js'

/** The place of a peer's last committed entry in the member's log. */
interface Place {
    /** The position; -1 if the log does not contain the entry. */
    readonly held: number
    /** The peer has committed entries that the member has not committed. */
    readonly isAhead: boolean
    /** The peer's log ends before the oldest entry of the member's log. */
    readonly isLost: boolean
}

/** Counts a call without an answer. */
export function onNoAnswer({ peers, moves }: Core, call: Call): void {
    moves.countFailedCall(call.immigrated, call.sentAt)
    const peer = peers.find(call.immigrated)
    if (peer !== undefined) {
        peer.countEnd(call.sentAt)
        peer.countFailedCall(call.entries ?? 0)
    }
}

/**
 * Takes the response to a call; `null` or `undefined` if the call failed.
 *
 * @returns Whether the engine may have to act after the response. The answer of an exiled peer only
 * ends the notice of exile to the peer, and after the member's own exile there is nothing to do.
 */
export function onResponse(core: Core, call: Call, response: Response | null | undefined): boolean {
    if (response?.method === 'unreachable' && response.exiled) {
        retire(core)
        return false
    }
    const peer = core.peers.find(call.immigrated)
    const isVoid = response === null || response === undefined
    if (peer === undefined) {
        const answer = isVoid || response.method === 'unreachable' ? null : response
        onExileAnswer(core, call, answer)
        return false
    }
    if (isVoid || response.method === 'unreachable') {
        onNoAnswer(core, call)
    } else {
        countAnsweredCall(core.mailbox, peer, call.sentAt)
        onAnswer(core, peer, call, response)
    }
    return true
}

function onAnswer(core: Core, peer: PeerProgress, call: Call, answer: Answer): void {
    raiseHighestBallot(core, answer.ballot)
    if (answer.from.immigrated !== peer.immigrated) {
        onAnswerWithoutIncarnation(peer)
        return
    }
    if (versionsOf(answer.from)[1] < republicVersion(core.government)) {
        // A process of an earlier package cannot read the log, so the incarnation counts as silent.
        peer.countFailure()
        return
    }
    peer.stranger = false
    keepEcho(peer, answer)
    peer.countArrivedCall(call.entries ?? 0, core.settings.feeding.catchUp.entries)
    notePresence(core, peer, call, answer)
    const held = core.log.positionOf(answer.committed)
    const isAhead = Monotonic.compare(answer.committed, core.committed) > 0
    const isLost = !isAhead && held === -1
    peer.holds = Math.max(peer.holds, isAhead ? core.log.committed : held)
    takeReports(core, peer, answer)
    if (!isLost) {
        countReturn(core, peer)
    }
    if (answer.method === 'recorded') {
        onRecorded(core, peer, call, answer, { held, isAhead, isLost })
        return
    }
    if (isLost) {
        onPeerLost(core, peer, answer)
    } else {
        const hasArrived = call.method !== 'synchronize' || peer.holds >= call.last
        peer.countAnswer(core.now, hasArrived)
    }
    if (call.method === 'register' && answer.method === 'refused') {
        const writer = writerOf(core)
        if (writer !== null && answer.ballot !== writer.ballot) {
            onRefusedRun(core, answer.ballot)
        }
        return
    }
    if (answer.method === 'ahead') {
        onAhead(core, peer, answer)
    } else if (answer.method === 'trimmed') {
        onTrimmed(core, peer)
    } else {
        onVoterAnswer(core, peer, answer)
    }
}

/**
 * Takes an answer as evidence that the peer is present (`membership/presence.ts`), if the call was
 * sent in the term of the present writer and the peer has not refused.
 */
function notePresence(core: Core, peer: PeerProgress, call: Call, { method }: Answer): void {
    const isEarlier = call.sentAt < core.tenure.since
    if (core.role.name !== 'elected' || isEarlier || method === 'refused') {
        return
    }
    // A change of the government may have waited for the evidence.
    core.isReshapeDue ||= core.now - peer.presentAt >= core.settings.timeout
    peer.presentAt = core.now
}

function onRecorded(
    core: Core, peer: PeerProgress, call: Call, answer: Recorded, place: Place
): void {
    const position = core.log.positionOf(answer.position)
    const ballot = writerOf(core)?.ballot
    const isOurs = answer.ballot === ballot
    if (isOurs) {
        peer.obeyedAt = Math.max(peer.obeyedAt, call.sentAt)
    }
    const isAccepted = isOurs && answer.accepted === ballot
    if (isAccepted && position !== -1) {
        peer.countAcceptance(position, call.last)
        // The log contains all entries that the peer holds under the ballot.
        peer.holds = Math.max(peer.holds, place.held)
    } else if (place.isLost) {
        onPeerLost(core, peer, answer)
        return
    }
    // If a peer is ahead of the whole run, the peer has nothing to accept, and feeds the member.
    const isBeyond = isOurs && place.isAhead && !isAccepted
    peer.countAnswer(core.now, Math.max(peer.holds, position) >= call.last && !isBeyond)
    if (isBeyond) {
        petition(core, peer)
    }
}

/**
 * Counts a failure of a lost peer: the peer answers, but the member no longer holds the entries
 * that the peer lacks.
 */
function onPeerLost(core: Core, peer: PeerProgress, { committed }: Answer): void {
    peer.countFailure()
    if (peer.lostAt === null || peer.lostFrom !== committed) {
        // If another member feeds the peer, the peer's commit mark moves, and the time starts anew.
        peer.lostFrom = committed
        peer.lostAt = core.now
        core.isReshapeDue = true
    }
    if (core.role.name === 'elected' && isLeading(core)) {
        // The peer can return only as a new incarnation, so the seat does not stay reserved.
        core.role.returning.add(peer.id)
    }
}

/**
 * Counts that a peer answers and lacks no lost entries. The citizen's own process lives, and a
 * third member may have fed the peer. A later silence of the peer is silence like any other.
 */
function countReturn({ role, government }: Core, peer: PeerProgress): void {
    peer.lostAt = null
    if (role.name === 'elected' && dropsOldEvidence(government)) {
        role.returning.delete(peer.id)
    }
}

/**
 * Takes the answer of a process without an incarnation: a newcomer, or a process that has lost its
 * log.
 */
function onAnswerWithoutIncarnation(peer: PeerProgress): void {
    if (peer.holds === -1 && !peer.stranger) {
        peer.stranger = true
    } else {
        // A process without its log is not the incarnation of the call, so the incarnation counts
        // as silent.
        peer.countFailure()
    }
}

/** Takes the peer's reports about the peer and the members downstream. */
function takeReports(core: Core, peer: PeerProgress, answer: Answer): void {
    const { citizenship, government, leaving, naturalizing } = core
    core.minimum.report(peer.immigrated, answer.minimum)
    const known = answer.silent.filter((promise) => citizenship.isKnown(promise))
    core.silenceReports.add(known, core.now)
    for (const promise of answer.leaving ?? []) {
        if (citizenship.isKnown(promise) && !leaving.has(promise)) {
            leaving.add(promise)
            core.isReshapeDue = true
        }
    }
    for (const report of answer.moving ?? []) {
        takeReport(core, report)
    }
    for (const promise of answer.naturalizing) {
        const id = government.immigrated.id[promise]
        if (id !== undefined && !government.naturalized.includes(id)) {
            core.isReshapeDue ||= !naturalizing.has(promise)
            naturalizing.add(promise)
        }
    }
}
