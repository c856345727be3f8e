import { KibitzError } from '../base/errors.js'
import { OWNER_MAX } from './format.js'

/**
 * Rejects a value that cannot be the owner of a journal: a text of 1 to 128 bytes of UTF-8.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkOwner(owner: unknown): asserts owner is string {
    const size = typeof owner === 'string' ? Buffer.byteLength(owner) : 0
    if (size === 0 || size > OWNER_MAX) {
        throw new KibitzError('invalid-argument',
            `The owner of a journal is a text of 1 to ${OWNER_MAX} bytes. Nothing was opened.`)
    }
}
