import type { IncomingMessage } from 'node:http'
import { readOpaque, spellOpaque } from '../opaque.js'

/** A request of any framework: a parser before the route may have left a body. */
export interface ParsedRequest extends IncomingMessage {
    readonly body?: unknown
    /** The whole path, where a framework has cut some of it off. */
    readonly originalUrl?: string
}

/** The bytes of a body that a parser has read; `null` if only a parsed value is left of them. */
function bytesOf(body: unknown): Buffer | null {
    if (typeof body === 'string') {
        return Buffer.from(body)
    }
    if (body instanceof Uint8Array) {
        return Buffer.from(body.buffer, body.byteOffset, body.length)
    }
    const opaque = readOpaque(body)
    // Of an opaque message the parsed value tells the bytes: there is one spelling.
    return opaque === null ? null : Buffer.from(spellOpaque(opaque))
}

/** Whether a parser has put nothing into a body: some leave `{}` if they read nothing. */
function isEmpty(body: unknown): boolean {
    if (typeof body === 'object' && body !== null) {
        return body instanceof Uint8Array ? body.length === 0 : Object.keys(body).length === 0
    }
    return body === undefined || body === null || body === '' || body === false
}

/** Whether no parser has begun to read the bytes of a request. */
function isUnread(request: IncomingMessage): boolean {
    return !request.readableDidRead && !request.readableEnded && !request.destroyed
}

/**
 * What a parser before the route has left of a body: the bytes if they are known, else the value.
 * `null` if the stream is to be read.
 *
 * @param isSigned Whether the bytes are needed.
 */
export function bodyLeftOf(
    request: ParsedRequest,
    isSigned: boolean
): Buffer | { readonly parsed: unknown } | null {
    const { body } = request
    if (body === undefined || (isEmpty(body) && isUnread(request))) {
        return null
    }
    return bytesOf(body) ?? (isSigned ? null : { parsed: body })
}
