import type { Message } from '../publisher/islander-types.js'
import type { Monotonic } from '../base/monotonic.js'
import type { NumberedCall } from '../paxos/messages/call-number.js'
import type { PaxosOptions } from '../paxos/options.js'
import type { Stable } from '../paxos/replication/own-disk.js'
import type {
    Properties, Republic, Request, Response, VersionRange
} from '../paxos/messages/messages.js'

/** A calendar event, as recorded. */
export interface EventBody {
    readonly module: 'happenstance'
    readonly method: 'event'
    /** When the event fired. */
    readonly now: number
    readonly key: string
    /** When the event was due. */
    readonly when: number
    readonly body: string
}

/** A request for admission, as received from the wire. */
export interface ImmigrateBody {
    readonly republic: Republic
    readonly id: string
    readonly cookie: string | number
    readonly properties: Properties
    /** The number of members that have forwarded the request. */
    readonly hops: number
    /** The versions of the newcomer. @default [1, 1] */
    readonly versions?: VersionRange
}

/** The start of a member. */
export interface BirthBody {
    /** The id of the member. */
    readonly id: string
    /** The engine version of the later inputs. */
    readonly version: number
    /** The engine's options, with all defaults. */
    readonly options: PaxosOptions
}

/** The start of a process that continues from a journal. */
export interface ReviveBody {
    /**
     * The engine version of this process. Another version may react otherwise to the same inputs.
     */
    readonly version?: number
    /** The engine's options from now on. @default the earlier options */
    readonly options?: PaxosOptions
    /** The process has a journal, and plays `stable` after each write. @default false */
    readonly disk?: boolean
}

/** A publisher's batch, as received from the wire. */
export interface EnqueueBody extends NumberedCall {
    readonly republic: Republic
    /** The founding to which the publisher belongs. */
    readonly founding?: string
    /** The number of members that have forwarded the batch. @default 0 */
    readonly hops?: number
    readonly entries: readonly (Pick<Message, 'id' | 'cookie' | 'body'> &
        Partial<Pick<Message, 'immigrated'>>)[]
}

/** The body of every input, by method. */
export interface Inputs {
    /**
     * The member was made at `when` with these options. A recording begins with this input, so that
     * a replay depends on neither the clock nor the options of the replaying process.
     */
    readonly birth: BirthBody
    /**
     * Founds the republic. The founder draws `founding` at random, so that two foundings differ.
     */
    readonly bootstrap: {
        readonly republic: Republic
        readonly properties: Properties
        readonly founding?: string
        /** The version of the republic. @default 1 */
        readonly version?: number
    }
    /**
     * Waits for admission. The newcomer draws the cookie at random; without one, the cookie is
     * `when`.
     */
    readonly join: { readonly republic: Republic; readonly cookie?: string | number }
    /** A new process has replayed all earlier inputs. The answers to earlier calls are lost. */
    readonly revive: ReviveBody
    /**
     * All later inputs may be of the version. A leader raises the version of the republic, if every
     * member takes part in the version.
     */
    readonly upgrade: { readonly version: number }
    /** The member holds the application's state. */
    readonly naturalize: Readonly<Record<string, never>>
    /** The member asks for its exile. */
    readonly leave: Readonly<Record<string, never>>
    /** This member, the leader, hands leadership over to another member. */
    readonly cede: { readonly id: string }
    /** The member asks for other properties, for example another address. */
    readonly move: { readonly properties: Properties }
    /** The application has found a citizen at other properties than the log holds. */
    readonly locate: { readonly id: string; readonly properties: Properties }
    /** An event of the calendar is due. */
    readonly event: EventBody
    /** A newcomer asks for admission. */
    readonly immigrate: ImmigrateBody
    /** Another engine sends a request. */
    readonly receive: Request
    /** The disk of this member, the leader, holds the log under the leader's ballot. */
    readonly stable: Stable
    /** A publisher proposes entries. */
    readonly enqueue: EnqueueBody
    /** The application publishes a value; `null` is a barrier. */
    readonly publish: unknown
    /** The application publishes values, in order. */
    readonly publishAll: readonly unknown[]
    /** The receipts of a batch; `null` if no leader took the batch. */
    readonly published: {
        readonly cookie: string
        readonly promises: Readonly<Record<string, Monotonic>> | null
        /** The status, if the call was refused and a value may be the cause. */
        readonly refused?: string
    }
    /** The answers to a communique, by member id; `null` for a member without an answer. */
    readonly sent: {
        readonly cookie: string
        readonly responses: Readonly<Record<string, Response | null>>
    }
}

/**
 * A recorded input. Recorded inputs are the only cause of any action of a Kibitzer. Survives JSON.
 */
export type Played = {
    readonly [Method in keyof Inputs]: {
        readonly module: 'kibitz'
        readonly method: Method
        /** Milliseconds since the epoch. */
        readonly when: number
        readonly body: Inputs[Method]
    }
}[keyof Inputs]
