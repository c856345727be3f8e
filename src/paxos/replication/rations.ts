import type { Monotonic } from '../../base/monotonic.js'
import type { RunLimit } from '../log/entry-store.js'
import type { Log } from '../log/log.js'
import type { Entry, Welcome } from '../messages/messages.js'
import { mayAsk, mayCarry } from './call-limits.js'
import type { PeerProgress } from './peer-progress.js'

/** The content of the next request to a peer. */
export interface Ration {
    readonly welcome: Welcome | null
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** The position of the last entry; without entries, the position of `previous`. */
    readonly last: number
}

/** The limits of feeding. */
export interface FeedLimit {
    readonly run: RunLimit
    /**
     * The limit of the committed entries in a call to a peer that gets one call at a time: twice
     * the entries that a leader commits in one round. So the peer keeps up under every load, unless
     * its calls take twice as long as a round.
     */
    readonly catchUp: RunLimit
    /** The limit of a whole suffix, and so of the first run under a ballot. */
    readonly suffix: RunLimit
    /** The number of runs that may be under way to one voter. */
    readonly window: number
}

/** If a learner lacks so many entries, the entries do not wait. */
const MANY = 64

function ration(log: Log, after: number, entries: readonly Entry[]): Ration {
    return {
        welcome: null,
        previous: log.promiseAt(after),
        entries,
        last: after + entries.length
    }
}

function nothing(log: Log): Ration {
    return ration(log, log.committed, [])
}

/** The admission of a newcomer, and the entries after the admission. */
function admission(log: Log, peer: PeerProgress, limit: FeedLimit): Ration | null {
    const position = log.positionOf(peer.immigrated)
    if (position <= log.first || position > log.committed) {
        return null
    }
    const entries = log.run(position - 1, log.committed, limit.catchUp)
    return { ...ration(log, position - 1, entries), welcome: log.welcomeAt(position) }
}

/** Whether a ration may leave while fewer than `most` calls wait for an answer, or for a ping. */
function mayFeed(peer: PeerProgress, most: number, { window }: FeedLimit, due: boolean): boolean {
    return mayCarry(peer, most, window) || (due && mayAsk(peer, window))
}

/**
 * The next ration of a learner. A learner gets one ration at a time, so that the feeder sends no
 * faster than the learner answers. A lost ration delays the next ration only until the answer to a
 * later call.
 *
 * @param due Whether a learner that lacks nothing gets a ping.
 * @param waits Whether fewer than 64 entries wait for the next entries.
 * @returns `null` if there is nothing to send now.
 */
export function learnersRation(
    log: Log,
    peer: PeerProgress,
    limit: FeedLimit,
    due: boolean,
    waits: boolean = false
): Ration | null {
    if (!mayFeed(peer, 1, limit, due)) {
        return null
    }
    const first = peer.stranger ? admission(log, peer, limit) : null
    if (first !== null) {
        return first
    }
    if (peer.holds < log.first) {
        // If the position is unknown, a ping asks for the position. If the position is before the
        // log's first entry, the learner gets only due pings.
        return due || peer.holds === -1 ? nothing(log) : null
    }
    if (waits && !due && log.committed - peer.holds < MANY) {
        return null
    }
    const entries = log.run(peer.holds, log.committed, limit.catchUp)
    return entries.length !== 0 || due ? ration(log, peer.holds, entries) : null
}

/**
 * The next run to a voter under the writer's ballot. Before the voter has accepted a run, the
 * writer sends one run at a time, from the voter's commit mark: all entries through the head,
 * because a first run replaces the whole suffix; or only committed entries, if the voter is far
 * behind. After the first acceptance, up to `window` runs are under way without waiting for
 * answers.
 *
 * @param due Whether a voter that lacks nothing gets a ping.
 * @param waits Whether a commit mark without entries waits for the next run.
 * @returns `null` if there is nothing to send now.
 */
export function votersRation(
    log: Log,
    peer: PeerProgress,
    limit: FeedLimit,
    due: boolean,
    waits: boolean = false
): Ration | null {
    const mayMatch = peer.holds >= log.first && log.head > log.committed
    if (peer.stranger || (!peer.matched && !mayMatch)) {
        return learnersRation(log, peer, limit, due, waits)
    }
    if (!peer.matched) {
        if (!mayFeed(peer, 1, limit, due)) {
            return null
        }
        const whole = log.run(peer.holds, log.head, limit.suffix)
        const reaches = peer.holds + whole.length === log.head
        // If a long call has failed, the committed entries go ahead, in short runs.
        const isApart = peer.runSize !== null && peer.holds < log.committed
        return ration(
            log,
            peer.holds,
            reaches && !isApart ? whole : log.run(peer.holds, log.committed, limit.catchUp)
        )
    }
    if (due || peer.calls === 0) {
        // Nothing was sent for a `ping`, or no call is under way: all entries without an acceptance
        // may be lost, or may have found no place.
        peer.next = peer.match + 1
    }
    const after = Math.max(peer.next - 1, log.first)
    const mayRun = mayFeed(peer, limit.window, limit, due)
    if (after < log.head && mayRun) {
        return ration(log, after, log.run(after, log.head, limit.run))
    }
    const owesMark = peer.informedThrough(true) < log.committed && peer.awaiting === 0 && !waits
    return owesMark || (due && mayRun) ? ration(log, Math.max(peer.match, log.first), []) : null
}
