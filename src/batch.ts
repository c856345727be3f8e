import { weigh } from './body.js'
import type { Sought } from './dispatch.js'
import { Monotonic, Series } from './monotonic.js'
import { own } from './own.js'

/** How much one batch carries. */
const BATCH_ENTRIES = 512
const BATCH_WEIGHT = 256 * 1024

/** How many of the values that wait make one batch; at least one, if any waits. */
export function batchOf(pending: readonly unknown[]): number {
    let weight = 0
    let count = 0
    for (const body of pending) {
        weight += weigh(body)
        if (count === BATCH_ENTRIES || (count !== 0 && weight > BATCH_WEIGHT)) {
            break
        }
        count++
    }
    return count
}

/** What the receipts of a whole batch tell: the promise of one tells those of all. */
export interface Based {
    readonly cookie: string
    readonly promise: Monotonic
}

/**
 * What the receipts of a batch tell. It is numbered without gaps, so those of its first and last
 * entry tell all; `null` where they do not, and then nothing is known of any.
 *
 * @param first The first cookie of the batch, whose entry may have appeared already.
 */
export function number(
    batch: readonly Sought[],
    first: string,
    receipts: Readonly<Record<string, Monotonic>>
): Based | null {
    const promise = own(receipts, first)
    const { cookie } = batch.at(-1) ?? { cookie: first }
    const last = promise && Monotonic.add(promise, Monotonic.distance(first, cookie))
    if (promise !== undefined && own(receipts, cookie) === last) {
        return { cookie: first, promise }
    }
    for (const sought of batch) {
        sought.promise = null
    }
    return null
}

/** The promise of one of a batch. */
function promiseOf({ cookie, promise }: Based, sought: string): Monotonic {
    return Monotonic.add(promise, Monotonic.distance(cookie, sought))
}

/** Notes the promise of each of what is sought of a batch: its end, in which there are no gaps. */
export function spell(batch: readonly Sought[], base: Based | null): void {
    const [oldest] = batch
    if (base !== null && oldest !== undefined) {
        const numbers = new Series(promiseOf(base, oldest.cookie))
        for (const sought of batch) {
            sought.promise = numbers.next()
        }
    }
}

/** Notes the promise of each of what is sought, as far as a government has renumbered it. */
export function remap(
    batch: readonly Sought[],
    base: Based | null,
    map: Readonly<Record<Monotonic, Monotonic>>
): void {
    spell(batch, base)
    for (const sought of batch) {
        sought.promise = own(map, sought.promise ?? '') ?? sought.promise
    }
}

/** Whether a log, seen so far, is past a promise; then a receipt that names it came too late. */
export function isOvertaken(
    seen: Monotonic | null,
    promise: Monotonic | null | undefined
): boolean {
    return (
        promise === null ||
        promise === undefined ||
        (seen !== null && Monotonic.compare(promise, seen) <= 0)
    )
}

/** The same of any of a batch. Numbers rise, so the first of them tells, where they have any. */
export function isAnyOvertaken(
    seen: Monotonic | null,
    batch: readonly Sought[],
    base: Based | null = null
): boolean {
    const [oldest] = batch
    if (oldest === undefined) {
        return false
    }
    if (base !== null) {
        return isOvertaken(seen, promiseOf(base, oldest.cookie))
    }
    return isOvertaken(seen, oldest.promise) || batch.some(({ promise }) => promise === null)
}
