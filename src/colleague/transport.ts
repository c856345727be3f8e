import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Post, Reply } from './out-of-band-messages.js'
import type { ReadinessState } from './readiness.js'

/** What a transport needs of a Colleague. */
export interface Attachable {
    /** To be connected as any Kibitzer is. */
    readonly kibitzer: Kibitzer
    /** The option `properties`. A transport adds to these properties and changes none. */
    readonly properties: Readonly<Record<string, unknown>>
    /** Answers what arrived out of band, whatever it is. Never rejects; counts and bounds it. */
    answer(post: unknown): Promise<Reply>
    /** Answers the other routes: `health`, `join`, `bootstrap`, `shutdown`. */
    request(type: string, body: unknown): Promise<unknown>
    /** Whether this member can serve its users, in one word, for probes. */
    readiness(): ReadinessState
}

/** A transport that carries for a Colleague. */
export interface Attachment {
    /**
     * The address of this member for its peers. It becomes part of the properties of this member,
     * and never replaces a property that the user has given.
     */
    readonly properties: Readonly<Record<string, unknown>>
    /**
     * Takes a question to whom the properties name and resolves with what its `answer` resolved
     * with. Rejects where there is no answer. When the signal aborts, nobody waits any more.
     */
    ask(to: Properties, post: Post, signal: AbortSignal): Promise<unknown>
    /**
     * Whether a `result` that is a `Uint8Array` arrives as one. Chunks of a state then travel as
     * bytes, and otherwise in base64, which is several times slower. @default false
     */
    readonly carriesBytes?: boolean
    /** The url of the separate port for probes. @default none */
    readonly probes?: string
    /** Ends it. Resolves when nothing of it is left. */
    close(): Promise<void>
}

/** Attaches a Colleague to a transport. */
export type Attach = (colleague: Attachable) => Attachment | Promise<Attachment>
