import { BATCH_ENTRIES } from './batch-backoff.js'
import { jsonSize } from '../base/json-value.js'

/** How many bytes one batch of 512 entries carries at most; a smaller limit, so much less. */
const BATCH_WEIGHT = 256 * 1024

/**
 * How many of the values that wait make one batch; at least one, if any waits.
 *
 * @param limit How many entries the batch carries at most. @default 512
 */
export function batchOf(pending: readonly unknown[], limit: number = BATCH_ENTRIES): number {
    const weightMax = BATCH_WEIGHT / BATCH_ENTRIES * limit
    let weight = 0
    let count = 0
    for (const body of pending) {
        weight += jsonSize(body)
        if (count === limit || (count !== 0 && weight > weightMax)) {
            break
        }
        count++
    }
    return count
}
