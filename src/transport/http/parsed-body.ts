import type { IncomingMessage } from 'node:http'
import { readOpaque, spellOpaque } from '../opaque.js'

/** A request of any framework. A parser before the route may have left a `body`. */
export interface ParsedRequest extends IncomingMessage {
    readonly body?: unknown
    /** The whole path, if a framework has cut off a part of `url`. */
    readonly originalUrl?: string
}

/** The bytes of a body that a parser has read; `null` if only a parsed value is left. */
function bytesOf(body: unknown): Buffer | null {
    if (typeof body === 'string') {
        return Buffer.from(body)
    }
    if (body instanceof Uint8Array) {
        return Buffer.from(body.buffer, body.byteOffset, body.length)
    }
    const opaque = readOpaque(body)
    // The parsed value of an opaque message determines the bytes: there is one spelling.
    return opaque === null ? null : Buffer.from(spellOpaque(opaque))
}

/** Whether a parser has left an empty body. Some parsers leave `{}` if they read no byte. */
function isEmpty(body: unknown): boolean {
    if (typeof body === 'object' && body !== null) {
        return body instanceof Uint8Array ? body.length === 0 : Object.keys(body).length === 0
    }
    return body === undefined || body === null || body === '' || body === false
}

/** Whether no parser has read bytes of the request. */
function isUnread(request: IncomingMessage): boolean {
    return !request.readableDidRead && !request.readableEnded && !request.destroyed
}

/**
 * The body that a parser before the route has left: the bytes if they are known, else the value.
 * `null` if the route must read the stream.
 *
 * @param isSigned Whether the bytes are required.
 */
export function parsedBodyOf(
    request: ParsedRequest,
    isSigned: boolean
): Buffer | { readonly parsed: unknown } | null {
    const { body } = request
    if (body === undefined || (isEmpty(body) && isUnread(request))) {
        return null
    }
    return bytesOf(body) ?? (isSigned ? null : { parsed: body })
}
