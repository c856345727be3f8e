import { isUtf8 } from 'node:buffer'
import { randomFillSync } from 'node:crypto'
import { type Assembly, readPart } from './parts.js'

/**
 * The form of a message over HTTP: an object with one text, which holds the JSON of the message as
 * masked bytes in base64. A JSON parser or a filter on the way sees only an object with one or two
 * harmless strings, whatever values the message holds.
 */
export interface Opaque {
    /** The masked bytes, in base64. */
    readonly kibitz: string
    /** The part of the message that the bytes are; absent if the bytes are a whole message. */
    readonly part?: string
}

/** The length of the mask in bytes. The mask precedes the masked bytes. */
const MASK_BYTES = 4

/**
 * Masks bytes with a fresh random mask, and encodes the result in base64. A publisher cannot choose
 * the text on the wire by choosing a value. If a filter refuses a message by accident, the next
 * attempt has a different text.
 */
export function encodeOpaque(bytes: Uint8Array): string {
    const masked = Buffer.allocUnsafeSlow(MASK_BYTES + bytes.length)
    randomFillSync(masked, 0, MASK_BYTES)
    masked.set(bytes, MASK_BYTES)
    toggleMask(masked)
    return masked.toString('base64')
}

/** Decodes and unmasks a text; `null` if the text is too short to hold a mask. */
export function decodeOpaque(text: string): Buffer | null {
    const masked = Buffer.allocUnsafeSlow(Buffer.byteLength(text, 'base64'))
    const length = masked.write(text, 'base64')
    if (length < MASK_BYTES) {
        return null
    }
    const bytes = masked.subarray(0, length)
    toggleMask(bytes)
    return bytes.subarray(MASK_BYTES)
}

/**
 * Applies the mask at the front of the buffer to the bytes after it. A second application undoes
 * the first.
 */
function toggleMask(masked: Buffer): void {
    // The buffer has its own memory, so 4-byte words are aligned.
    const words = new Uint32Array(masked.buffer, masked.byteOffset, masked.length >>> 2)
    const mask = words[0] ?? 0
    for (let at = 1; at < words.length; at++) {
        words[at] = (words[at] as number) ^ mask
    }
    for (let at = words.length * 4; at < masked.length; at++) {
        masked[at] = (masked[at] as number) ^ (masked[at & 3] as number)
    }
}

/** The JSON text of an opaque message. The sender and the signature use the same spelling. */
export function spellOpaque({ kibitz, part }: Opaque): string {
    return part === undefined
        ? `{"kibitz":"${kibitz}"}`
        : `{"kibitz":"${kibitz}","part":"${part}"}`
}

/** The size of the opaque form of `bytes` bytes of JSON. */
export function opaqueSize(bytes: number): number {
    return spellOpaque({ kibitz: '' }).length + Math.ceil((MASK_BYTES + bytes) / 3) * 4
}

/** Converts a value to its opaque form. `undefined` becomes `null`, as in a JSON list. */
export function wrap(value: unknown): Opaque {
    return { kibitz: encodeOpaque(Buffer.from(JSON.stringify(value ?? null) ?? 'null')) }
}

/** An own string property of an object, read once; `null` if there is none. Never throws. */
function textOf(holder: object, key: string): string | null {
    try {
        const text: unknown = Object.hasOwn(holder, key) ? Reflect.get(holder, key) : null
        return typeof text === 'string' ? text : null
    } catch {
        return null
    }
}

/** The arrived value as an opaque message; `null` if the value has another form. Never throws. */
export function readOpaque(value: unknown): Opaque | null {
    if (typeof value !== 'object' || value === null) {
        return null
    }
    const kibitz = textOf(value, 'kibitz')
    if (kibitz === null) {
        return null
    }
    const part = textOf(value, 'part')
    return part === null ? { kibitz } : { kibitz, part }
}

/** Parses bytes as JSON. @throws SyntaxError if the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Buffer): unknown {
    if (!isUtf8(bytes)) {
        throw new SyntaxError('The message is not UTF-8.')
    }
    return JSON.parse(bytes.toString('utf8'))
}

/** An opened message, and the form that its answer must have. */
export type OpenedMessage =
    /** The message arrived as plain JSON; the answer is plain JSON. */
    | { readonly form: 'plain'; readonly value: unknown }
    /** The message arrived in the opaque form; the answer is opaque. */
    | { readonly form: 'opaque'; readonly value: unknown }
    /** Parts of the message are still missing: `value` is the answer to this part. */
    | { readonly form: 'part'; readonly value: unknown }
    /** The text does not decode, or does not hold JSON. */
    | { readonly form: 'broken' }
    /** The parts of the message together take too many bytes. */
    | { readonly form: 'too-large' }

/**
 * Opens a message of any form.
 *
 * @param assembly Collects the parts of messages.
 * @param from The sender of the message. Parts of different senders never mix.
 */
export function openMessage(value: unknown, assembly: Assembly, from: string): OpenedMessage {
    const opaque = readOpaque(value)
    if (opaque === null) {
        return { form: 'plain', value }
    }
    let bytes = decodeOpaque(opaque.kibitz)
    if (bytes !== null && opaque.part !== undefined) {
        const part = readPart(opaque.part)
        if (part === null) {
            return { form: 'broken' }
        }
        const whole = assembly.add(part, bytes, from)
        if (whole === 'too-large') {
            return { form: 'too-large' }
        }
        if (whole === null) {
            return { form: 'part', value: { part: opaque.part } }
        }
        bytes = whole
    }
    try {
        return bytes === null
            ? { form: 'broken' }
            : { form: 'opaque', value: parseJson(bytes) }
    } catch {
        return { form: 'broken' }
    }
}
