import type { Mailbox } from '../messages/mailbox.js'
import type { PeerProgress } from './peer-progress.js'

// The limits of the calls under way to one peer. An overtaken call delays no later call, and counts
// only toward the limit of all calls.

/**
 * Whether another run may leave.
 *
 * @param most The number of runs that may wait for an answer.
 * @param window The number of runs that may be under way to one voter.
 */
export function mayCarry(peer: PeerProgress, most: number, window: number): boolean {
    return peer.awaiting < most && peer.calls < 2 * window
}

/** Whether a ping or a question may leave: two more than the runs. */
export function mayAsk(peer: PeerProgress, window: number): boolean {
    return peer.awaiting < window + 2 && peer.calls < 2 * window + 2
}

/**
 * Counts the answer to a call. The peer got the call, so each call that was sent before is lost or
 * slow.
 */
export function countAnsweredCall(mailbox: Mailbox, peer: PeerProgress, sentAt: number): void {
    peer.countEnd(sentAt)
    if (sentAt > peer.answeredFrom) {
        peer.answeredFrom = sentAt
        peer.overtaken = peer.calls === 0 ? 0 : mailbox.countBefore(peer.immigrated, sentAt)
    }
}
