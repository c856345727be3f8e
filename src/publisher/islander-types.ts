import type { Monotonic } from '../base/monotonic.js'

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
    /** Whether the republic has version 2 or above; absent before that. */
    readonly heedsLog?: true
}

/** A sent value that has not appeared in the log, and the promise that a receipt has named. */
export interface Sought {
    readonly cookie: string
    readonly body: unknown
    promise: Monotonic | null
}

/** The complete state of an Islander between two inputs. Survives JSON. */
export interface IslanderState {
    /** The format. A state of another format is not read. */
    readonly version: 1
    readonly id: string
    readonly immigrated: Monotonic | null
    readonly cookie: string
    readonly tickets: number
    readonly settledThrough: number
    readonly pending: readonly unknown[]
    readonly seeking: readonly Readonly<Sought>[]
    readonly first: string
    readonly flush: string | null
    readonly awaited: string | null
    readonly overdue: string | null
    readonly failures: number
    readonly backoff: BackoffState
    readonly seen: Monotonic | null
}

/** The numbers of values that have not appeared in the log. */
export interface IslanderHealth {
    /** Sent, and not yet in the log. */
    readonly waiting: number
    /** Not yet sent. */
    readonly pending: number
}
