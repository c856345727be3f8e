import type { Monotonic } from './monotonic.js'

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

/** A publish whose entry has appeared in the log. */
export interface Settlement {
    /** What `publish` returned for it. */
    readonly ticket: number
    readonly promise: Monotonic
}

/** How much waits where. */
export interface IslanderHealth {
    /** Sent, and not yet seen in the log. */
    readonly waiting: number
    /** Not yet sent. */
    readonly pending: number
}
