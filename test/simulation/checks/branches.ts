import type { Request, Response } from '../../../src/paxos/messages/messages.js'
import type { Sometimes, Tally } from '../tally.js'
import { handoverIn } from './offices.js'

/** What an answer shows to have been reached. */
export function branchOf(request: Request, answer: Response | null): Sometimes | null {
    switch (answer?.method) {
        case 'behind':
            return 'a candidate is told that it is behind'
        case 'ahead':
            return 'a candidate is fed by who is ahead'
        case 'granted':
            return 'a canvass is granted'
        case 'led':
            return 'a vote is refused by who is led'
        case 'unreachable':
            return answer.exiled ? 'an exile is told' : 'a stranger answers unreachable'
        case 'refused':
            return request.method === 'register'
                ? 'a run is refused for its ballot'
                : 'a promise is refused'
        default:
            return null
    }
}

/** Counts what an answer shows. */
export function countAnswer(tally: Tally, request: Request, answer: Response | null): void {
    if (answer?.method === 'promised' && answer.entries.length !== 0) {
        tally.reach('a promise carries a suffix')
        if (answer.entries.some(({ body }) => 'majority' in body)) {
            tally.reach('a suffix is adopted with a government')
        }
    }
    const what = branchOf(request, answer)
    if (what !== null) {
        tally.reach(what)
    }
}

/**
 * Counts what a request shows to have been reached.
 *
 * @param runSize The bound of runs to the addressee; `null` if no call has failed lately.
 */
export function countRequest(tally: Tally, request: Request, runSize: number | null): void {
    if (runSize !== null && 'entries' in request && request.entries.length === runSize) {
        tally.reach('a run is cut short after a failed call')
    }
    if (request.method === 'petition') {
        tally.reach('a petition is sent')
    } else if (request.method === 'synchronize' && request.welcome !== null) {
        tally.reach('a newcomer is welcomed')
    }
    const handover = handoverIn(request)
    if (handover !== null) {
        tally.reach(handover)
    }
}
