import type { PeerProgress } from './peers.js'

/** The number of unanswered requests before silence counts. One lost call exiles no member. */
const ASKS_MIN = 4

/** The instant and the options by which silence is measured, in milliseconds. */
export type Pace = Readonly<Record<'now' | 'ping' | 'timeout' | 'patience', number>>

/** For how many milliseconds a peer has left requests without an answer; 0 after an answer. */
export function silenceOf({ askedAt }: PeerProgress, now: number): number {
    return askedAt === null ? 0 : now - askedAt
}

/**
 * Whether a peer has left enough requests unanswered, for `patience` or longer, to count as gone.
 * The time that is later than a `ping` after the last request does not count: in such a time there
 * was no request to answer.
 */
export function isSilent(
    peer: PeerProgress, { now, ping, patience }: Omit<Pace, 'timeout'>
): boolean {
    const pressedFor = Math.min(now, peer.sentAt + ping) - peer.pressedAt
    return peer.asks >= ASKS_MIN && pressedFor >= patience
}

/**
 * Whether the peer has lacked lost entries for a `timeout` without any progress of its commit mark.
 * Then no third member feeds the peer, and the peer counts as gone.
 */
export function isLost(
    { lostAt }: PeerProgress, { now, timeout }: Pick<Pace, 'now' | 'timeout'>
): boolean {
    return lostAt !== null && now - lostAt >= timeout
}
