import { jsonSize, sizeBound } from '../../base/json-value.js'
import { Monotonic } from '../../base/monotonic.js'
import type { Entry } from '../messages/messages.js'

/** Approximate size of an entry without its value, in bytes on the wire. */
export const ENTRY_SIZE = 96

/** Approximate size of an entry, in bytes on the wire. */
export function weighEntry(entry: Entry): number {
    const body = entry.body
    return ENTRY_SIZE + ('cookie' in body ? jsonSize(body.body) : jsonSize(body))
}

/** An upper bound of `weighEntry` that costs almost nothing. */
export function weightBound(entry: Entry): number {
    const body = entry.body
    return ENTRY_SIZE + ('cookie' in body ? sizeBound(body.body) : jsonSize(body))
}

/** Whether two entries have the same promise and the same content. */
export function isSame(left: Entry, right: Entry): boolean {
    // The promise alone is not enough: two candidates may offer different entries under one
    // promise.
    return (
        left === right ||
        (left.promise === right.promise && JSON.stringify(left) === JSON.stringify(right))
    )
}

/** Whether a promise is lower than a limit, or equal to the limit. */
export function isAtMost(promise: Monotonic, limit: Monotonic): boolean {
    return Monotonic.compare(promise, limit) <= 0
}
