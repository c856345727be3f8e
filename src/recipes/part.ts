import type { WaitOptions } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Application, ApplicationEntry } from '../colleague/application.js'
import type { Applied } from '../colleague/result-publisher.js'
import type { Reading, ReadOptions } from '../member/reads.js'
import type { Government } from '../paxos/messages/messages.js'

/** The services that a composition gives to each of its parts. */
export interface PartHost {
    /** A text that differs for each process and each composition. */
    readonly session: string
    /** The id of this member; empty before `connect`. */
    readonly id: string
    /** The promise by which this member immigrated. */
    readonly immigrated: Monotonic
    /** Whether this member leads the republic. */
    readonly isLeader: boolean
    /** Aborts when the Colleague stops, with the reason. */
    readonly closed: AbortSignal
    /** The time of this member's monotonic clock, in milliseconds. */
    now(): number
    /** Calls a function after a time of this member's clock, in milliseconds. Returns the end. */
    after(ms: number, call: () => void): () => void
    /** A random number in [0, 1). */
    random(): number
    /** Publishes a command of the part; resolves after this member has applied the command. */
    publish(command: unknown, waiting?: WaitOptions | null): Promise<Applied<unknown>>
    /** The barrier of the Colleague. */
    barrier(waiting?: WaitOptions | null): Promise<unknown>
    /** The read of the Colleague. */
    read(options: ReadOptions): Promise<Reading>
    /** Calls a function after the entry that is being applied: `apply` itself may not publish. */
    later(call: () => void): void
}

/**
 * A state machine that shares the log with others: any Application is a part. The optional fields
 * are those of the recipes.
 */
export interface ComposedPart<Command = never, Outcome = unknown>
    extends Omit<Application<Command, Outcome>, 'restore'> {
    /**
     * The version of the snapshot. A member refuses a snapshot with a higher version, and keeps its
     * state. @default 1
     */
    readonly snapshotVersion?: number
    /** As in an Application; `version` is the version of the snapshot. */
    restore(chunks: AsyncIterable<Uint8Array>, version: number): void | Promise<void>
    /** Receives the host, once, before any other call. */
    attach?(host: PartHost): void
    /** Ends the work of this member in the part; resolves after the work has ended. */
    stop?(): Promise<void>
}

/** A publisher: a member between its admission and its exile. */
export interface Owner {
    readonly publisher: string
    readonly immigrated: Monotonic
}

/** Whether the government still contains a member. */
export function isCitizen({ publisher, immigrated }: Owner, { immigrated: at }: Government):
    boolean {
    return at.promise[publisher] === immigrated
}

/** Whether two records have the same owner. */
export function isSameOwner(left: Owner, right: Owner): boolean {
    return left.publisher === right.publisher && left.immigrated === right.immigrated
}

/** The owner of an entry. */
export function ownerOf({ publisher, immigrated }: ApplicationEntry<unknown>): Owner {
    return { publisher, immigrated }
}

/** The host of a part that belongs to no composition yet. */
export function noHost(part: string): never {
    throw new KibitzError(
        'invalid-argument',
        `${part} belongs to no composition. Nothing was done. Pass the part to compose, and the `
            + 'composition to a Colleague as its application.'
    )
}
