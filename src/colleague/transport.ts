import type { Discover } from './discovery.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Post, Reply } from './out-of-band-messages.js'
import type { ReadinessState } from './readiness.js'

/** The part of a Colleague that a transport uses. */
export interface Attachable {
    /** The transport delivers incoming calls to this Kibitzer, and connects its outgoing calls. */
    readonly kibitzer: Kibitzer
    /** The option `properties`. A transport adds to these properties and changes none. */
    readonly properties: Readonly<Record<string, unknown>>
    /**
     * Answers an out-of-band question. Accepts any value: checks, limits and counts the question.
     * Never rejects.
     */
    answer(post: unknown): Promise<Reply>
    /** Runs an operator command: `health`, `join`, `bootstrap` or `shutdown`. */
    request(type: string, body: unknown): Promise<unknown>
    /** Whether this member can serve its users, in one word, for probes. */
    readiness(): ReadinessState
}

/** The connection of a Colleague to a transport. */
export interface Attachment {
    /**
     * The address of this member for its peers. The Colleague adds the address to the properties
     * of this member; a property from the user takes precedence.
     */
    readonly properties: Readonly<Record<string, unknown>>
    /**
     * Sends a question to the member with these properties. Resolves with the result of `answer`
     * at that member. Rejects if no answer arrives. After the signal aborts, the Colleague ignores
     * the answer.
     */
    ask(to: Properties, post: Post, signal: AbortSignal): Promise<unknown>
    /**
     * Whether the transport delivers a `result` of type `Uint8Array` unchanged. If `false`, chunks
     * of a state travel in base64, which is several times slower. @default false
     */
    readonly carriesBytes?: boolean
    /**
     * Whether the transport calls over TLS. With `false`, an address over TLS in `through` is
     * refused at once. @default none: the transport judges the addresses
     */
    readonly callsTls?: boolean
    /** The url of the separate port for probes. @default none */
    readonly probes?: string
    /** Closes the connection. Resolves after every port and every call has ended. */
    close(): Promise<void>
}

/** Attaches a Colleague to a transport. */
export interface Attach {
    (colleague: Attachable): Attachment | Promise<Attachment>
    /**
     * Where the other members may be, if the transport knows: the default of the option `through`
     * of `start`. @default none
     */
    readonly through?: Discover
}
