import type { Monotonic } from '../../base/monotonic.js'
import type { Properties, Republic } from './messages.js'

/** A publish on the way from a publisher to the leader. */
export interface Proposal {
    readonly id: string
    readonly cookie: string
    readonly body: unknown
    /** The publisher's immigration promise. If absent, the promise of the citizen with the id. */
    readonly immigrated?: Monotonic
}

/** A newcomer's request for admission. */
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
