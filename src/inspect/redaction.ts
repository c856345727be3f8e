import { createHash } from 'node:crypto'
import type { Played } from '../member/inputs.js'

/** The number of characters of a hash that a redacted value shows. */
const HASH_LENGTH = 12

/** A replaced value: its size and its hash, so that equal values stay equal. */
export interface RedactedValue {
    readonly redacted: string
    readonly bytes: number
}

/** The size and the hash of a value, in place of the value. `null` is a barrier and stays. */
export function redactValue(value: unknown): RedactedValue | null {
    if (value === null || value === undefined) {
        return null
    }
    const text = JSON.stringify(value)
    return {
        redacted: createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH),
        bytes: Buffer.byteLength(text)
    }
}

/**
 * Whether the part `body` of an object is a published value: a message of a publisher and the body
 * of a published entry have both a cookie and a body.
 */
export function isPublished(owner: object, name: string): boolean {
    return name === 'body' && Object.hasOwn(owner, 'cookie')
}

/** Whether a list holds bare published values: the publisher's waiting values. */
export function isPublishedList(path: string): boolean {
    return path === 'islander.pending'
}

/** An input without its published values, if its body is a value itself. */
export function redactInput(played: Played): object {
    switch (played.method) {
        case 'publish':
            return { ...played, body: redactValue(played.body) }
        case 'publishAll':
            return { ...played, body: played.body.map(redactValue) }
        default:
            return played
    }
}

/** Whether the part `bodies` of an object is the list of published values of a packed run. */
function isPackedList(owner: object, name: string, part: unknown): part is readonly unknown[] {
    return name === 'bodies' && Object.hasOwn(owner, 'cookie') && Array.isArray(part)
}

/** A value as JSON, without the published values of its messages, entries and packed runs. */
export function redactedText(value: unknown): string {
    return JSON.stringify(value, function (this: object, name, part: unknown) {
        if (isPackedList(this, name, part)) {
            return part.map(redactValue)
        }
        return isPublished(this, name) ? redactValue(part) : part
    }) ?? 'null'
}

/** A text, cut after a limit. */
export function textWithin(text: string, max: number): string {
    return text.length <= max ? text : `${text.slice(0, max)}…`
}
