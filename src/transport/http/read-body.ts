import type { IncomingMessage } from 'node:http'
import { KibitzError } from '../../base/errors.js'

/** The type of a body that is bytes and no JSON. */
export const BYTES_TYPE = 'application/octet-stream'

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
