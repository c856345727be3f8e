import { copyAndFreeze } from '../base/json-value.js'
import { rejectArgument } from '../base/errors.js'
import { having, readOptions } from '../base/option-table.js'
import type { Attach, Attachment } from './transport.js'

/** How many characters the name of a question has at most. */
const NAME_MAX = 256

/**
 * Refuses what attaches nothing.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkAttach(attach: unknown): asserts attach is Attach {
    if (typeof attach !== 'function') {
        rejectArgument('What attaches a Colleague is a function that returns an attachment.')
    }
}

const ATTACHMENT = having('an attachment with properties, ask and close', 'ask', 'close')

/**
 * Reads what a transport of the user returned.
 *
 * @throws KibitzError `invalid-argument` where the value is no attachment.
 */
export function readAttachment(attachment: unknown): Attachment {
    readOptions('attach', { attachment }, { attachment: ATTACHMENT }, ['attachment'])
    try {
        const attached = attachment as Attachment
        const { carriesBytes, probes } = attached
        const properties = Object.freeze({ ...attached.properties })
        return Object.freeze({
            properties,
            ask: (...question: Parameters<Attachment['ask']>) => attached.ask(...question),
            close: async () => {
                await attached.close()
            },
            ...(carriesBytes === undefined ? {} : { carriesBytes }),
            ...(probes === undefined ? {} : { probes })
        })
    } catch (cause) {
        return rejectArgument('The properties of the attachment cannot be read.', cause)
    }
}

/**
 * Checks a question that the user asks out of band, and takes a copy of the post.
 *
 * @throws KibitzError `invalid-argument` where no transport could carry the question.
 */
export function copyQuestion(name: unknown, post: unknown): unknown {
    if (typeof name !== 'string' || name === '' || name.length > NAME_MAX) {
        rejectArgument(`The name of a question is a text of 1 to ${NAME_MAX} characters.`)
    }
    try {
        return copyAndFreeze(post ?? null)
    } catch (cause) {
        return rejectArgument('A question must survive JSON, as a published value must.', cause)
    }
}
