import { isUtf8 } from 'node:buffer'
import { randomFillSync } from 'node:crypto'
import { type Assembly, readPart } from './parts.js'

/**
 * A message as it travels over HTTP: an object with one text, which holds the JSON of the message
 * as masked bytes in base64. A JSON parser or a filter on the way sees an object of one or two
 * harmless strings, whatever the values in the message are.
 */
export interface Opaque {
    /** The masked bytes, in base64. */
    readonly kibitz: string
    /** Which part of a message the bytes are; absent where the bytes are a whole message. */
    readonly part?: string
}

/** How many bytes the mask takes, in front of the bytes that it masks. */
const MASK_BYTES = 4

/**
 * Masks bytes with a fresh random mask, and spells the result in base64. The mask ensures that a
 * client that chooses a value does not choose the text on the wire, and that a message which a
 * filter has refused by accident looks different at the next try.
 */
export function encodeOpaque(bytes: Uint8Array): string {
    const masked = Buffer.allocUnsafeSlow(MASK_BYTES + bytes.length)
    randomFillSync(masked, 0, MASK_BYTES)
    masked.set(bytes, MASK_BYTES)
    toggleMask(masked)
    return masked.toString('base64')
}

/** The bytes behind a text; `null` if the text is too short to hold a mask. */
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

/** Applies the mask, which stands in front, to the bytes behind it; twice is not at all. */
function toggleMask(masked: Buffer): void {
    // The buffer has memory of its own, so its words are aligned: four bytes go at a time.
    const words = new Uint32Array(masked.buffer, masked.byteOffset, masked.length >>> 2)
    const mask = words[0] ?? 0
    for (let at = 1; at < words.length; at++) {
        words[at] = (words[at] as number) ^ mask
    }
    for (let at = words.length * 4; at < masked.length; at++) {
        masked[at] = (masked[at] as number) ^ (masked[at & 3] as number)
    }
}

/** The JSON text of an opaque message. The sender and a signature spell a message the same way. */
export function spellOpaque({ kibitz, part }: Opaque): string {
    return part === undefined
        ? `{"kibitz":"${kibitz}"}`
        : `{"kibitz":"${kibitz}","part":"${part}"}`
}

/** How many bytes the opaque form of so many bytes of JSON takes. */
export function opaqueSize(bytes: number): number {
    return spellOpaque({ kibitz: '' }).length + Math.ceil((MASK_BYTES + bytes) / 3) * 4
}

/** Puts a value into its opaque form. `undefined` becomes `null`, as in a JSON list. */
export function wrap(value: unknown): Opaque {
    return { kibitz: encodeOpaque(Buffer.from(JSON.stringify(value ?? null) ?? 'null')) }
}

/** An own text of an object, read once; `null` where there is none. Never throws. */
function textOf(holder: object, key: string): string | null {
    try {
        const text: unknown = Object.hasOwn(holder, key) ? Reflect.get(holder, key) : null
        return typeof text === 'string' ? text : null
    } catch {
        return null
    }
}

/** Whatever arrived as an opaque message; `null` if the value has another form. Never throws. */
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

/** What bytes say. @throws SyntaxError if the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Buffer): unknown {
    if (!isUtf8(bytes)) {
        throw new SyntaxError('The message is not UTF-8.')
    }
    return JSON.parse(bytes.toString('utf8'))
}

/** A value that arrived, and the form that its answer has to have. */
export type OpenedMessage =
    /** The value is the message itself, and the answer is plain JSON. */
    | { readonly form: 'plain'; readonly value: unknown }
    /** The message was opaque, and so is its answer. */
    | { readonly form: 'opaque'; readonly value: unknown }
    /** Other parts of the message are still to come: `value` is the answer to this part. */
    | { readonly form: 'part'; readonly value: unknown }
    /** The message is no opaque message, or holds no JSON. */
    | { readonly form: 'broken' }
    /** The parts of the message take too many bytes together. */
    | { readonly form: 'too-large' }

/**
 * Opens a message in whichever form it arrived.
 *
 * @param assembly Where the parts of messages wait for each other.
 * @param from Whose message it is: parts of different senders never mix.
 */
export function open(value: unknown, assembly: Assembly, from: string): OpenedMessage {
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
