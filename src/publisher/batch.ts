import { BATCH_ENTRIES } from './batch-backoff.js'
import { jsonSize } from '../base/json-value.js'

/**
 * The maximum size of a batch of 512 entries, in bytes of JSON. A smaller entry limit lowers this
 * limit in proportion.
 */
const BATCH_WEIGHT = 256 * 1024

/**
 * The number of waiting values for the next batch: at least one if any value waits, even if the
 * first value alone is larger than the size limit.
 *
 * @param limit The maximum number of entries of the batch. @default 512
 */
export function batchLength(pending: readonly unknown[], limit: number = BATCH_ENTRIES): number {
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
