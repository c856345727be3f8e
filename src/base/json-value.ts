import { KibitzError } from './errors.js'
import { numberSize, textSize, UNIT_BYTES_MAX } from './json-size.js'
import { makeNumberTag } from './object-brand.js'

/**
 * The maximum nesting depth of a user's value. Recursion over a deeper value may overflow the
 * stack.
 */
export const DEPTH_MAX = 256

/**
 * The bytes of a list or an object without its items: one bracket. Each item counts a comma or the
 * other bracket.
 */
const BRACKET = 1

/** The bytes of a list or an object without items. */
const EMPTY = 2

/**
 * The JSON size of every object that `copyAndFreeze` has made. A tagged object is not copied again.
 */
const sizes = makeNumberTag()

function rejectValue(what: string): never {
    throw new KibitzError(
        'invalid-argument',
        `A published value must survive JSON: ${what}. Nothing was published; pass plain data.`
    )
}

/** The maximum number of lists and objects in one value. A part that occurs twice counts twice. */
const PARTS_MAX = 100_000

/**
 * The maximum number of items of a list. A longer list cannot be sent, and a proxy may report any
 * length.
 */
export const LIST_MAX: number = 4 * 1024 * 1024

/** Counts the lists and objects of one value during the copy. */
interface Tally {
    parts: number
}

function rebuildList(value: readonly unknown[], depth: number, tally: Tally): object {
    const { length } = value
    if (!(length <= LIST_MAX)) {
        rejectValue(`it holds a list of more than ${LIST_MAX} items`)
    }
    // A list may have its own `map` method or holes, so only its length and its items are read.
    const rebuilt = Array.from({ length }, (_, index) =>
        rebuild(value[index], depth + 1, tally)
    )
    const weight = rebuilt.reduce((sum: number, copy) => sum + jsonSize(copy) + 1, BRACKET)
    sizes.put(rebuilt, Math.max(weight, EMPTY))
    return Object.freeze(rebuilt)
}

function rebuildRecord(value: object, depth: number, tally: Tally): object {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
        rejectValue('it holds an instance of a class')
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
            // An assignment to a key such as `__proto__` would set the prototype.
            Object.defineProperty(rebuilt, key, { value: copy, enumerable: true })
        } else {
            rebuilt[key] = copy
        }
    }
    sizes.put(rebuilt, Math.max(weight, EMPTY))
    return Object.freeze(rebuilt)
}

/** The bytes of a key, a colon, a value, and a comma or the closing bracket. */
function itemSize(key: string, value: unknown): number {
    return textSize(key) + 1 + jsonSize(value) + 1
}

function rebuild(value: unknown, depth: number, tally: Tally): unknown {
    switch (typeof value) {
        case 'string':
        case 'boolean':
            return value
        case 'number':
            // JSON has no minus zero.
            return Number.isFinite(value) ? value + 0 : rejectValue('it holds an infinity or a NaN')
        case 'object':
            break
        default:
            return rejectValue(`it holds a ${typeof value}`)
    }
    if (value === null || sizes.of(value) !== undefined) {
        return value
    }
    if (depth > DEPTH_MAX) {
        rejectValue(`it nests deeper than ${DEPTH_MAX}`)
    }
    tally.parts++
    if (tally.parts > PARTS_MAX) {
        rejectValue(`it holds more than ${PARTS_MAX} lists and objects`)
    }
    return Array.isArray(value)
        ? rebuildList(value, depth, tally)
        : rebuildRecord(value, depth, tally)
}

/**
 * Copies a user's value into frozen plain objects, so that no later change by the user reaches the
 * log. If the value is an earlier result of this function, the function returns the same value.
 *
 * @throws KibitzError `invalid-argument` if JSON cannot represent the value.
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

/** Whether a value is a result of `copyAndFreeze` or a primitive: a value that cannot change. */
export function isFrozenCopy(value: unknown): boolean {
    return typeof value !== 'object' || value === null || sizes.of(value) !== undefined
}

/**
 * The bytes of a value as JSON in UTF-8: the exact number of bytes that a transport encodes for the
 * value. HTTP sends base64, four bytes for three. For an object that `copyAndFreeze` has made, the
 * size is stored and the call costs nothing.
 */
export function jsonSize(value: unknown): number {
    switch (typeof value) {
        case 'string':
            return textSize(value)
        case 'number':
            return numberSize(value)
        case 'object':
            return value === null ? 4 : (sizes.of(value) ?? sizeByWalk(value))
        default:
            // `false` has five letters. `true`, and `undefined` within a list (written as `null`),
            // have four.
            return value === false ? 5 : 4
    }
}

/**
 * About the bytes of a value as JSON: `jsonSize`, except that a text counts one byte for each
 * UTF-16 unit. The call costs almost nothing, so it suits bounds of memory.
 */
export function approximateSize(value: unknown): number {
    return typeof value === 'string' ? value.length + 2 : jsonSize(value)
}

/** Whether a value is larger than a limit, in bytes as `jsonSize` counts them. */
export function isLargerThan(value: unknown, limit: number): boolean {
    const isShort = typeof value === 'string' && value.length * UNIT_BYTES_MAX + 2 <= limit
    return !isShort && jsonSize(value) > limit
}

/** Computes the size of an object that `copyAndFreeze` has not made, by a walk over all items. */
function sizeByWalk(value: object): number {
    const weight = Array.isArray(value)
        ? value.reduce((sum: number, item: unknown) => sum + jsonSize(item) + 1, BRACKET)
        : Object.entries(value).reduce(
            (sum, [key, item]) => item === undefined ? sum : sum + itemSize(key, item), BRACKET
        )
    return Math.max(weight, EMPTY)
}
