import { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import { onCede } from '../departure/cede.js'
import { retire } from '../departure/retire.js'
import { raiseHighestBallot, stopCampaign, stopWriting } from '../election/election.js'
import { noteFeeder } from '../election/petition.js'
import { onElectionRequest } from '../election/voter.js'
import { enact, skipEnacted } from '../enact.js'
import { Log } from '../log/log.js'
import { UNREACHABLE } from '../membership/citizenship.js'
import { awaited } from '../membership/consent.js'
import { reachedVersion } from '../membership/raise.js'
import { versionsOf } from '../membership/versions.js'
import { takeAge } from '../replication/age.js'
import { catchUp } from '../replication/catch-up.js'
import { commitByPair } from '../replication/commit.js'
import { record } from '../replication/recorder.js'
import { holdMark, markBefore } from '../replication/told-mark.js'
import { SeededRandom } from '../seeded-random.js'
import { maySucceed, writerOf } from '../standing.js'
import type { Answer, Ballot, Register, Request, Response, Synchronize } from './messages.js'
import { reply } from './reply.js'

/** Answers a request with a valid address. */
export function serve(core: Core, request: Request): Response {
    if (request.method !== 'register') {
        core.ownDisk.told = null
    }
    const response = answer(core, request)
    takeAge(core, request)
    return response
}

/** The one table of requests. */
function answer(core: Core, request: Request): Response {
    switch (request.method) {
        case 'register':
            return onRegister(core, request)
        case 'synchronize':
            return onSynchronize(core, request)
        case 'canvass':
        case 'prepare':
        case 'petition':
            return onElectionRequest(core, request)
        case 'cede':
            return onCede(core, request)
        default:
            return request satisfies never
    }
}

/**
 * The reason why a request is refused unread; `null` if the member serves the request. If a member
 * has consented to its own exile, the member repeats the consent: the first answer may have been
 * lost.
 */
export function reject(core: Core, request: Request): Response | null {
    const { citizenship } = core
    const isAgain = citizenship.exiled && request.method === 'register' &&
        hasConsented(core, request.ballot)
    if (isAgain) {
        return recorded(core, request.ballot)
    }
    // A member of an earlier package cannot read the log, so it must neither vote nor lead.
    const isOutdated = versionsOf(request.from)[1] < reachedVersion(core)
    return citizenship.reject(request) ?? (isOutdated ? UNREACHABLE : null)
}

function onRegister(core: Core, request: Register): Response {
    const { ballot, from } = request
    raiseHighestBallot(core, ballot)
    const before = markBefore(core)
    if (!record(core.log, core.acceptance, request)) {
        return reply(core, { method: 'refused' })
    }
    const writer = writerOf(core)
    if (writer !== null && writer.ballot !== ballot) {
        stopWriting(core)
    }
    if (!maySucceed(core, from.immigrated)) {
        stopCampaign(core)
    }
    enact(core)
    if (commitByPair(core, request)) {
        enact(core)
    }
    noteFeeder(core, request)
    if (Monotonic.compare(request.government, core.government.promise) >= 0) {
        // A later government is on the way, and the leader that feeds the member also leads under
        // the later government.
        noteLeader(core, request.standing, from.immigrated)
    }
    holdMark(core, before)
    const response = recorded(core, ballot)
    if (hasConsented(core, ballot)) {
        // The member has no vote in any later decision.
        retire(core)
    }
    return response
}

/**
 * The answer to a register: the position through which the member holds the log under the ballot.
 */
function recorded(core: Core, ballot: Ballot): Answer {
    const { acceptance: { accepted }, log } = core
    const isMatched = accepted === ballot
    const position = isMatched ? log.promiseAt(log.head) : core.committed
    return reply(core, { method: 'recorded', accepted, position })
}

/** Whether the member has accepted its own exile under a ballot, and so has consented. */
function hasConsented({ acceptance, log, citizenship }: Core, ballot: Ballot): boolean {
    const isAccepted = acceptance.accepted === ballot
    const exiled = isAccepted ? awaited(log, ballot) : null
    return exiled !== null && exiled.immigrated === citizenship.immigrated
}

function isFresh({ settings }: Core, standing: number | null): standing is number {
    return standing !== null && standing < settings.timeout
}

/** Notes a leader in good standing. The report is as old as the standing at the time of sending. */
function noteLeader(core: Core, standing: number | null, leader: Monotonic): void {
    if (isFresh(core, standing) && core.now - standing >= core.ledAt) {
        core.ledAt = core.now - standing
        core.ledBy = leader
        core.moves.dropFoundBefore(core.now - core.settings.timeout)
    }
}

/**
 * Takes the standing of a leader from a feeder. The writer of an earlier government stops writing,
 * and a candidate ends its campaign, unless the leader has ceded to the candidate.
 */
function noteLeaderOfFeeder(core: Core, { standing, government }: Synchronize): void {
    const order = Monotonic.compare(government, core.government.promise)
    if (order > 0 && isFresh(core, standing)) {
        stopWriting(core)
    }
    if (order < 0 || core.role.name === 'elected') {
        return
    }
    const leader = core.citizenship.incarnationOf(core.government.majority[0] ?? '')
    // The member does not know the leader of a later government yet.
    noteLeader(core, standing, order === 0 ? leader?.immigrated ?? '0/0' : '0/0')
    if (isFresh(core, standing) && !maySucceed(core, core.ledBy)) {
        // The next appointment `collapse` checks whether the leader still leads.
        stopCampaign(core)
    }
}

function onSynchronize(core: Core, request: Synchronize): Response {
    const { welcome, previous, entries } = request
    const { citizenship } = core
    if (!citizenship.isCitizen && welcome !== null) {
        citizenship.welcome(welcome)
        core.log = new Log(previous)
        skipEnacted(core)
        core.ledAt = core.now
        core.random = new SeededRandom(request.to.immigrated)
    }
    catchUp(core, previous, entries, request.committed)
    noteFeeder(core, request)
    noteLeaderOfFeeder(core, request)
    return reply(core, { method: 'synchronized' })
}
