import { setMaxListeners } from 'node:events'
import { KibitzError } from '../base/errors.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Attachment } from './transport.js'
import { type Post, type RefusalCode, type Reply, readReply } from './out-of-band-messages.js'
import { withinTimeLimit } from './time-limit.js'

/** Whom to ask: its name, where that is known, and how to reach it. */
export interface Recipient {
    readonly id: string | null
    readonly properties: Properties
}

/** A refusal, as whoever asked by `outOfBand` reads of it. */
export function refusedError(name: string, id: string | null, code: RefusalCode): KibitzError {
    return new KibitzError(
        code === 'overloaded' ? 'overloaded' : 'refused',
        `${id ?? 'The member'} refused to answer ${name}: ${code}. Nothing was changed by asking.`
    )
}

/** Asks other colleagues, numbers and logs what it asks, and waits no longer than it may. */
export class OutOfBandClient {
    readonly #logger: MemberLogger
    readonly #limitMs: number
    readonly #closed = new AbortController()
    #attachment: Attachment | null = null
    #invocations = 0

    /** @param limitMs How long an answer may take. */
    constructor(limitMs: number, member: Named) {
        this.#logger = new MemberLogger('kibitz/colleague', () => member)
        this.#limitMs = limitMs
        // Each question listens while it is under way; as many are as are asked.
        setMaxListeners(0, this.#closed.signal)
    }

    /** Whom it asks by. */
    attach(attachment: Attachment): void {
        this.#attachment = attachment
    }

    /** Ends what is under way; nothing is asked any more. */
    close(reason: KibitzError): void {
        this.#closed.abort(reason)
    }

    /** Whether the transport carries answers as bytes. */
    get carriesBytes(): boolean {
        return this.#attachment?.carriesBytes === true
    }

    /**
     * Resolves with the answer. Rejects with `unreachable`, `destroyed`, or what has ended it.
     *
     * @param signal Gives the question up.
     */
    ask(
        to: Recipient,
        question: Omit<Post, 'colleagueId'>,
        signal?: AbortSignal
    ): Promise<Reply> {
        const post = Object.freeze({ ...question, colleagueId: to.id })
        return this.#logCall(to, post, signal, (ended) => {
            const attachment = this.#attachment
            if (attachment === null) {
                const what = 'The Colleague is not attached to a transport: listen first.'
                throw new KibitzError('unreachable', what)
            }
            return attachment.ask(to.properties, post, ended)
        })
    }

    /** Lets this member answer its own question, within the time that any answer may take. */
    askSelf(post: Post, answer: (post: Post) => Promise<Reply>): Promise<Reply> {
        const to = { id: post.colleagueId, properties: null }
        return this.#logCall(to, post, undefined, () => answer(post))
    }

    async #logCall(
        to: Recipient,
        post: Post,
        signal: AbortSignal | undefined,
        send: (signal: AbortSignal) => unknown
    ): Promise<Reply> {
        const invocation = this.#invocations++
        const { name } = post
        this.#logger.trace('outOfBandCall', { message: { name, colleagueId: to.id, invocation } })
        try {
            const reply = readReply(await this.#withinLimit(signal, send), name)
            this.#logger.trace('outOfBandReturn', { invocation, refusal: reply.refusal ?? null })
            return reply
        } catch (error) {
            const failure = error instanceof KibitzError ? error : unreachable(to.id, error)
            this.#logger.trace('outOfBandReturn', { invocation, code: failure.code })
            throw failure
        }
    }

    /** Waits for the result, no longer than an answer may take. */
    #withinLimit(
        signal: AbortSignal | undefined,
        send: (signal: AbortSignal) => unknown
    ): Promise<unknown> {
        const ends = [this.#closed.signal, ...(signal === undefined ? [] : [signal])]
        return withinTimeLimit(send, ends, this.#limitMs, () => timedOut(this.#limitMs))
    }
}

function unreachable(id: string | null, cause: unknown): KibitzError {
    const who = id ?? 'the member'
    const what = `No answer came from ${who}. Nothing was changed here by asking; ask again.`
    return new KibitzError('unreachable', what, { cause })
}

function timedOut(limitMs: number): KibitzError {
    return new KibitzError(
        'unreachable',
        `No answer came within ${limitMs} ms (option outOfBandTimeout). Ask again, or another.`
    )
}
