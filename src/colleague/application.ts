import type { Monotonic } from '../base/monotonic.js'
import type { Government } from '../paxos/messages/messages.js'
import type { GovernmentBody } from '../paxos/messages/messages.js'

/** An entry of the log for the application. Frozen, including the body. */
export interface ApplicationEntry<Body = unknown> {
    /** The number of the entry. Rises from entry to entry, and is the same at every member. */
    readonly promise: Monotonic
    /** The id of the member that published the entry. */
    readonly publisher: string
    /** The publisher's immigration promise. Differs for each incarnation of the same id. */
    readonly immigrated: Monotonic
    /** The published value. */
    readonly body: Body
}

/** A piece of a state: bytes, or text, which travels as UTF-8. */
export type Chunk = string | Uint8Array

/** A whole state, in one piece or in pieces of any size. */
export type Chunks = Chunk | Iterable<Chunk> | AsyncIterable<Chunk>

/**
 * The state machine of a service. The state must depend on the received entries and governments
 * only: on no clock, random number or property of the machine. Then all members have equal states.
 *
 * 1. The Colleague calls `apply` and `governed` one after the other, in the order of the log, each
 *    entry once. The next call waits for the promise of the last call.
 * 2. The Colleague calls `snapshot` between two entries, and reads the snapshot to its end before
 *    the next entry.
 * 3. An error in `apply`, `governed` or `restore` stops the Colleague with `application-failed`,
 *    because the state may lack an entry. An error in `snapshot` ends this snapshot only.
 */
export interface Application<Body = unknown, Result = unknown> {
    /**
     * Applies an entry. At the member that published the entry, the returned value is the result of
     * `publish`. To reject the request of an entry, return a result; an exception stops the member.
     */
    apply(entry: ApplicationEntry<Body>): Result | Promise<Result>

    /**
     * Refuses a value before it is published, at the member that publishes: an exception, or the
     * result `false`, rejects the publish with `invalid-argument`; no member receives the value.
     * Any other result accepts. Decide at once, by the value alone: the state may change before the
     * entry is applied. @default accepts every value
     */
    validate?(body: Body): unknown

    /** The whole current state. The Colleague reads the pieces before it applies the next entry. */
    snapshot(): Chunks | Promise<Chunks>

    /**
     * Replaces the state by the snapshot of another member. If the chunks throw, throw the same
     * error: the Colleague calls `restore` again with the chunks of another member, and applies no
     * entry before that.
     */
    restore(chunks: AsyncIterable<Uint8Array>): void | Promise<void>

    /** Receives each new government, at the government's position among the entries. */
    governed?(government: Government, change: GovernmentBody): void | Promise<void>

    /** Answers an `outOfBand` question of a member. The calls have no order in the log. */
    outOfBand?(name: string, post: unknown): unknown
}
