import { BATCH_ENTRIES } from './batch-backoff.js'
import type { Gathered } from './coalescing.js'
import { jsonSize, sizeBound } from '../base/json-value.js'

/**
 * The maximum size of a batch of 512 entries, in bytes of JSON. A smaller entry limit lowers this
 * limit in proportion.
 */
const BATCH_WEIGHT = 256 * 1024

/** The maximum size of a batch of at most `limit` entries, in bytes of JSON. */
function weightMaxOf(limit: number): number {
    return BATCH_WEIGHT / BATCH_ENTRIES * limit
}

/** Whether gathered values fill a batch of at most `limit` entries. */
export function fillsBatch({ count, weight }: Gathered, limit: number): boolean {
    return count >= limit || weight >= weightMaxOf(limit)
}

/**
 * The number of waiting values for the next batch: at least one if any value waits, even if the
 * first value alone is larger than the size limit.
 *
 * @param limit The maximum number of entries of the batch. @default 512
 * @param from The index of the first waiting value. @default 0
 */
export function batchLength(
    pending: readonly unknown[], limit: number = BATCH_ENTRIES, from: number = 0
): number {
    const weightMax = weightMaxOf(limit)
    const most = Math.min(limit, pending.length - from)
    // Most batches fit even if every text has its largest possible size.
    let bound = 0
    for (let at = 0; at < most; at++) {
        bound += sizeBound(pending[from + at])
    }
    let weight = 0
    for (let count = 0; count < most && bound > weightMax; count++) {
        const value = pending[from + count]
        const size = jsonSize(value)
        bound -= sizeBound(value) - size
        weight += size
        if (count !== 0 && weight > weightMax) {
            return count
        }
    }
    return most
}
