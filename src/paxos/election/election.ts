import { Monotonic } from '../../base/monotonic.js'
import { appoint } from '../agenda.js'
import { type Core, FOLLOWING } from '../core.js'
import { parliament } from '../membership/government.js'
import { quorum } from '../membership/quorum.js'
import { cabinet } from '../membership/shaper.js'
import type { Answer, Ballot, Promised } from '../messages/messages.js'
import { send } from '../messages/send.js'
import { feedAtOnce } from '../replication/feeding.js'
import type { Peer } from '../replication/peers.js'
import { Writer } from '../replication/writer.js'
import {
    holdsSeat, isLed, isSeated, maySucceed, proposerOf, rivals, writerOf
} from '../standing.js'
import { isLeftBehind, petitionNext } from './petition.js'
import { Proposer, nextBallot } from './proposer.js'

// The candidate's side of a collapse: it canvasses, prepares, adopts the recorded suffix, and
// becomes the writer. All changes of the role of a member are here, except the founding's.

/** How often a campaign's patience doubles. */
const DOUBLINGS_MAX = 3

/** After this many tries a candidate also asks members without a vote. */
const PETITION_AFTER = 2

/**
 * Ends the writing. Waiting proposals are dropped, and the Islanders send them again after the next
 * government with `map: null`.
 */
export function stopWriting(core: Core): void {
    if (core.role.name === 'elected') {
        core.role = FOLLOWING
    }
}

/** Ends a campaign: another member leads. */
export function stopCampaign(core: Core): void {
    if (core.role.name === 'campaigning') {
        core.role = FOLLOWING
    }
}

function campaigner(core: Core, ceded: Monotonic | null = null): Proposer {
    const proposer = new Proposer(ceded)
    core.role = { name: 'campaigning', proposer }
    return proposer
}

/**
 * The writer has no majority, was refused, or has ceded: an election decides which member goes on.
 *
 * @param ceded The leader that has ceded to this member; `null` if there is none.
 */
export function collapse(core: Core, ceded: Monotonic | null = null): void {
    core.departure.handover = null
    campaign(core, campaigner(core, ceded))
}

/** The appointment `collapse`: no word of a leader for a `timeout`, or a try took too long. */
export function onCollapse(core: Core): void {
    if (core.role.name === 'elected' || !core.citizenship.isCitizen) {
        return
    }
    if (isLed(core) && !maySucceed(core, core.ledBy)) {
        stopCampaign(core)
        core.petitions = 0
        if (isLeftBehind(core)) {
            // The leader cannot feed this member; another member may.
            petitionNext(core)
        }
    } else if (isSeated(core) && !isLeftBehind(core)) {
        const proposer = proposerOf(core)
        proposer?.retry()
        if ((proposer?.attempts ?? 0) > PETITION_AFTER) {
            // The parliament that is known here may be gone; another member may know better.
            petitionNext(core)
        }
        campaign(core, proposer ?? campaigner(core))
    } else {
        stopCampaign(core)
        petitionNext(core)
    }
}

/**
 * Begins a campaign anew after the log has grown: the promises were about the shorter log, and the
 * parliament may be another one now.
 *
 * @param isLevel Whether this member holds all that the sender of the entries has committed.
 */
export function restartCampaign(core: Core, isLevel: boolean): void {
    const proposer = proposerOf(core)
    if (proposer !== null) {
        proposer.restart()
        appoint(core, 'collapse', isLevel ? 0 : core.settings.ping)
    }
}

/**
 * A line of the table in `enact.ts`. If an inherited government is complete, this member's own
 * government comes next, whatever leader the inherited government names: only a `map: null` tells
 * the Islanders of the collapse. The promises of the election spoke of the old parliament, so
 * phase 1 starts again. If the complete government is this member's own, the election is over.
 */
export function continueElection(core: Core): void {
    const writer = writerOf(core)
    if (writer === null) {
        return
    }
    if (!writer.inherits) {
        writer.establishing = false
        return
    }
    stopWriting(core)
    if (isSeated(core)) {
        prepare(core, campaigner(core))
        return
    }
    for (const peer of rivals(core)) {
        // The next leader must know what this member completed; an exiled member tells at once.
        feedAtOnce(core, peer, core.citizenship.exiled)
    }
}

function campaign(core: Core, proposer: Proposer): void {
    const { ping, timeout } = core.settings
    const patience = Math.min(timeout, ping * 2 ** Math.min(proposer.attempts, DOUBLINGS_MAX))
    appoint(core, 'collapse', patience / 2 + core.random.below(patience))
    const { immigrated } = core.citizenship
    if (proposer.ballot === null && proposer.grant(immigrated, quorumOf(core))) {
        prepare(core, proposer)
    } else {
        askVoters(core, proposer)
    }
}

function quorumOf({ government }: Core): number {
    return quorum(parliament(government).length)
}

/** Asks the voters that have not answered this stage of the campaign. */
function askVoters(core: Core, proposer: Proposer): void {
    const voters = new Map(rivals(core).map((peer) => [peer.immigrated, peer]))
    for (const voter of proposer.unanswered([...voters.keys()])) {
        const peer = voters.get(voter)
        if (peer !== undefined) {
            askVoter(core, proposer, peer)
        }
    }
}

function askVoter(core: Core, proposer: Proposer, peer: Peer): void {
    if (peer.calls < core.settings.window + 2) {
        send(core, peer, proposer.question(), core.log.committed)
    }
}

function prepare(core: Core, proposer: Proposer): void {
    // An earlier handover has come to nothing: the member that is elected now is to write.
    core.departure.handover = null
    const { acceptance, tenure, citizenship: { immigrated } } = core
    const ballot = nextBallot(core.highestBallot, immigrated)
    raiseHighestBallot(core, ballot)
    const accepted = tenure.acceptedUnder(acceptance.accepted, core.log)
    acceptance.promised = ballot
    tenure.since = core.now
    proposer.offer(ballot, immigrated, accepted)
    if (proposer.hasMajority(quorumOf(core))) {
        establish(core, proposer, ballot)
    } else {
        askVoters(core, proposer)
    }
}

/** Takes note of a ballot in a message, so that this member's next ballot is above it. */
export function raiseHighestBallot(core: Core, ballot: Ballot): void {
    if (Monotonic.compare(ballot, core.highestBallot) > 0) {
        core.highestBallot = ballot
    }
}

/**
 * Wins the election: adopts the recorded suffix, under its own numbers and this ballot. If the
 * suffix opens a government, the writer completes that government first; otherwise the writer's own
 * government follows the suffix.
 */
function establish(core: Core, proposer: Proposer, ballot: Ballot): void {
    const { log, government, peers } = core
    const adopted = proposer.adopted(government)
    log.truncate()
    for (const entry of adopted) {
        log.append(entry)
    }
    core.acceptance.accepted = ballot
    for (const peer of peers.all()) {
        peer.unmatch()
    }
    for (const promised of proposer.promised()) {
        peers.find(promised)?.elect(log.committed, core.now)
    }
    const writer = new Writer(ballot, government.promise, adopted)
    core.role = { name: 'elected', writer, arriving: new Map(), returning: new Set() }
    if (!writer.inherits) {
        const shape = cabinet(government, core.id, proposer.promised())
        writer.propose(log, government, shape, false)
    }
}

/** The answer of a voter, or of a member that a candidate has sent entries to. */
export function onVoterAnswer(core: Core, peer: Peer, answer: Answer): void {
    const proposer = proposerOf(core)
    if (proposer === null || !holdsSeat(core, peer)) {
        return
    }
    const isLevel = answer.committed === core.committed
    switch (answer.method) {
        case 'granted':
            if (isLevel && proposer.grant(peer.immigrated, quorumOf(core))) {
                prepare(core, proposer)
            }
            return
        case 'promised':
            if (isLevel && answer.ballot === proposer.ballot) {
                countPromise(core, proposer, peer, answer)
            }
            return
        case 'behind':
            feedAtOnce(core, peer, false)
            return
        case 'synchronized':
            if (!isLevel && peer.failures === 0 && peer.holds >= core.log.first) {
                // This member cannot feed a log that ends before its own first entry.
                feedAtOnce(core, peer, false)
            } else if (isLevel && proposer.unanswered([peer.immigrated]).length !== 0) {
                askVoter(core, proposer, peer)
            }
            return
        case 'refused':
            if (Monotonic.compare(answer.ballot, proposer.ballot ?? answer.ballot) > 0) {
                proposer.restart()
            }
            return
        default:
            return
    }
}

function countPromise(core: Core, proposer: Proposer, peer: Peer, answer: Promised): void {
    const { accepted: ballot, entries, draft = null } = answer
    const accepted = { ballot, entries, draft }
    const isMajority = proposer.promise(peer.immigrated, accepted, quorumOf(core))
    if (isMajority && proposer.ballot !== null) {
        establish(core, proposer, proposer.ballot)
    }
}
