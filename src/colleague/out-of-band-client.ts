import { KibitzError } from '../base/errors.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Attachment } from './transport.js'
import { type Post, type RefusalCode, type Reply, readReply } from './out-of-band-messages.js'
import { withinTimeLimit } from './time-limit.js'

/** The recipient of a question. */
export interface Recipient {
    /** `null` if the sender does not know the id. */
    readonly id: string | null
    readonly properties: Properties
}

/** The error with which `outOfBand` reports a refusal. */
export function refusedError(name: string, id: string | null, code: RefusalCode): KibitzError {
    return new KibitzError(
        code === 'overloaded' ? 'overloaded' : 'refused',
        `${id ?? 'The member'} has refused to answer ${name}: ${code}. The question has changed ` +
            'nothing.'
    )
}

/** Sends out-of-band questions to other Colleagues, with a time limit, and logs each question. */
export class OutOfBandClient {
    readonly #logger: MemberLogger
    readonly #limitMs: number
    readonly #closed = new AbortController()
    #attachment: Attachment | null = null
    #invocations = 0

    /** @param limitMs The time limit for an answer, in milliseconds. */
    constructor(limitMs: number, member: Named) {
        this.#logger = new MemberLogger('kibitz/colleague', () => member)
        this.#limitMs = limitMs
    }

    /** Sets the transport for the questions. */
    attach(attachment: Attachment): void {
        this.#attachment = attachment
    }

    /** Rejects all questions under way and all later questions with the reason. */
    close(reason: KibitzError): void {
        this.#closed.abort(reason)
    }

    /** Whether the transport delivers answers as bytes. */
    get carriesBytes(): boolean {
        return this.#attachment?.carriesBytes === true
    }

    /**
     * Resolves with the answer. If no answer arrives within the time limit, rejects with
     * `unreachable`; after `close`, with the reason given to `close`.
     *
     * @param signal Gives up the question.
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
                const what = 'This Colleague has no transport yet. Call listen first.'
                throw new KibitzError('unreachable', what)
            }
            return attachment.ask(to.properties, post, ended)
        })
    }

    /** Lets this member answer its own question, with the same time limit. */
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

    /** Waits for the answer within the time limit. */
    #withinLimit(
        signal: AbortSignal | undefined,
        send: (signal: AbortSignal) => unknown
    ): Promise<unknown> {
        const ends = [this.#closed.signal, ...(signal === undefined ? [] : [signal])]
        return withinTimeLimit(send, ends, this.#limitMs, () => timedOut(this.#limitMs))
    }
}

function unreachable(id: string | null, cause: unknown): KibitzError {
    const member = id ?? 'the member'
    const what = `No answer came from ${member}. This member is unchanged; ask again.`
    return new KibitzError('unreachable', what, { cause })
}

function timedOut(limitMs: number): KibitzError {
    return new KibitzError(
        'unreachable',
        `No answer came within ${limitMs} ms (option outOfBandTimeout). Ask again.`
    )
}
