import type { Peer } from './peers.js'

/** How many asks must go unanswered before silence counts. One lost call exiles no member. */
const ASKS_MIN = 4

/** The measure of silence: the instant, and three options, in milliseconds. */
export type Pace = Readonly<Record<'now' | 'ping' | 'timeout' | 'patience', number>>

/** For how many milliseconds a peer has left requests without an answer; 0 after an answer. */
export function silenceOf({ askedAt }: Peer, now: number): number {
    return askedAt === null ? 0 : now - askedAt
}

/**
 * Whether a peer has left so many asks unanswered for so long that the peer is gone. The time later
 * than a `ping` after the last ask does not count: in that time there was no ask to answer.
 */
export function isSilent(peer: Peer, { now, ping, patience }: Omit<Pace, 'timeout'>): boolean {
    const pressedFor = Math.min(now, peer.sentAt + ping) - peer.pressedAt
    return peer.asks >= ASKS_MIN && pressedFor >= patience
}

/**
 * Whether a peer has lacked entries for a `timeout` that this member no longer holds, and its
 * commit mark has not moved in that time. Then no other member feeds the peer, and it is gone.
 */
export function isLost({ lostAt }: Peer, { now, timeout }: Pick<Pace, 'now' | 'timeout'>): boolean {
    return lostAt !== null && now - lostAt >= timeout
}
