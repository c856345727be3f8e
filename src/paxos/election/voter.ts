import { Monotonic } from '../../base/monotonic.js'
import { appointCollapseAfterVote } from '../agenda.js'
import type { Core } from '../core.js'
import { isExpected } from '../departure/handover.js'
import type { Canvass, Petition, Prepare, Request, Response } from '../messages/messages.js'
import { reply } from '../messages/reply.js'
import { holdsSeat, isLed, isSeated, standingOf } from '../standing.js'
import { judgeCandidate, promise, type Verdict } from './acceptor.js'
import { raiseHighestBallot, stopCampaign, stopWriting } from './election.js'
import { offerMissing } from './petition.js'

/** Answers a canvass, a prepare or a petition. */
export function onElectionRequest(core: Core, request: Canvass | Prepare | Petition): Response {
    const verdict = verdictOn(core, request)
    if (verdict === 'ahead') {
        return offerMissing(core, request)
    }
    if (verdict !== 'promise') {
        return reply(core, { method: verdict })
    }
    if (request.method !== 'prepare') {
        return reply(core, { method: 'granted' })
    }
    raiseHighestBallot(core, request.ballot)
    if (!promise(core.acceptance, request.ballot)) {
        return reply(core, { method: 'refused' })
    }
    stopWriting(core)
    stopCampaign(core)
    appointCollapseAfterVote(core)
    const { accepted } = core.acceptance
    const { entries, draft } = core.tenure.acceptedUnder(accepted, core.log)
    return reply(core, { method: 'promised', accepted, entries, ...(draft && { draft }) })
}

/** Judges a candidate. A petitioner asks for no vote: the voter feeds or refuses the petitioner. */
function verdictOn(core: Core, request: Request): Verdict {
    const isWriter = core.role.name === 'elected'
    const isLedNow = isWriter ? standingOf(core) !== null : isLed(core)
    const ledBy = isWriter ? null : core.ledBy
    return judgeCandidate({
        lead: Monotonic.compare(request.committed, core.committed),
        isSeated:
            isSeated(core) && holdsSeat(core, request.from) && request.method !== 'petition',
        isLed: isLedNow && !isExpected(request, ledBy, core.departure.handover)
    })
}
