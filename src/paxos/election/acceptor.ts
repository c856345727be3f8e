import { Monotonic } from '../../base/monotonic.js'
import type { Ballot } from '../messages/messages.js'
import type { Acceptance } from '../replication/recorder.js'

/** The facts by which a voter judges a candidate. */
export interface Candidacy {
    /** The candidate's committed log compared to this member's: below zero, zero, or above. */
    readonly lead: number
    /** Both hold a seat in the government, which both know to be the same. */
    readonly isSeated: boolean
    /** A leader in good standing other than the candidate was heard of within `timeout`. */
    readonly isLed: boolean
}

/** The answer to a candidate. `promise` raises the promised ballot; the others change nothing. */
export type Verdict = 'ahead' | 'behind' | 'refused' | 'led' | 'promise'

/**
 * The acceptor's rule in a collapse. Before a vote, the member that is ahead feeds the other one.
 * So a promise and its suffix always speak of the same committed log and the same parliament as the
 * candidate's. A member that has a leader refuses. A refusal is always safe, and so a candidate
 * that merely lost a link deposes no leader. (Raft thesis, section 9.6; Omni-Paxos, section 5.)
 */
export function judgeCandidate({ lead, isSeated, isLed }: Candidacy): Verdict {
    if (lead !== 0) {
        return lead < 0 ? 'ahead' : 'behind'
    }
    if (!isSeated) {
        return 'refused'
    }
    return isLed ? 'led' : 'promise'
}

/**
 * Promises a ballot. A repeated request is promised again: the first answer may have been lost.
 *
 * @returns Whether the ballot is promised now.
 */
export function promise(acceptance: Acceptance, ballot: Ballot): boolean {
    if (Monotonic.compare(ballot, acceptance.promised) < 0 || ballot === acceptance.accepted) {
        return false
    }
    acceptance.promised = ballot
    return true
}
