import Logger from 'prolific.logger'
import { KibitzError } from '../error.js'
import type { Properties } from '../paxos/message.js'
import type { Attachment } from './attach.js'
import { type Post, type RefusalCode, type Reply, readReply } from './post.js'

const logger = Logger.createLogger('kibitz/colleague')

/** Whom to ask: its name, where that is known, and how to reach it. */
export interface Addressee {
    readonly id: string | null
    readonly properties: Properties
}

/** A refusal, as whoever asked by `outOfBand` reads of it. */
export function refused(name: string, id: string | null, code: RefusalCode): KibitzError {
    return new KibitzError(
        code === 'overloaded' ? 'overloaded' : 'refused',
        `${id ?? 'The member'} refused to answer ${name}: ${code}. Nothing was changed by asking.`
    )
}

/** Asks other colleagues, numbers and logs what it asks, and waits no longer than it may. */
export class OutOfBand {
    readonly #timeoutMs: number
    readonly #closed = new AbortController()
    #attachment: Attachment | null = null
    #invocations = 0

    /** @param timeoutMs How long an answer may take. */
    constructor(timeoutMs: number) {
        this.#timeoutMs = timeoutMs
    }

    /** Whom it asks by. */
    attach(attachment: Attachment): void {
        this.#attachment = attachment
    }

    /** Ends what is under way; nothing is asked any more. */
    close(reason: KibitzError): void {
        this.#closed.abort(reason)
    }

    /** Resolves with the answer. Rejects with `unreachable`, `destroyed`, or what has ended it. */
    async ask(to: Addressee, question: Omit<Post, 'colleagueId'>): Promise<Reply> {
        const invocation = this.#invocations++
        const { name } = question
        logger.trace('outOfBandCall', { message: { name, colleagueId: to.id, invocation } })
        try {
            const reply = await this.#ask(to, Object.freeze({ ...question, colleagueId: to.id }))
            logger.trace('outOfBandReturn', { invocation, refusal: reply.refusal ?? null })
            return reply
        } catch (error) {
            const failure = error instanceof KibitzError ? error : unreachable(to.id, error)
            logger.trace('outOfBandReturn', { invocation, code: failure.code })
            throw failure
        }
    }

    #ask(to: Addressee, post: Post): Promise<Reply> {
        const attachment = this.#attachment
        const closed = this.#closed.signal
        return new Promise((resolve, reject) => {
            closed.throwIfAborted()
            if (attachment === null) {
                const what = 'The Colleague is not attached to a transport: listen first.'
                throw new KibitzError('unreachable', what)
            }
            const controller = new AbortController()
            const onAbort = (reason: unknown): void => {
                clearTimeout(timer)
                closed.removeEventListener('abort', onClosed)
                controller.abort(reason)
                reject(reason)
            }
            const onClosed = (): void => onAbort(closed.reason)
            const timer = setTimeout(() => onAbort(late(this.#timeoutMs)), this.#timeoutMs)
            closed.addEventListener('abort', onClosed, { once: true })
            const conclude = (settle: () => void): void => {
                clearTimeout(timer)
                closed.removeEventListener('abort', onClosed)
                settle()
            }
            // A transport that throws is as good as one that rejects.
            new Promise((carried) => {
                carried(attachment.ask(to.properties, post, controller.signal))
            }).then(
                (reply) => conclude(() => resolve(readReply(reply))),
                (error) => conclude(() => reject(error))
            )
        })
    }
}

function unreachable(id: string | null, cause: unknown): KibitzError {
    const who = id ?? 'the member'
    const what = `No answer came from ${who}. Nothing was changed here by asking; ask again.`
    return new KibitzError('unreachable', what, { cause })
}

function late(timeoutMs: number): KibitzError {
    return new KibitzError(
        'unreachable',
        `No answer came within ${timeoutMs} ms (option outOfBandTimeout). Ask again, or another.`
    )
}
