import { type Difference, firstDifference } from './canonical.js'

/** The deepest object that is compared. */
const DEPTH_MAX = 6

/** The largest number of items of one object that are compared. */
const ITEMS_MAX = 10_000

/** A field of an object that is no data: equal everywhere. */
const NO_DATA = '(no data)'

/** The fields of an object as JSON values, without functions and cycles. */
function fieldsOf(value: unknown, depth: number, above: readonly object[]): unknown {
    if (typeof value === 'function' || typeof value === 'symbol') {
        return NO_DATA
    }
    if (typeof value !== 'object' || value === null) {
        return typeof value === 'bigint' ? `${value}n` : value
    }
    if (depth > DEPTH_MAX || above.includes(value)) {
        return NO_DATA
    }
    const within = (item: unknown): unknown => fieldsOf(item, depth + 1, [...above, value])
    if (Array.isArray(value)) {
        return value.slice(0, ITEMS_MAX).map(within)
    }
    if (value instanceof Map) {
        return Object.fromEntries([...value].slice(0, ITEMS_MAX)
            .map(([key, item]) => [String(key), within(item)]))
    }
    if (value instanceof Set) {
        return [...value].slice(0, ITEMS_MAX).map((item) => JSON.stringify(within(item))).sort()
    }
    if (value instanceof Date) {
        return value.getTime()
    }
    if (ArrayBuffer.isView(value)) {
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    }
    return Object.fromEntries(Object.entries(value).slice(0, ITEMS_MAX)
        .map(([name, item]) => [name, within(item)]))
}

/**
 * A copy of the fields of an application, for `differentField`. Fields with a `#` are invisible.
 */
export function copyFields(application: object): unknown {
    return fieldsOf(application, 0, [])
}

/** The first field that differs between two copies; `null` if no visible field differs. */
export function differentField(one: unknown, other: unknown): Difference | null {
    return firstDifference(one, other)
}
