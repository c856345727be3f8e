import type { Monotonic } from '../../base/monotonic.js'
import type { Properties, Republic, VersionRange } from './messages.js'

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
    /** Whether the newcomer may hold a seat at once. @default false */
    readonly naturalized?: boolean
    /** The versions of the newcomer. @default [1, 1] */
    readonly versions?: VersionRange
}

/** The answer to an immigration. */
export interface ImmigrateOutcome {
    readonly enqueued: boolean
    readonly republic?: Republic | null
    /** The leader, if the answering member does not lead. */
    readonly leader?: string | null
    /** The version of the republic, if the newcomer does not take part in the version. */
    readonly version?: number
}

/** The answer to a proposal. */
export type EnqueueOutcome =
    | { readonly enqueued: true; readonly leader: string; readonly promise: Monotonic }
    | { readonly enqueued: false; readonly leader: string | null }
