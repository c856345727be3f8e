/// <reference path="./procession.d.ts" />

declare module 'conduit/caller.js' {
    import type Procession from 'procession'
    import type { Invocation } from 'conduit/procedure.js'

    /** A call on its way out. */
    export interface Invoke<Body = unknown> {
        readonly module: 'conduit/caller'
        readonly method: 'invoke'
        /** Names the call among those of one Caller; the answer carries it back. */
        readonly cookie: string
        readonly body: Body
    }

    /**
     * The asking end. Calls come out of `read`, answers go into `write`, each call is answered
     * once, whichever order they come in. It has no time limit: a call whose answer never comes
     * waits for the end of the stream. What it does not know as an answer it hands on to `read`.
     */
    export default class Caller<Body = unknown, Answer = unknown> {
        /** For the transport to take calls from. It ends when `write` does. */
        readonly read: Procession<Invoke<Body>>
        /**
         * For the transport to put answers into. Its `null` calls every open call back with the
         * error `conduit#endOfStream`.
         */
        readonly write: Procession<Invocation<Answer>>
        /**
         * Calls. After the end of the stream the callback gets `conduit#endOfStream`. The call is
         * on `read`, and may be answered, before this returns.
         */
        invoke(
            body: Body, callback: (error: Error | null | undefined, answer: Answer) => void
        ): void
    }
}

declare module 'conduit/procedure.js' {
    import type Procession from 'procession'
    import type { Invoke } from 'conduit/caller.js'

    /** An answer on its way back. */
    export interface Invocation<Answer = unknown> {
        readonly module: 'conduit/procedure'
        readonly method: 'invocation'
        /** The cookie of the call this answers. */
        readonly cookie: string
        readonly body: Answer | null
    }

    /**
     * The answering end. Calls go into `write`, answers come out of `read`, in the order of the
     * calls, since **one call is served at a time** and the next waits for its answer.
     *
     * 1. The operation must call back, once, and never with an error: an error is not answered, it
     *    ends the Procedure and becomes an uncaught exception.
     * 2. An absent answer is `null`.
     * 3. `null` in `write` ends the serving; `read` is not ended by it.
     */
    export default class Procedure<Body = unknown, Answer = unknown> {
        /** Serves each call with the operation. */
        constructor(
            operation: (
                body: Body, callback: (error?: Error | null, answer?: Answer) => void
            ) => void
        )
        /** Serves each call with a method, found by name when the call comes. */
        constructor(object: object, method: string)
        /** For the transport to take answers from. */
        readonly read: Procession<Invocation<Answer>>
        /** For the transport to put calls into. What is not a call is dropped. */
        readonly write: Procession<Invoke<Body>>
    }
}
