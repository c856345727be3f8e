import type { Monotonic } from '../../../src/base/monotonic.js'

/** The ids of the members. */
export const IDS = ['a', 'b', 'c'] as const

/** The ttl of each lease, in milliseconds. */
export const TTL_MS = 1000

/** The permits of the semaphore. */
export const POOL = 2

/** The permits of the rate limit, and the time in which they come back, in milliseconds. */
export const RATE = { limit: 20, per: 2000 } as const

/** The start of a member, as a JSON text in the arguments of its process. */
export interface MemberPlan {
    readonly id: string
    /** The number of this start of the member. */
    readonly life: number
    readonly folder: string
    readonly ports: readonly number[]
    /** The port of the resource that checks tokens. */
    readonly resource: number
}

/** A call of a recipe with an answer that must be right: its name among the events. */
export type Called = 'add' | 'next' | 'block' | 'take' | 'enqueue' | 'swap'

/** The state of a member at the end, after a barrier. */
export interface FinalState {
    readonly visits: number
    readonly lastNumber: number
    readonly entries: readonly (readonly [key: string, value: number])[]
    /** The number of jobs by their ends. */
    readonly done: number
    readonly failed: number
    readonly leases: number
}

/** What a member reports, one event a line. */
export type Report =
    /** The role in the republic, and the failures that the republic tolerates, after a change. */
    | { readonly kind: 'view', readonly role: string, readonly tolerates: number }
    /** At this instant, a use surely has its lease, its leadership or its attempt. */
    | {
        readonly kind: 'holds', readonly what: string, readonly use: string,
        readonly token: Monotonic
    }
    /** The process stops itself (SIGSTOP) before its next look at a use, as the test has asked. */
    | { readonly kind: 'stops', readonly use: string }
    /** The routine of a use has ended. */
    | { readonly kind: 'ends', readonly what: string, readonly use: string }
    /** The resource has answered a write that carried the token. */
    | {
        readonly kind: 'writes', readonly what: string, readonly use: string,
        readonly token: Monotonic, readonly isAccepted: boolean
    }
    /** An attempt of a job begins; its effect has happened. */
    | { readonly kind: 'attempts', readonly key: string, readonly attempt: number }
    | { readonly kind: 'does', readonly key: string }
    | { readonly kind: 'asks', readonly of: Called, readonly call: string }
    | {
        readonly kind: 'answers', readonly of: Called, readonly call: string,
        readonly value: number | boolean, readonly key: string
    }
    | { readonly kind: 'fails', readonly of: string, readonly code: string }
    /** A watcher of the map has received a change. */
    | {
        readonly kind: 'sees', readonly version: Monotonic,
        readonly changes: readonly (readonly [key: string, value: number | undefined])[]
    }
    | { readonly kind: 'rests' }
    | { readonly kind: 'state', readonly state: FinalState }

/** A report with the member and the instant of the clock that all processes share. */
export type LifeEvent = Report & {
    readonly member: string
    readonly life: number
    /** In milliseconds. */
    readonly at: number
}
