import type { Message } from '../publisher/islander-types.js'
import type { Monotonic } from '../base/monotonic.js'
import type { PaxosOptions } from '../paxos/options.js'
import type { Properties, Republic, Request, Response } from '../paxos/messages/messages.js'

/** What a calendar event is recorded with. */
export interface EventBody {
    readonly module: 'happenstance'
    readonly method: 'event'
    /** When it fired. */
    readonly now: number
    readonly key: string
    /** When it was due. */
    readonly when: number
    readonly body: string
}

/** Who asks to be admitted, as it came over the wire. */
export interface ImmigrateBody {
    readonly republic: Republic
    readonly id: string
    readonly cookie: string | number
    readonly properties: Properties
    /** How many members have passed it on. */
    readonly hops: number
}

/** The beginning of a member. */
export interface BirthBody {
    /** The name of the member. */
    readonly id: string
    /** The version of the engine that plays the inputs behind this one. */
    readonly version: number
    /** The engine's options, with every default in place. */
    readonly options: PaxosOptions
}

/** How a process begins to write a journal. */
export interface ReviveBody {
    /** Which version of the engine goes on: another one may do otherwise with the same inputs. */
    readonly version?: number
    /** The engine's options from now on. @default those before */
    readonly options?: PaxosOptions
}

/** A publisher's batch, as it came over the wire. */
export interface EnqueueBody {
    readonly republic: Republic
    /** Which founding of it the publisher belongs to. */
    readonly founding?: string
    /** How many members have passed the batch on. @default 0 */
    readonly hops?: number
    readonly entries: readonly (Pick<Message, 'id' | 'cookie' | 'body'> &
        Partial<Pick<Message, 'immigrated'>>)[]
}

/** Every input, by the method that takes it. */
export interface Inputs {
    /**
     * The member was constructed at `when`, under these options. A recording begins with this
     * input, so that a replay depends on neither the clock nor the options of the replaying
     * process.
     */
    readonly birth: BirthBody
    /** Found the republic. `founding` is drawn by the founder, so that no two are the same. */
    readonly bootstrap: {
        readonly republic: Republic
        readonly properties: Properties
        readonly founding?: string
    }
    /** Wait for admission. The cookie is drawn by the newcomer; `when` where it is left out. */
    readonly join: { readonly republic: Republic; readonly cookie?: string | number }
    /** The process is a new one, in which all earlier inputs were replayed; calls are lost. */
    readonly revive: ReviveBody
    /** This member holds the application's state. */
    readonly naturalize: Readonly<Record<string, never>>
    /** This member asks for its exile. */
    readonly leave: Readonly<Record<string, never>>
    /** This member, which leads, hands over to another. */
    readonly cede: { readonly id: string }
    /** The calendar has come to an appointment. */
    readonly event: EventBody
    /** Somebody asks to be admitted. */
    readonly immigrate: ImmigrateBody
    /** Another engine asks something. */
    readonly receive: Request
    /** A publisher proposes entries. */
    readonly enqueue: EnqueueBody
    /** The user publishes a value; `null` is a barrier. */
    readonly publish: unknown
    /** The user publishes values, in their order. */
    readonly publishAll: readonly unknown[]
    /** The receipts of a batch have come; `null` where nobody took it. */
    readonly published: {
        readonly cookie: string
        readonly promises: Readonly<Record<string, Monotonic>> | null
        /** The status, if the call was refused and the values may be the reason. */
        readonly refused?: string
    }
    /** The answers to a communique have come, by id; `null` for who did not answer. */
    readonly sent: {
        readonly cookie: string
        readonly responses: Readonly<Record<string, Response | null>>
    }
}

/** A recorded input: all that a Kibitzer ever acts upon. Survives JSON. */
export type Played = {
    readonly [Method in keyof Inputs]: {
        readonly module: 'kibitz'
        readonly method: Method
        /** Milliseconds since the epoch. */
        readonly when: number
        readonly body: Inputs[Method]
    }
}[keyof Inputs]
