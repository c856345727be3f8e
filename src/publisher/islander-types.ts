import type { Monotonic } from '../base/monotonic.js'
import type { GAP } from '../base/publish-identity.js'

/** One entry on the way from a publisher to the leader. */
export interface Message {
    readonly id: string
    readonly cookie: string
    readonly body: unknown
    /** The promise of the entry, after a receipt has named the promise; `null` in a new message. */
    readonly promise: Monotonic | null
    /** The publisher's immigration promise. */
    readonly immigrated: Monotonic
}

/** One batch or one flush. Pass the receipts to `sent` with this cookie. */
export interface Dispatch {
    readonly cookie: string
    readonly messages: readonly Message[]
}

/** The promises that a leader has assigned to the entries of a dispatch, by cookie. */
export type Receipts = Readonly<Record<string, Monotonic>>

/**
 * The answer of a leader that reads a dispatch: receipts, or `gap` if the leader lacks an earlier
 * entry of the publisher.
 */
export type BatchReply = Receipts | typeof GAP

/** The outcome of a publish: the entry has appeared in the log, or will never appear. */
export interface Settlement {
    /** The ticket that `publish` returned. */
    readonly ticket: number
    /** The promise of the entry; `null` if the publisher has given the value up. */
    readonly promise: Monotonic | null
    /** The status with which the value was refused; absent if the entry is in the log. */
    readonly refused?: string
}

/** The state of `BatchBackoff`: the size limit of the next batch, and the counts of failures. */
export interface BackoffState {
    readonly limit: number
    readonly misses: number
    readonly refusals: number
    readonly status: string | null
}

/** A sent value that has not appeared in the log, and the promise that a receipt has named. */
export interface Sought {
    readonly cookie: string
    readonly body: unknown
    promise: Monotonic | null
}

/** The state of the batches in a republic of version 1. */
export interface FlushedBatchesState {
    readonly seeking: readonly Readonly<Sought>[]
    readonly first: string
    readonly flush: string | null
    readonly awaited: string | null
    readonly overdue: string | null
    readonly failures: number
    readonly backoff: BackoffState
}

/** Successive publishes of one life that have not appeared in the log. */
export interface Life {
    /** The identity of the oldest of these publishes; of the next publish if there is none. */
    readonly cookie: string
    readonly count: number
}

/** One batch in flight. */
export interface Flight {
    /** The cookie of the dispatch. */
    readonly cookie: string
    /** The number of values that have not appeared in the log. */
    readonly count: number
    /** Whether the batch has one value. */
    readonly isLone: boolean
    /** The answer so far. `gap`: the leader lacked an earlier entry. */
    readonly answer: 'awaited' | 'taken' | typeof GAP
}

/** The state of a `PublishWindow`. The values are in `pending` of the Islander's state. */
export interface PublishWindowState {
    /** Oldest first. The last is the life of this process. */
    readonly lives: readonly Life[]
    /** Oldest first. The flights hold the oldest values. */
    readonly flights: readonly Flight[]
    readonly limit: number
    readonly failures: number
    readonly unanswered: number
    readonly refusals: number
    readonly status: string | null
    readonly isGivenUp: boolean
    readonly stalled: string | null
}

/** The complete state of an Islander between two inputs. Survives JSON. */
export interface IslanderState extends FlushedBatchesState {
    /** The format. A state of another format is not read. */
    readonly version: 1
    readonly id: string
    readonly immigrated: Monotonic | null
    readonly cookie: string
    readonly tickets: number
    readonly settledThrough: number
    readonly pending: readonly unknown[]
    readonly seen: Monotonic | null
    /** The last batch without identities is under way; absent otherwise. */
    readonly isEnding?: true
    /** The publishes with identities; absent in a republic of version 1. */
    readonly window?: PublishWindowState
}

/** The numbers of values that have not appeared in the log. */
export interface IslanderHealth {
    /** Sent, and not yet in the log. */
    readonly waiting: number
    /** Not yet sent. */
    readonly pending: number
}
