import type { Monotonic } from '../base/monotonic.js'
import type { Government } from '../paxos/messages/messages.js'
import type { GovernmentBody } from '../paxos/messages/messages.js'

/** An entry of the log as an application is given it. Frozen, body included. */
export interface ApplicationEntry {
    /** Its number: it rises from entry to entry, and is the same at every member. */
    readonly promise: Monotonic
    /** The member that published it. */
    readonly publisher: string
    /** That member's immigration promise: another incarnation of the same name has another. */
    readonly immigrated: Monotonic
    /** What was published. */
    readonly body: unknown
}

/** A part of a state on its way: bytes, or text that travels as UTF-8. */
export type Chunk = string | Uint8Array

/** A whole state, in one piece or in pieces of any size. */
export type Chunks = Chunk | Iterable<Chunk> | AsyncIterable<Chunk>

/**
 * The state machine of a service. Its state is to be a function of the entries and governments it
 * was given, and of nothing else: no clock, no chance, no place. Then it is the same everywhere.
 *
 * 1. `apply` and `governed` are called strictly one after the other, in the order of the log, each
 *    entry once; the next one waits for the promise of the last.
 * 2. `snapshot` is called between two of them, and read to its end before the next.
 * 3. Whatever throws here stops the Colleague: a state that missed an entry is no state.
 */
export interface Application<Result = unknown> {
    /**
     * Applies an entry. What it returns is handed to whoever published the entry, at that member
     * alone. To refuse what an entry asks is a result; to throw is to stop.
     */
    apply(entry: ApplicationEntry): Result | Promise<Result>

    /** The whole state as it stands. It is read at once, before the next entry is applied. */
    snapshot(): Chunks | Promise<Chunks>

    /**
     * Takes over the state that another member's `snapshot` has made, in place of whatever state
     * there is. If its chunks break off, it should throw what they throw; it is called again with
     * another member's, and nothing is applied in between.
     */
    restore(chunks: AsyncIterable<Uint8Array>): void | Promise<void>

    /** Is told of each government that takes force, in its place among the entries. */
    governed?(government: Government, change: GovernmentBody): void | Promise<void>

    /** Answers what another member asks by `outOfBand`. Not in the order of the log. */
    outOfBand?(name: string, post: unknown): unknown
}
