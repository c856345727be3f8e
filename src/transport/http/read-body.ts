import type { IncomingMessage } from 'node:http'
import { KibitzError } from '../../base/errors.js'

/**
 * How many bytes of JSON a message may take if no limit is given. The engine sends about a
 * mebibyte of values at once, counted in characters, and JSON spells a character with up to six
 * bytes. With the heads of the entries, or with the properties of all citizens, a message takes
 * somewhat less than this limit. Under a smaller limit, no member would take the largest messages.
 */
export const BYTES_MAX: number = 8 * 1024 * 1024

/** The type of a body that is bytes and no JSON. */
export const BYTES_TYPE = 'application/octet-stream'

/** The highest limit that may be given: a larger message does not fit a text of the language. */
export const BYTES_LIMIT: number = 256 * 1024 * 1024

/** The same limit for a message in base64, which takes four bytes for three. */
export const OPAQUE_BYTES_MAX: number = 12 * 1024 * 1024

/**
 * Reads a message to its end, or yields `null` as soon as it turns out to be above the limit; then
 * the rest of it is not read. Rejects where the message breaks off.
 */
export function collect(message: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        let size = 0
        if (Number(message.headers['content-length'] ?? 0) > bytesMax) {
            resolve(null)
            return
        }
        const breakOff = (): void => {
            reject(new KibitzError('unreachable', 'The message broke off.'))
        }
        if (message.readableEnded || message.destroyed) {
            breakOff()
            return
        }
        message.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > bytesMax) {
                message.pause()
                chunks.length = 0
                resolve(null)
            } else {
                chunks.push(chunk)
            }
        })
        message.on('end', () => resolve(Buffer.concat(chunks)))
        // Where the message has ended, or was found too long, these come too late to matter.
        message.on('error', breakOff)
        message.on('close', breakOff)
    })
}
