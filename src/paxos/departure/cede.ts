import { Monotonic } from '../../base/monotonic.js'
import { appointCollapseAfterVote } from '../agenda.js'
import type { Core } from '../core.js'
import { collapse, raiseHighestBallot, stopWriting } from '../election/election.js'
import type { Change } from '../membership/government.js'
import { appraisePeers } from '../membership/presence.js'
import type { Ballot, Cede, Incarnation, Response } from '../messages/messages.js'
import { reply } from '../messages/reply.js'
import { send } from '../messages/send.js'
import { mayAsk } from '../replication/call-limits.js'
import { diskVotes } from '../replication/own-vote.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { holdsSeat, isLeading, isSeated, maySucceed, writerOf } from '../standing.js'
import { beginHandover, closeHandover, type Handover } from './handover.js'
import { successorOfLeaver } from './leave.js'

// A leader hands its leadership over. (Raft thesis, section 3.10.)
//
// 1. If the successor has no seat, the leader gives it a seat.
// 2. Once the successor answers, the leader *closes*: it writes nothing more, all written entries
//    are committed, and the successor draws level.
// 3. The leader tells the successor to go ahead. The successor is then elected like any candidate.
//
// No function here decides which entries are committed or which member may write: promises do. A
// handover only lets the successor campaign while a leader is in good standing. Proposals wait for
// a `timeout` at most; then the leader writes them.

/**
 * The outcome of ceding. `ceding`: the handover has begun · `leads`: the named member leads
 * already. The remaining outcomes change nothing. `not-leader`: the asked member does not lead ·
 * `ineligible`: the named member is no naturalized citizen · `busy`: a handover to a third member
 * is under way.
 */
export type CedeOutcome = 'ceding' | 'leads' | 'not-leader' | 'ineligible' | 'busy'

/** Begins to hand the leadership over to a citizen. Repeating the same order changes nothing. */
export function cedeTo(core: Core, id: string): CedeOutcome {
    const { departure: { handover }, citizenship, government } = core
    if (!isLeading(core)) {
        return 'not-leader'
    }
    if (id === core.id) {
        return 'leads'
    }
    if (handover !== null) {
        return handover.to.id === id ? 'ceding' : 'busy'
    }
    const incarnation = citizenship.incarnationOf(id)
    if (incarnation === null || !government.naturalized.includes(id)) {
        return 'ineligible'
    }
    handOver(core, incarnation)
    return 'ceding'
}

function handOver(core: Core, to: Incarnation): void {
    core.departure.heir = null
    core.departure.handover = beginHandover(to, core.now)
    core.isReshapeDue = true
}

/**
 * Moves a leader's handover on: gives up after a `timeout` in one stage, closes, or begins a
 * handover because the leader leaves.
 */
export function moveHandover(core: Core): void {
    const { departure, settings } = core
    if (!isLeading(core)) {
        return
    }
    const { handover } = departure
    if (handover !== null && core.now - handover.since >= settings.timeout) {
        // The successor's time is up: the leader stays.
        departure.handover = null
        core.isReshapeDue = true
    } else if (handover !== null) {
        closeIfPresent(core, handover)
    }
    const successor = departure.handover === null ? successorOfLeaver(core) : null
    if (successor !== null) {
        handOver(core, successor)
    }
}

/**
 * Closes if the successor has a seat and has answered within `ping`. Until then, the leader writes
 * on.
 */
function closeIfPresent(core: Core, handover: Handover): void {
    const peer = core.peers.of(handover.to)
    const isRecent = core.now - peer.presentAt < core.settings.ping
    const isThere = isRecent && appraisePeers(core, [peer]).present.has(peer.id)
    if (!handover.isClosing && isThere && holdsSeat(core, peer)) {
        core.departure.handover = closeHandover(handover, core.now)
    }
}

/**
 * Tells the successor to go ahead, once all written entries are committed and the successor holds
 * all of them. Until the successor leads, the leader repeats the message after each `ping`.
 */
export function tellSuccessor(core: Core): void {
    const { log, departure, settings: { ping, window } } = core
    const { handover } = departure
    const writer = writerOf(core)
    if (handover?.isClosing !== true || writer === null) {
        return
    }
    const peer = core.peers.of(handover.to)
    const isLevel = log.head === log.committed && peer.holds === log.committed
    const isDue = core.now - handover.toldAt >= ping && mayAsk(peer, window)
    if (isLevel && isDue) {
        departure.handover = { ...handover, toldAt: core.now }
        send(core, peer, { method: 'cede', ballot: writer.ballot }, log.committed)
    } else if (diskVotes(core) && isMarkUntold(core, peer)) {
        askForMark(core, peer)
    }
}

/**
 * Whether the successor holds the whole log and the commit mark was sent, but the successor has not
 * told the mark: the answer to a mark alone repeats the earlier mark (`told-mark.ts`).
 */
function isMarkUntold({ log: { head, committed } }: Core, peer: PeerProgress): boolean {
    const isSent = peer.awaiting === 0 && peer.marked === committed && peer.match === head
    return isSent && head === committed && peer.holds < committed
}

/** Asks a peer for its commit mark at once. */
function askForMark(core: Core, peer: PeerProgress): void {
    const { log, committed } = core
    const question = { method: 'synchronize', welcome: null, previous: committed } as const
    send(core, peer, { ...question, entries: [] }, log.committed)
}

/** The successor's side: the successor campaigns if its committed log equals the leader's. */
export function onCede(core: Core, { ballot, committed, from }: Cede): Response {
    raiseHighestBallot(core, ballot)
    if (committed !== core.committed) {
        return reply(core, { method: 'behind' })
    }
    const isFollower =
        isSeated(core) && holdsSeat(core, from) && core.role.name !== 'elected'
    const isOverruled = Monotonic.compare(ballot, core.acceptance.promised) < 0
    if (!isFollower || isOverruled) {
        return reply(core, { method: 'refused' })
    }
    if (!maySucceed(core, from.immigrated)) {
        collapse(core, from.immigrated)
    }
    return reply(core, { method: 'synchronized' })
}

/**
 * A voter has refused a run, because the voter has promised a higher ballot. If the ballot is the
 * successor's, the leader only stops writing; otherwise the leader contests the election.
 */
export function onRefusedRun(core: Core, ballot: Ballot): void {
    const { handover } = core.departure
    if (handover === null || !ballot.endsWith(`/${handover.to.immigrated}`)) {
        collapse(core)
        return
    }
    stopWriting(core)
    appointCollapseAfterVote(core)
}

/**
 * A line of the table in `enact.ts`. A handover ends with a government under a new leader, with the
 * successor's exile, or, after the leader has closed, with the loss of the successor's seat.
 */
export function endHandover(core: Core, { body }: Change): void {
    const { citizenship, government, departure } = core
    const { handover } = departure
    const leader = government.majority[0]
    const isOurs = body.map !== null && leader === core.id
    const to = handover?.to ?? citizenship.incarnation
    const isUnseated = handover?.isClosing === true && !holdsSeat(core, to)
    if (handover !== null && leader === to.id) {
        departure.heir = Object.freeze({ id: to.id, promise: government.promise })
    }
    if (!isOurs || !citizenship.isKnown(to.immigrated) || isUnseated) {
        departure.handover = null
    }
}
