import { KibitzError } from './errors.js'
import { numberSize, textSize } from './json-size.js'
import { makeNumberTag } from './object-brand.js'

/** How deep a user's value may nest. Deeper ones overflow the stack of whoever walks them. */
export const DEPTH_MAX = 256

/** What a list or an object costs beside its items, each of which costs a comma or the bracket. */
const BRACKET = 1

/** The size of a list or an object without items. */
const EMPTY = 2

/** Every value that `admit` has rebuilt, with its weight, so that none is rebuilt twice. */
const weights = makeNumberTag()

function refuse(what: string): never {
    throw new KibitzError(
        'invalid-argument',
        `A published value must survive JSON: ${what}. Nothing was published; pass plain data.`
    )
}

/** How much one value may hold. Parts that it holds in several places count each time. */
const PARTS_MAX = 100_000

/** How many items a list may have: a list of more could not travel, and its length may be a lie. */
export const LIST_MAX: number = 4 * 1024 * 1024

/** Counts the parts of one value while it is rebuilt. */
interface Tally {
    parts: number
}

function rebuildList(value: readonly unknown[], depth: number, tally: Tally): object {
    const { length } = value
    if (!(length <= LIST_MAX)) {
        refuse(`it holds a list of more than ${LIST_MAX} items`)
    }
    // A list may bring a `map` of its own, and holes: only its length and its items count.
    const rebuilt = Array.from({ length }, (_, index) =>
        rebuild(value[index], depth + 1, tally)
    )
    const weight = rebuilt.reduce((sum: number, copy) => sum + jsonSize(copy) + 1, BRACKET)
    weights.put(rebuilt, Math.max(weight, EMPTY))
    return Object.freeze(rebuilt)
}

function rebuildRecord(value: object, depth: number, tally: Tally): object {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
        refuse('it holds an instance of a class')
    }
    let weight = BRACKET
    const rebuilt: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
        const item = (value as Record<string, unknown>)[key]
        if (item === undefined) {
            continue
        }
        const copy = rebuild(item, depth + 1, tally)
        weight += itemSize(key, copy)
        if (key in rebuilt) {
            // An assignment could set the prototype, or fail where the prototype is frozen.
            Object.defineProperty(rebuilt, key, { value: copy, enumerable: true })
        } else {
            rebuilt[key] = copy
        }
    }
    weights.put(rebuilt, Math.max(weight, EMPTY))
    return Object.freeze(rebuilt)
}

/** The bytes of a key, a colon, a value, and a comma or the bracket. */
function itemSize(key: string, value: unknown): number {
    return textSize(key) + 1 + jsonSize(value) + 1
}

function rebuild(value: unknown, depth: number, tally: Tally): unknown {
    switch (typeof value) {
        case 'string':
        case 'boolean':
            return value
        case 'number':
            // JSON knows no minus zero.
            return Number.isFinite(value) ? value + 0 : refuse('it holds an infinity or a NaN')
        case 'object':
            break
        default:
            return refuse(`it holds a ${typeof value}`)
    }
    if (value === null || weights.of(value) !== undefined) {
        return value
    }
    if (depth > DEPTH_MAX) {
        refuse(`it nests deeper than ${DEPTH_MAX}`)
    }
    tally.parts++
    if (tally.parts > PARTS_MAX) {
        refuse(`it holds more than ${PARTS_MAX} lists and objects`)
    }
    return Array.isArray(value)
        ? rebuildList(value, depth, tally)
        : rebuildRecord(value, depth, tally)
}

/**
 * Takes a user's value into the log's custody: a frozen copy that nobody can change any more.
 * A value that was taken once is returned as it is.
 *
 * @throws KibitzError `invalid-argument` where JSON could not carry it.
 */
export function copyAndFreeze(value: unknown): unknown {
    if (typeof value === 'string') {
        return value
    }
    try {
        return rebuild(value, 0, { parts: 0 })
    } catch (cause) {
        if (cause instanceof KibitzError) {
            throw cause
        }
        throw new KibitzError(
            'invalid-argument',
            'A published value must be readable: looking at it threw. Nothing was published.',
            { cause }
        )
    }
}

/** Whether a value was admitted, or is one that nobody could change. */
export function isFrozenCopy(value: unknown): boolean {
    return typeof value !== 'object' || value === null || weights.of(value) !== undefined
}

/**
 * How many bytes the JSON of a value takes in UTF-8: exactly as many as a transport sends for the
 * value, before the transport's own form (base64 over HTTP: four bytes for three). Costs nothing
 * for an object or a list that `admit` returned.
 */
export function jsonSize(value: unknown): number {
    switch (typeof value) {
        case 'string':
            return textSize(value)
        case 'number':
            return numberSize(value)
        case 'object':
            return value === null ? 4 : (weights.of(value) ?? weighStranger(value))
        default:
            // The text `false`; `true` and, within a list, `undefined`, take the four of `null`.
            return value === false ? 5 : 4
    }
}

/** A value that never went through `admit` weighs the same as if it had, at the cost of a walk. */
function weighStranger(value: object): number {
    const weight = Array.isArray(value)
        ? value.reduce((sum: number, item: unknown) => sum + jsonSize(item) + 1, BRACKET)
        : Object.entries(value).reduce(
            (sum, [key, item]) => item === undefined ? sum : sum + itemSize(key, item), BRACKET
        )
    return Math.max(weight, EMPTY)
}
