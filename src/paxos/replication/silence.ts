import type { PeerProgress } from './peer-progress.js'

/** The number of unanswered requests before silence counts. One lost call exiles no member. */
const ASKS_MIN = 4

/**
 * The instant and the options by which silence is measured, in milliseconds. If the last request is
 * older than `recall`, the requests are no evidence.
 */
export type Pace = Readonly<Record<'now' | 'ping' | 'timeout' | 'patience' | 'recall', number>>

/** For how many milliseconds a peer has left requests without an answer; 0 after an answer. */
export function silenceOf({ askedAt }: PeerProgress, now: number): number {
    return askedAt === null ? 0 : now - askedAt
}

/**
 * Whether the member has asked a peer lately. Earlier requests are no evidence: since then a third
 * member may have had all answers of the peer. A new leader may have been the peer's feeder long
 * ago.
 */
function isAsked({ sentAt }: PeerProgress, { now, recall }: Pick<Pace, 'now' | 'recall'>): boolean {
    return now - sentAt <= recall
}

/**
 * Whether a peer has left enough requests unanswered, for `patience` or longer, to count as gone.
 * The time that is later than a `ping` after the last request does not count: in such a time there
 * was no request to answer.
 */
export function isSilent(peer: PeerProgress, pace: Pace): boolean {
    const { now, ping, patience } = pace
    const pressedFor = Math.min(now, peer.sentAt + ping) - peer.pressedAt
    return isAsked(peer, pace) && peer.asks >= ASKS_MIN && pressedFor >= patience
}

/**
 * Whether the peer has lacked lost entries for a `timeout` without any progress of its commit mark.
 * Then no third member feeds the peer, and the peer counts as gone.
 */
export function isLost(
    peer: PeerProgress, pace: Pick<Pace, 'now' | 'timeout' | 'recall'>
): boolean {
    const { lostAt } = peer
    return lostAt !== null && isAsked(peer, pace) && pace.now - lostAt >= pace.timeout
}
