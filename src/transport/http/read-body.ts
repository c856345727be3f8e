import type { IncomingMessage } from 'node:http'
import { KibitzError } from '../../base/errors.js'

/** The content type of a body of bytes. */
export const BYTES_TYPE = 'application/octet-stream'

/**
 * Reads the body of a message. Resolves with `null`, and stops reading, as soon as the body exceeds
 * the limit. Rejects if the connection breaks before the end.
 */
export function readBody(message: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        let size = 0
        if (Number(message.headers['content-length'] ?? 0) > bytesMax) {
            resolve(null)
            return
        }
        const onBroken = (): void => {
            const what = 'The connection broke before the end of the message.'
            reject(new KibitzError('unreachable', what))
        }
        if (message.readableEnded || message.destroyed) {
            onBroken()
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
        // After the end, or after the limit, these events have no effect.
        message.on('error', onBroken)
        message.on('close', onBroken)
    })
}
