import { copyAsJson } from '../base/json-value.js'
import { rejectArgument } from '../base/errors.js'
import { having, readOptions } from '../base/option-table.js'
import type { Attach, Attachment } from './transport.js'

/** The longest name of a question, in characters. */
const NAME_MAX = 256

/**
 * Checks the argument of `attach`.
 *
 * @throws KibitzError `invalid-argument` if the argument is no function.
 */
export function checkAttach(attach: unknown): asserts attach is Attach {
    if (typeof attach !== 'function') {
        rejectArgument('The argument of attach must be a function that returns an attachment.')
    }
}

const ATTACHMENT = having('an attachment with properties, ask and close', 'ask', 'close')

/**
 * Reads the attachment that a transport of the user returned.
 *
 * @throws KibitzError `invalid-argument` if the value is no attachment.
 */
export function readAttachment(attachment: unknown): Attachment {
    readOptions('attach', { attachment }, { attachment: ATTACHMENT }, ['attachment'])
    try {
        const attached = attachment as Attachment
        const { callsTls, carriesBytes, probes } = attached
        const properties = Object.freeze({ ...attached.properties })
        return Object.freeze({
            properties,
            ask: (...question: Parameters<Attachment['ask']>) => attached.ask(...question),
            close: async () => {
                await attached.close()
            },
            ...(callsTls === undefined ? {} : { callsTls }),
            ...(carriesBytes === undefined ? {} : { carriesBytes }),
            ...(probes === undefined ? {} : { probes })
        })
    } catch (cause) {
        return rejectArgument('The properties of the attachment cannot be read.', cause)
    }
}

/**
 * Checks an out-of-band question of the user. Returns a frozen copy of the post.
 *
 * @throws KibitzError `invalid-argument` if the name is no text of 1 to 256 characters, or if the
 * post is no JSON value.
 */
export function copyQuestion(name: unknown, post: unknown): unknown {
    if (typeof name !== 'string' || name === '' || name.length > NAME_MAX) {
        rejectArgument(`The name of a question must be a text of 1 to ${NAME_MAX} characters.`)
    }
    try {
        return copyAsJson(post ?? null)
    } catch (cause) {
        return rejectArgument('The post of a question must be a JSON value.', cause)
    }
}
