import type { Monotonic } from '../../src/base/monotonic.js'
import type { Key } from '../../src/transport/security/keys.js'
import type { Observation } from './log.js'

/** Where a member takes the calls of the others. */
export const CALLS = 7000
/** Where it hands over its state. */
export const STATE = 7001

/** What members show who they are by, so that nobody takes what was mangled on its way. */
export const KEYS: readonly Key[] = [
    { id: 'network', secret: 'known to all members and to nobody else' }
]

/** How many seats there are at least: what is acknowledged is on two machines. */
export const FLOOR = 3

/**
 * What members are: services with a Colleague inside, over HTTP, or with a Kibitzer, over TCP; or,
 * to try the checkers, with a Kibitzer and with reads of whatever is there.
 */
export type Manner = 'guild' | 'plain' | 'stale'

/** What a member's process is told to do. */
export type MemberOrder =
    | { readonly name: 'found' }
    | { readonly name: 'join'; readonly addresses: readonly string[] }
    | { readonly name: 'write'; readonly key: string; readonly value: string }
    | { readonly name: 'read'; readonly key: string }
    | { readonly name: 'stop' }

/** What it answers. */
export type MemberAnswer =
    | { readonly name: 'done' }
    | { readonly name: 'written'; readonly at: Monotonic }
    /** What a key holds, and the last entry that was applied when it was read, if that is known. */
    | { readonly name: 'read'; readonly value: string | null; readonly at: Monotonic | null }
    | { readonly name: 'failed'; readonly code: string; readonly message: string }

/** What it reports, unasked. */
export type MemberReport =
    | { readonly name: 'ready' }
    | { readonly name: 'answer'; readonly ticket: number; readonly answer: MemberAnswer }
    | { readonly name: 'seen'; readonly observations: readonly Observation[] }
    | { readonly name: 'governed'; readonly government: Seats }
    | { readonly name: 'role'; readonly role: string }
    /** It can not go on, and ends in good order. */
    | { readonly name: 'ended'; readonly code: string }

/** The places of the members, as known to one member. */
export interface Seats {
    readonly promise: Monotonic
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    readonly constituents: readonly string[]
    readonly naturalized: readonly string[]
}

/** An order on its way; its answer carries the ticket back. */
export interface MemberOrdered {
    readonly ticket: number
    readonly order: MemberOrder
}
