import { Monotonic } from '../base/monotonic.js'
import type { EntrySpan } from '../replay/call-join.js'

/** Whether a text has the form of a promise, for example `1/0`. */
export function isPromise(text: string): boolean {
    return /^[0-9a-f]{1,16}\/[0-9a-f]{1,16}$/.test(text)
}

/** Whether an entry is among the entries of a call. The entries of a batch have cookies instead. */
export function isWithin(promise: string, span: EntrySpan | null): boolean {
    return span !== null && isPromise(span.first) && isPromise(span.last)
        && Monotonic.compare(span.first, promise) <= 0
        && Monotonic.compare(promise, span.last) <= 0
}
