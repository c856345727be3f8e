import { inspect } from 'node:util'
import type { Chunks } from '../colleague/application.js'

/** The longest text of a value in a message, in characters. */
const TEXT_MAX = 120

/** The text of a result that is no JSON text or number. */
const RESULT = {
    depth: 20, sorted: true, maxArrayLength: null, breakLength: Number.POSITIVE_INFINITY
} as const

/** A copy of a JSON value with sorted keys. Lists keep their order. */
function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted)
    }
    if (typeof value === 'object' && value !== null) {
        const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const)
        return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
    }
    return value
}

/** The value of a JSON text; `undefined` if the text is no JSON. */
export function parsed(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return undefined
    }
}

/** A text that is equal for equal states: JSON with sorted keys, and any other text as it is. */
export function canonicalState(text: string): string {
    const value = parsed(text)
    return value === undefined ? text : JSON.stringify(sorted(value))
}

/** A text that is equal for equal results of `apply`. */
export function canonicalResult(result: unknown): string {
    if (typeof result === 'string' || typeof result === 'number' || result === null) {
        return JSON.stringify(result)
    }
    return inspect(result, RESULT)
}

/** A short text of a value for a message. */
export function shortText(value: unknown): string {
    const text = typeof value === 'string' ? value : JSON.stringify(value) ?? String(value)
    return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
}

/** The first difference of two values: the path, and both values. */
export interface Difference {
    readonly path: string
    readonly one: unknown
    readonly other: unknown
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null
}

/** The items of a list of pairs, such as `[...map]`, by key; `null` for any other value. */
function itemsByKey(value: unknown): ReadonlyMap<string, unknown> | null {
    const isPair = (item: unknown): item is readonly [string | number, unknown] =>
        Array.isArray(item) && item.length === 2
        && (typeof item[0] === 'string' || typeof item[0] === 'number')
    if (!Array.isArray(value) || !value.every(isPair)) {
        return null
    }
    const items = new Map(value.map(([key, item]) => [String(key), item]))
    return items.size === value.length ? items : null
}

/** The parts of a value: of a list of pairs by key, of any other value by name. */
function partsOf(value: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
    return itemsByKey(value) ?? new Map(Object.entries(value))
}

/**
 * The first difference of two JSON values; `null` if the values are equal. A list of pairs counts
 * as a map: a difference in the order of its keys is no difference.
 */
export function firstDifference(one: unknown, other: unknown, path = ''): Difference | null {
    if (Object.is(one, other)) {
        return null
    }
    if (!isRecord(one) || !isRecord(other) || Array.isArray(one) !== Array.isArray(other)) {
        return { path, one, other }
    }
    const isList = Array.isArray(one) && !(itemsByKey(one) && itemsByKey(other))
    const [left, right] = isList
        ? [new Map(Object.entries(one)), new Map(Object.entries(other))]
        : [partsOf(one), partsOf(other)]
    for (const name of new Set([...left.keys(), ...right.keys()])) {
        const at = isList ? `${path}[${name}]` : `${path}.${name}`
        const difference = firstDifference(left.get(name), right.get(name), at)
        if (difference !== null) {
            return difference
        }
    }
    return null
}

/** Whether two states differ only in the order of the items of lists. */
export function differsInOrder(one: string, other: string): boolean {
    const [left, right] = [parsed(one), parsed(other)]
    return left !== undefined && right !== undefined && JSON.stringify(unordered(left))
        === JSON.stringify(unordered(right))
}

/** A copy of a JSON value with sorted keys and lists. */
function unordered(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map((item) => JSON.stringify(unordered(item))).sort()
    }
    return isRecord(value)
        ? Object.entries(value).map(([key, item]) => JSON.stringify([key, unordered(item)])).sort()
        : value
}

/** The first difference of two states in words. */
export function describeDifference(one: string, other: string): string {
    const [left, right] = [parsed(one), parsed(other)]
    if (left === undefined || right === undefined) {
        let at = 0
        while (at < one.length && one[at] === other[at]) {
            at++
        }
        const from = Math.max(0, at - 20)
        return `at character ${at}: ${shortText(one.slice(from))} and `
            + shortText(other.slice(from))
    }
    const difference = firstDifference(left, right)
    if (difference === null) {
        return 'in the order of its items'
    }
    const { path, one: first, other: second } = difference
    return `at ${path === '' ? 'the top' : path}: ${shortText(first ?? 'nothing')} and `
        + shortText(second ?? 'nothing')
}

/** The bytes of a state that `snapshot` returned at once; `null` for asynchronous pieces. */
export function bytesAtOnce(chunks: Chunks | Promise<Chunks>): Buffer | null {
    if (typeof chunks === 'string' || chunks instanceof Uint8Array) {
        return Buffer.from(chunks as Uint8Array)
    }
    if (!(chunks instanceof Promise) && Symbol.iterator in chunks) {
        return Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk as Uint8Array)))
    }
    return null
}

/** Reads all pieces of a state; waits before each piece. */
export async function bytesOf(
    chunks: Chunks | Promise<Chunks>, wait: (() => Promise<void>) | null = null
): Promise<Buffer> {
    await wait?.()
    const pieces = await chunks
    if (typeof pieces === 'string' || pieces instanceof Uint8Array) {
        return Buffer.from(pieces as Uint8Array)
    }
    const parts: Buffer[] = []
    for await (const piece of pieces as AsyncIterable<string | Uint8Array>) {
        parts.push(Buffer.from(piece as Uint8Array))
        await wait?.()
    }
    return Buffer.concat(parts)
}

/** The text of a state that `snapshot` returned at once; `null` for asynchronous pieces. */
export function textAtOnce(chunks: Chunks | Promise<Chunks>): string | null {
    if (typeof chunks === 'string') {
        return chunks
    }
    const bytes = bytesAtOnce(chunks)
    return bytes === null ? null : textOfBytes(bytes)
}

/** Reads the text of a state. */
export async function textOf(chunks: Chunks | Promise<Chunks>): Promise<string> {
    return textOfBytes(await bytesOf(chunks))
}

/** UTF-8 text as text, and any other bytes as Latin-1. */
export function textOfBytes(bytes: Uint8Array): string {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
        return Buffer.from(bytes).toString('latin1')
    }
}
