import { Monotonic } from '../../base/monotonic.js'
import type { Ballot } from '../messages/messages.js'
import type { Acceptance } from '../replication/recorder.js'

/** The facts by which a voter judges a candidate. */
export interface Candidacy {
    /** The candidate's commit mark compared with the voter's: below zero, zero, or above. */
    readonly lead: number
    /** Candidate and voter hold seats in the voter's government. */
    readonly isSeated: boolean
    /**
     * The voter has heard from a leader in good standing within `timeout`. The leader is not the
     * candidate, and has not ceded to the candidate.
     */
    readonly isLed: boolean
}

/**
 * The voter's answer. `promise`: the voter raises its promised ballot · `ahead`: the voter's
 * committed log is longer · `behind`: the candidate's is longer · `refused`: the voter or the
 * candidate has no seat · `led`: the voter has a leader. Only `promise` changes state.
 */
export type Verdict = 'ahead' | 'behind' | 'refused' | 'led' | 'promise'

/**
 * The acceptor's rule in a collapse. If the committed logs differ, the longer log feeds the shorter
 * log before any vote. So a promise, with its suffix, always concerns the same committed log and
 * the same parliament at voter and candidate. A voter with a leader refuses. A refusal is always
 * safe, and so a candidate that merely lost a link deposes no leader. (Raft thesis, section 9.6;
 * Omni-Paxos, section 5.)
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
 * Promises a ballot, unless the ballot is below the promised ballot or the acceptor has accepted a
 * suffix under it. A repeated request is promised again: the first answer may have been lost.
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
