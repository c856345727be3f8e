import { Monotonic } from '../../base/monotonic.js'
import type { Ballot } from '../messages/messages.js'
import type { Acceptance } from '../replication/recorder.js'

/** What a candidate is measured against. */
export interface Hearing {
    /** How the candidate's committed log compares to ours: less than zero, zero, more. */
    readonly lead: number
    /** Both hold a seat in the government that both now know to be the same. */
    readonly seated: boolean
    /** A leader in good standing other than the candidate was heard within `timeout`. */
    readonly led: boolean
}

/** What a candidate is told. `promise` raises the promised ballot; the others change nothing. */
export type Verdict = 'ahead' | 'behind' | 'refused' | 'led' | 'promise'

/**
 * The following half of a collapse. Who is not level with the candidate feeds it or is fed first:
 * so a promise and its suffix always speak of the same committed log and the same parliament.
 * A member that is led refuses, which is always safe, and keeps one who merely lost a link from
 * deposing anybody. (Raft thesis, section 9.6; Omni-Paxos, section 5.)
 */
export function hear(hearing: Hearing): Verdict {
    if (hearing.lead !== 0) {
        return hearing.lead < 0 ? 'ahead' : 'behind'
    }
    if (!hearing.seated) {
        return 'refused'
    }
    return hearing.led ? 'led' : 'promise'
}

/**
 * Promises a ballot. One that was promised before is promised again: the first answer may have
 * been lost.
 *
 * @returns Whether it is promised now.
 */
export function promise(acceptance: Acceptance, ballot: Ballot): boolean {
    if (Monotonic.compare(ballot, acceptance.promised) < 0 || ballot === acceptance.accepted) {
        return false
    }
    acceptance.promised = ballot
    return true
}
