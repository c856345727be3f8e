import { Monotonic } from '../../base/monotonic.js'
import { appoint } from '../agenda.js'
import { type Core, FOLLOWING } from '../core.js'
import { parliament } from '../membership/government.js'
import { quorum } from '../membership/quorum.js'
import { cabinet } from '../membership/cabinet.js'
import { republicVersion } from '../membership/versions.js'
import type { Answer, Ballot, Promised } from '../messages/messages.js'
import { send } from '../messages/send.js'
import { mayAsk } from '../replication/call-limits.js'
import { feedAtOnce } from '../replication/feeding.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { Writer } from '../replication/writer.js'
import {
    holdsSeat, isLed, isSeated, maySucceed, proposerOf, rivals, writerOf
} from '../standing.js'
import { isLeftBehind, petitionNext, petitionWhileLed } from './petition.js'
import { Proposer, nextBallot } from './proposer.js'

// The candidate's side of a collapse: the candidate canvasses (pre-vote), prepares (phase 1),
// adopts the recorded suffix, and becomes the writer. All changes of a member's role are here,
// except the role of the founder.

/** How often the delay between two tries of a campaign doubles. */
const DOUBLINGS_MAX = 3

/** From this version on, a candidate prefers the other voters to the leader that has ceded. */
const CEDED_LAST_VERSION = 2

/** After so many tries, a candidate also asks members without a vote. */
const PETITION_AFTER = 2

/**
 * Stops writing. The writer drops all waiting proposals. The next government has `map: null`, and
 * so the publishers send the dropped proposals again.
 */
export function stopWriting(core: Core): void {
    if (core.role.name === 'elected') {
        core.role = FOLLOWING
    }
}

/** Ends a campaign, because a peer leads. */
export function stopCampaign(core: Core): void {
    if (core.role.name === 'campaigning') {
        core.role = FOLLOWING
    }
}

function beginCampaign(core: Core, ceded: Monotonic | null = null): Proposer {
    const proposer = new Proposer(ceded)
    core.role = { name: 'campaigning', proposer }
    return proposer
}

/**
 * Starts a campaign: the writer has lost its majority, its ballot or its suffix, or a leader has
 * ceded to the member.
 *
 * @param ceded The incarnation of the leader that has ceded to the member; `null` without a leader.
 */
export function collapse(core: Core, ceded: Monotonic | null = null): void {
    core.departure.handover = null
    campaign(core, beginCampaign(core, ceded))
}

/**
 * The appointment `collapse`: the member has heard from no leader for a `timeout`, or a try of the
 * campaign took too long.
 */
export function onCollapse(core: Core): void {
    if (core.role.name === 'elected' || !core.citizenship.isCitizen) {
        return
    }
    if (isLed(core) && !maySucceed(core, core.ledBy)) {
        stopCampaign(core)
        petitionWhileLed(core)
    } else if (isSeated(core) && !isLeftBehind(core)) {
        const proposer = proposerOf(core)
        proposer?.countTry()
        if ((proposer?.attempts ?? 0) > PETITION_AFTER) {
            // The known parliament may be gone; a peer may know a later parliament.
            petitionNext(core)
        }
        campaign(core, proposer ?? beginCampaign(core))
    } else {
        stopCampaign(core)
        petitionNext(core)
    }
}

/**
 * Begins a campaign anew after the log has grown. The earlier promises concern the shorter log, and
 * the parliament may have changed.
 *
 * @param isLevel Whether the member holds all entries that the sender has committed.
 */
export function restartCampaign(core: Core, isLevel: boolean): void {
    const proposer = proposerOf(core)
    if (proposer !== null) {
        proposer.restart()
        appoint(core, 'collapse', isLevel ? 0 : core.settings.ping)
    }
}

/**
 * A line of the table in `enact.ts`. If the member has completed an inherited government, the
 * member's own government comes next, whichever leader the inherited government names: only a `map:
 * null` tells the publishers of the collapse. The promises of the election concern the old
 * parliament, so phase 1 starts again. If the complete government is the member's own, the election
 * is over.
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
        prepare(core, beginCampaign(core))
        return
    }
    for (const peer of rivals(core)) {
        // The next leader must know the completed government. An exiled member tells the
        // voters at once, whatever calls are under way.
        feedAtOnce(core, peer, core.citizenship.exiled)
    }
}

function campaign(core: Core, proposer: Proposer): void {
    const { ping, timeout } = core.settings
    const patience = Math.min(timeout, ping * 2 ** Math.min(proposer.attempts, DOUBLINGS_MAX))
    appoint(core, 'collapse', patience / 2 + core.random.below(patience))
    const { immigrated } = core.citizenship
    const needed = neededOf(core, proposer, immigrated)
    if (proposer.ballot === null && proposer.countGrant(immigrated, needed)) {
        prepare(core, proposer)
    } else if (proposer.ballot !== null && proposer.hasMajority(needed)) {
        // A second try counts the leader that has ceded.
        winElection(core, proposer, proposer.ballot)
    } else {
        askVoters(core, proposer)
    }
}

/**
 * How many answers to the current question a candidate needs, after a voter's answer: a majority.
 * In the first try after a cession, the majority counts without the leader that has ceded and may
 * end soon: that leader would keep a slower voter out of the first government.
 */
function neededOf(core: Core, proposer: Proposer, voter: Monotonic): number {
    const voters = parliament(core.government).length
    const needed = quorum(voters)
    const ceded = cededOf(core, proposer)
    const hasCeded = ceded !== null
        && (voter === ceded || proposer.unanswered([ceded]).length === 0)
    return hasCeded && proposer.attempts === 0 && needed < voters ? needed + 1 : needed
}

/** The leader that has ceded to the candidate; `null` without one, or in an earlier version. */
function cededOf({ government }: Core, { ceded }: Proposer): Monotonic | null {
    return republicVersion(government) < CEDED_LAST_VERSION ? null : ceded
}

/** Asks each voter without an answer to the current question (canvass or prepare). */
function askVoters(core: Core, proposer: Proposer): void {
    const voters = new Map(rivals(core).map((peer) => [peer.immigrated, peer]))
    for (const voter of proposer.unanswered([...voters.keys()])) {
        const peer = voters.get(voter)
        if (peer !== undefined) {
            askVoter(core, proposer, peer)
        }
    }
}

function askVoter(core: Core, proposer: Proposer, peer: PeerProgress): void {
    if (mayAsk(peer, core.settings.window)) {
        send(core, peer, proposer.question(), core.log.committed)
    }
}

function prepare(core: Core, proposer: Proposer): void {
    // An earlier handover has failed: the winner of the election is to write.
    core.departure.handover = null
    const { acceptance, tenure, citizenship: { immigrated } } = core
    const ballot = nextBallot(core.highestBallot, immigrated)
    raiseHighestBallot(core, ballot)
    const accepted = tenure.acceptedUnder(acceptance.accepted, core.log)
    acceptance.promised = ballot
    tenure.since = core.now
    proposer.offerBallot(ballot, immigrated, accepted)
    if (proposer.hasMajority(neededOf(core, proposer, immigrated))) {
        winElection(core, proposer, ballot)
    } else {
        askVoters(core, proposer)
    }
}

/** Raises the highest known ballot, so that the member's next ballot is above every ballot seen. */
export function raiseHighestBallot(core: Core, ballot: Ballot): void {
    if (Monotonic.compare(ballot, core.highestBallot) > 0) {
        core.highestBallot = ballot
    }
}

/**
 * Wins the election: adopts the recorded suffix under the candidate's ballot. The entries keep
 * their promises. If the suffix opens a government, the writer completes that government first;
 * otherwise the writer's own government follows the suffix.
 */
function winElection(core: Core, proposer: Proposer, ballot: Ballot): void {
    const { log, government, peers } = core
    const adopted = proposer.suffixToAdopt(government)
    log.truncate()
    for (const entry of adopted) {
        log.append(entry)
    }
    core.acceptance.accepted = ballot
    for (const peer of peers.all()) {
        peer.forgetAcceptance()
    }
    for (const promised of proposer.promised()) {
        peers.find(promised)?.countVote(log.committed, core.now)
    }
    const writer = new Writer(ballot, government.promise, adopted)
    core.role = { name: 'elected', writer, arriving: new Map(), returning: new Set() }
    if (!writer.inherits) {
        const ceded = cededOf(core, proposer)
        const willing = ceded === null ? proposer.promised() : proposer.willing()
        const shape = cabinet(government, core.id, willing, ceded)
        writer.propose(log, government, shape, false)
    }
}

/**
 * Takes the answer of a voter to a canvass or a prepare, or to entries that the candidate has sent.
 */
export function onVoterAnswer(core: Core, peer: PeerProgress, answer: Answer): void {
    const proposer = proposerOf(core)
    if (proposer === null || !holdsSeat(core, peer)) {
        return
    }
    const isLevel = answer.committed === core.committed
    const needed = neededOf(core, proposer, peer.immigrated)
    switch (answer.method) {
        case 'granted':
            if (isLevel && proposer.countGrant(peer.immigrated, needed)) {
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
                // The voter's log reaches the candidate's first entry: the candidate can feed it.
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

function countPromise(core: Core, proposer: Proposer, peer: PeerProgress, answer: Promised): void {
    const { accepted: ballot, entries, draft = null } = answer
    const accepted = { ballot, entries, draft }
    const needed = neededOf(core, proposer, peer.immigrated)
    const isMajority = proposer.countPromise(peer.immigrated, accepted, needed)
    if (isMajority && proposer.ballot !== null) {
        winElection(core, proposer, proposer.ballot)
    }
}
