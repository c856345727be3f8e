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

/**
 * Notes the promises of a batch. It is numbered without gaps, so the receipts of its first and
 * last entry tell all.
 *
 * @param first The first cookie of the batch, whose entry may have appeared already.
 */
export function number(
    batch: readonly Sought[],
    first: string,
    receipts: Readonly<Record<string, Monotonic>>
): void {
    const promise = own(receipts, first)
    const { cookie } = batch.at(-1) ?? { cookie: first }
    const last = promise && Monotonic.add(promise, Monotonic.distance(first, cookie))
    const isWhole = promise !== undefined && own(receipts, cookie) === last
    const begin = batch[0]?.cookie ?? first
    // What is sought of a batch is its end, and there are no gaps in that either.
    const numbers = isWhole
        ? new Series(Monotonic.add(promise, Monotonic.distance(first, begin)))
        : null
    for (const sought of batch) {
        sought.promise = numbers?.next() ?? null
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
export function isAnyOvertaken(seen: Monotonic | null, batch: readonly Sought[]): boolean {
    const [oldest] = batch
    return (
        oldest !== undefined &&
        (isOvertaken(seen, oldest.promise) || batch.some(({ promise }) => promise === null))
    )
}
