import { KibitzError } from './error.js'
import { makeLabel } from './stamp.js'

/** How deep a user's value may nest. Deeper ones overflow the stack of whoever walks them. */
export const DEPTH_MAX = 256

/** What an object, a list or a key costs beside its contents, in the bytes of its JSON text. */
const OVERHEAD = 3

/** Every value that `admit` has rebuilt, with its weight, so that none is rebuilt twice. */
const weights = makeLabel()

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
    const weight = rebuilt.reduce((sum: number, copy) => sum + weigh(copy) + 1, OVERHEAD)
    weights.put(rebuilt, weight)
    return Object.freeze(rebuilt)
}

function rebuildRecord(value: object, depth: number, tally: Tally): object {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
        refuse('it holds an instance of a class')
    }
    let weight = OVERHEAD
    const rebuilt: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
        const item = (value as Record<string, unknown>)[key]
        if (item === undefined) {
            continue
        }
        const copy = rebuild(item, depth + 1, tally)
        weight += key.length + OVERHEAD + weigh(copy)
        if (key in rebuilt) {
            // An assignment could set the prototype, or fail where the prototype is frozen.
            Object.defineProperty(rebuilt, key, { value: copy, enumerable: true })
        } else {
            rebuilt[key] = copy
        }
    }
    weights.put(rebuilt, weight)
    return Object.freeze(rebuilt)
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
export function admit(value: unknown): unknown {
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
export function isAdmitted(value: unknown): boolean {
    return typeof value !== 'object' || value === null || weights.of(value) !== undefined
}

/** About how many bytes the JSON of a value takes. Costs nothing for what `admit` returned. */
export function weigh(value: unknown): number {
    switch (typeof value) {
        case 'string':
            return value.length + 2
        case 'object':
            return value === null ? 4 : (weights.of(value) ?? weighStranger(value))
        default:
            return 8
    }
}

/** What never went through `admit` weighs the same as if it had, only at the cost of a walk. */
function weighStranger(value: object): number {
    const items = Array.isArray(value) ? value : Object.entries(value)
    return items.reduce((weight: number, item: unknown) => {
        if (!Array.isArray(value)) {
            const [key, content] = item as [string, unknown]
            return content === undefined ? weight : weight + key.length + OVERHEAD + weigh(content)
        }
        return weight + weigh(item) + 1
    }, OVERHEAD)
}
