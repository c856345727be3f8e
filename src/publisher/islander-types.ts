import type { Monotonic } from '../base/monotonic.js'

/** One entry as it goes to a leader. */
export interface Message {
    readonly id: string
    readonly cookie: string
    readonly body: unknown
    /** The number it was given, once a receipt has told; `null` as it goes out. */
    readonly promise: Monotonic | null
    /** The publisher's immigration promise. */
    readonly immigrated: Monotonic
}

/** One batch, or one flush, as it goes out. Its receipts go to `sent` under its cookie. */
export interface Dispatch {
    readonly cookie: string
    readonly messages: readonly Message[]
}

/** The numbers that a leader has given to what a dispatch carried, by cookie. */
export type Receipts = Readonly<Record<string, Monotonic>>

/** A publish whose entry has appeared in the log, or never will. */
export interface Settlement {
    /** What `publish` returned for it. */
    readonly ticket: number
    /** Where the entry is in the log; `null` if the publisher has given the value up. */
    readonly promise: Monotonic | null
    /** The status with which the value was refused; absent if the entry is in the log. */
    readonly refused?: string
}

/** How small and how rare the batches of a publisher are. */
export interface BackoffState {
    readonly limit: number
    readonly misses: number
    readonly refusals: number
    readonly status: string | null
}

/** What was sent, and what its receipt has told. */
export interface Sought {
    readonly cookie: string
    readonly body: unknown
    promise: Monotonic | null
}

/** All that any later output of an Islander depends on, between two inputs. Survives JSON. */
export interface IslanderState {
    /** Of this format. Another one is not read. */
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

/** How much waits where. */
export interface IslanderHealth {
    /** Sent, and not yet seen in the log. */
    readonly waiting: number
    /** Not yet sent. */
    readonly pending: number
}
