import { createHmac, type KeyObject } from 'node:crypto'

/**
 * The HMAC-SHA-256 of a list of parts under a secret. Each part is preceded by its length, so two
 * different lists never give the same bytes.
 */
export function hmac(secret: KeyObject, parts: readonly (string | Uint8Array)[]): Buffer {
    const code = createHmac('sha256', secret)
    const length = Buffer.allocUnsafe(4)
    for (const part of parts) {
        length.writeUInt32BE(typeof part === 'string' ? Buffer.byteLength(part) : part.length)
        code.update(length)
        code.update(part)
    }
    return code.digest()
}
