import { jsonSize } from '../../base/json-value.js'
import { Monotonic } from '../../base/monotonic.js'
import type { Entry } from '../messages/messages.js'

/** About how many bytes an entry takes on a wire. */
export function weighEntry(entry: Entry): number {
    const body = entry.body
    return 96 + ('cookie' in body ? jsonSize(body.body) : jsonSize(body))
}

/** Whether two entries are one, whatever their numbers say. */
export function isSame(left: Entry, right: Entry): boolean {
    // The text decides: two candidates may have offered different entries under one number.
    return (
        left === right ||
        (left.promise === right.promise && JSON.stringify(left) === JSON.stringify(right))
    )
}

/** Whether a promise lies at or before another. */
export function isAtMost(promise: Monotonic, limit: Monotonic): boolean {
    return Monotonic.compare(promise, limit) <= 0
}
