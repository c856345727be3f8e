import type { Monotonic } from '../../base/monotonic.js'
import type { Properties, Republic } from './messages.js'

/** A publisher's proposal to the leader. */
export interface Proposal {
    readonly id: string
    readonly cookie: string
    readonly body: unknown
    /** The publisher's immigration promise; if absent, that of the citizen of the id. */
    readonly immigrated?: Monotonic
}

/** A newcomer's wish to be admitted. */
export interface Immigration {
    readonly id: string
    readonly cookie: string | number
    readonly properties: Properties
    readonly naturalized: boolean
}

/** The answer to an immigration. */
export interface ImmigrateOutcome {
    readonly enqueued: boolean
    readonly republic?: Republic | null
    /** The leader, if the answering member does not lead. */
    readonly leader?: string | null
}

/** The answer to a proposal. */
export type EnqueueOutcome =
    | { readonly enqueued: true; readonly leader: string; readonly promise: Monotonic }
    | { readonly enqueued: false; readonly leader: string | null }
