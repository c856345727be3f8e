import { KibitzError } from './errors.js'
import { numberSize, textSize, UNIT_BYTES_MAX } from './json-size.js'
import { makeNumberTag } from './object-brand.js'
import { cycleIn, pathText } from './value-path.js'

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

/** The state of one copy. */
interface Tally {
    readonly root: unknown
    /** Whether a part with a `toJSON` method is asked for its own form. */
    readonly isAsked: boolean
    /** The number of lists and objects so far. */
    parts: number
    /** The key of the present part at each depth: `path[0]` is a key of the root. */
    readonly path: (string | number)[]
}

/** Refuses the part at a depth, with the path of the part. */
function rejectPart(what: string, depth: number, { path }: Tally): never {
    rejectValue(`${pathText(path.slice(0, depth))} holds ${what}`)
}

function rejectDeep(depth: number, { root, path }: Tally): never {
    const cycle = cycleIn(root, path.slice(0, depth))
    rejectValue(cycle === null
        ? `it nests deeper than ${DEPTH_MAX}`
        : `${pathText(cycle.at)} refers back to ${cycle.of.length === 0 ? 'the value' :
            pathText(cycle.of)}, a cycle, which nests deeper than ${DEPTH_MAX}`)
}

function rebuildList(value: readonly unknown[], depth: number, tally: Tally): object {
    const { length } = value
    if (!(length <= LIST_MAX)) {
        rejectPart(`a list of more than ${LIST_MAX} items`, depth, tally)
    }
    // A list may have its own `map` method or holes, so only its length and its items are read.
    const rebuilt = Array.from({ length }, (_, index) => {
        tally.path[depth] = index
        return rebuild(value[index], depth + 1, tally)
    })
    const weight = rebuilt.reduce((sum: number, copy) => sum + jsonSize(copy) + 1, BRACKET)
    sizes.put(rebuilt, Math.max(weight, EMPTY))
    return Object.freeze(rebuilt)
}

function rebuildRecord(value: object, depth: number, tally: Tally): object {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
        rejectPart(`${nameOfClass(prototype)}, an instance of a class`, depth, tally)
    }
    let weight = BRACKET
    const rebuilt: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
        const item = (value as Record<string, unknown>)[key]
        if (item === undefined) {
            continue
        }
        tally.path[depth] = key
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

/** The name of a class for an error text: `a Map`. */
function nameOfClass(prototype: object): string {
    const maker = prototype.constructor
    const name = typeof maker === 'function' ? String(maker.name).slice(0, 64) : ''
    return name === '' ? 'an object' : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

/** A longer text is not copied: no longer text is much larger, and the sum could be too long. */
const DETACHED_MAX = 64 * 1024 * 1024

/**
 * Returns an equal text with its own memory. The runtime represents a part of a text by a reference
 * to the whole text, so a kept part of a large text would keep all of the large text. The sum has
 * its own memory, and its part refers to the sum.
 */
function detach(text: string): string {
    return text.length > DETACHED_MAX ? text : ` ${text}`.slice(1)
}

function rebuildScalar(value: unknown, depth: number, tally: Tally): unknown {
    switch (typeof value) {
        case 'string':
            return tally.isAsked ? detach(value) : value
        case 'boolean':
            return value
        case 'number':
            // JSON has no minus zero.
            return Number.isFinite(value) ? value + 0 : rejectPart(String(value), depth, tally)
        case 'undefined':
            return rejectPart('undefined', depth, tally)
        default:
            return rejectPart(`a ${typeof value}`, depth, tally)
    }
}

function rebuild(value: unknown, depth: number, tally: Tally): unknown {
    if (typeof value !== 'object') {
        return rebuildScalar(value, depth, tally)
    }
    if (value === null || sizes.of(value) !== undefined) {
        return value
    }
    if (depth > DEPTH_MAX) {
        rejectDeep(depth, tally)
    }
    // Like `JSON.stringify`, asks each part once for its own form.
    const toJSON = tally.isAsked ? (value as { readonly toJSON?: unknown }).toJSON : undefined
    return typeof toJSON === 'function'
        ? rebuildForm(value, Reflect.apply(toJSON, value, [keyAt(depth, tally)]), depth, tally)
        : rebuildObject(value, depth, tally)
}

/** The argument of `toJSON`, as `JSON.stringify` gives it: the key of the part, as a text. */
function keyAt(depth: number, { path }: Tally): string {
    return String(path[depth - 1] ?? '')
}

/** Rebuilds the form that `toJSON` has returned for a part. */
function rebuildForm(part: object, form: unknown, depth: number, tally: Tally): unknown {
    if (form === null && Number.isNaN(part.valueOf())) {
        // JSON would write `null` in silence.
        rejectPart('an invalid date', depth, tally)
    }
    const isObject = typeof form === 'object' && form !== null
    if (!isObject) {
        return form === null ? null : rebuildScalar(form, depth, tally)
    }
    return sizes.of(form) === undefined ? rebuildObject(form, depth, tally) : form
}

function rebuildObject(value: object, depth: number, tally: Tally): unknown {
    tally.parts++
    if (tally.parts > PARTS_MAX) {
        rejectValue(`it holds more than ${PARTS_MAX} lists and objects`)
    }
    return Array.isArray(value)
        ? rebuildList(value, depth, tally)
        : rebuildRecord(value, depth, tally)
}

/**
 * Copies plain data into frozen plain objects, so that no later change of the data reaches the log.
 * If the value is an earlier result of this function, the function returns the same value. Like
 * JSON, leaves out a field whose value is `undefined`. Calls no function of the value, so the value
 * may come from an outsider.
 *
 * @throws KibitzError `invalid-argument` if the value is no plain data that JSON can represent.
 */
export function copyAndFreeze(value: unknown): unknown {
    return copy(value, false)
}

/**
 * Copies a user's value like `copyAndFreeze`, texts included. Like JSON, takes the result of
 * `toJSON` in the place of a part that has this method: a date becomes its ISO text. Unlike JSON,
 * refuses what JSON would change in silence: `undefined` in a list, a function, NaN, an invalid
 * date, a Map.
 *
 * @throws KibitzError `invalid-argument` if JSON cannot represent the value.
 */
export function copyAsJson(value: unknown): unknown {
    return copy(value, true)
}

function copy(value: unknown, isAsked: boolean): unknown {
    if (typeof value === 'string') {
        return isAsked ? detach(value) : value
    }
    try {
        return rebuild(value, 0, { root: value, isAsked, parts: 0, path: [] })
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

/**
 * An upper bound of `jsonSize`: the exact size, except that a text counts as if JSON escaped every
 * UTF-16 unit. The call costs almost nothing.
 */
export function sizeBound(value: unknown): number {
    return typeof value === 'string' ? value.length * UNIT_BYTES_MAX + 2 : jsonSize(value)
}

/** Whether a value is larger than a limit, in bytes as `jsonSize` counts them. */
export function isLargerThan(value: unknown, limit: number): boolean {
    return sizeBound(value) > limit && jsonSize(value) > limit
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
