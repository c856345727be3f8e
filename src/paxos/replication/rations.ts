import type { Monotonic } from '../../base/monotonic.js'
import type { RunLimit } from '../log/entry-store.js'
import type { Log } from '../log/log.js'
import type { Entry, Welcome } from '../messages/messages.js'
import type { Peer } from './peers.js'

/** What goes to a peer next. */
export interface Ration {
    readonly welcome: Welcome | null
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** The position of the last entry, or of `previous` where there is none. */
    readonly last: number
}

/** How feeding is bounded. */
export interface FeedLimit {
    readonly run: RunLimit
    /** The bound of a whole suffix, and so of the first run under a ballot. */
    readonly suffix: RunLimit
    /** How many runs may be under way to one voter. */
    readonly window: number
}

/** So many entries that are owed do not wait. */
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

/** The admission of one who has never been welcomed, and what came after it. */
function admission(log: Log, peer: Peer, limit: FeedLimit): Ration | null {
    const position = log.positionOf(peer.immigrated)
    if (position <= log.first || position > log.committed) {
        return null
    }
    const entries = log.run(position - 1, log.committed, limit.run)
    return { ...ration(log, position - 1, entries), welcome: log.welcomeAt(position) }
}

/**
 * What a peer that only learns is owed: one ration at a time, so that a slow one is never sent
 * more than it has answered for. `due` makes it a ping where nothing is owed; where it `waits`, a
 * few entries go together with what comes next.
 */
export function learnersRation(
    log: Log,
    peer: Peer,
    limit: FeedLimit,
    due: boolean,
    waits: boolean = false
): Ration | null {
    if (peer.calls > 0 && !(due && peer.calls < limit.window + 2)) {
        return null
    }
    const first = peer.stranger ? admission(log, peer, limit) : null
    if (first !== null) {
        return first
    }
    if (peer.holds < log.first) {
        // Unknown, or further back than the log reaches: a probe tells, or the silence does.
        return due || peer.holds === -1 ? nothing(log) : null
    }
    if (waits && !due && log.committed - peer.holds < MANY) {
        return null
    }
    const entries = log.run(peer.holds, log.committed, limit.run)
    return entries.length !== 0 || due ? ration(log, peer.holds, entries) : null
}

/**
 * What a voter is owed under the writer's ballot. Until it has accepted a run, it is sent one at
 * a time, beginning at its commit mark: committed entries alone where it is far behind, else
 * everything through the head at once (protocol: a first run replaces the suffix as a whole).
 * After that, runs follow each other without waiting for answers, a bounded window of them. Where
 * it `waits`, a mark that could go alone rides on the next run.
 */
export function votersRation(
    log: Log,
    peer: Peer,
    limit: FeedLimit,
    due: boolean,
    waits: boolean = false
): Ration | null {
    const mayMatch = peer.holds >= log.first && log.head > log.committed
    if (peer.stranger || (!peer.matched && !mayMatch)) {
        return learnersRation(log, peer, limit, due, waits)
    }
    if (!peer.matched) {
        if (peer.calls > 0 && !(due && peer.calls < limit.window + 2)) {
            return null
        }
        const whole = log.run(peer.holds, log.head, limit.suffix)
        const reaches = peer.holds + whole.length === log.head
        // If a long call has failed, the committed entries go ahead, in short runs.
        const isApart = peer.runSize !== null && peer.holds < log.committed
        return ration(
            log,
            peer.holds,
            reaches && !isApart ? whole : log.run(peer.holds, log.committed, limit.run)
        )
    }
    if (due || peer.calls === 0) {
        // Nothing was sent for a ping, or nothing is under way: what it has not accepted may have
        // been lost, or have found no place.
        peer.next = peer.match + 1
    }
    const after = Math.max(peer.next - 1, log.first)
    const mayRun = peer.calls < limit.window || (due && peer.calls < limit.window + 2)
    if (after < log.head && mayRun) {
        return ration(log, after, log.run(after, log.head, limit.run))
    }
    const owesMark = peer.informed(true) < log.committed && peer.calls === 0 && !waits
    return owesMark || (due && mayRun) ? ration(log, Math.max(peer.match, log.first), []) : null
}
