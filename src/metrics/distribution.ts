/** The distribution of a measured value: a histogram. Plain data. */
export interface Distribution {
    /** The number of values. */
    readonly count: number
    readonly sum: number
    /** The number of values at or below each bound, and above the one before; then the rest. */
    readonly buckets: readonly number[]
}

/** The upper bounds of the buckets for numbers of entries: 1, 2, 4 … 4096. */
export const ENTRY_BOUNDS: readonly number[] =
    Object.freeze(Array.from({ length: 13 }, (_, power) => 2 ** power))

/** The upper bounds of the buckets for durations, in milliseconds: 1, 2, 4 … 65,536. */
export const DURATION_BOUNDS_MS: readonly number[] =
    Object.freeze(Array.from({ length: 17 }, (_, power) => 2 ** power))

/** A distribution without values. */
export function emptyDistribution(bounds: readonly number[]): Distribution {
    return { count: 0, sum: 0, buckets: Array.from({ length: bounds.length + 1 }, () => 0) }
}

/** The distribution with one more value. */
export function addValue(
    { count, sum, buckets }: Distribution, bounds: readonly number[], value: number
): Distribution {
    let index = 0
    while (index < bounds.length && value > (bounds[index] ?? 0)) {
        index++
    }
    const more = buckets.slice()
    more[index] = (more[index] ?? 0) + 1
    return { count: count + 1, sum: sum + value, buckets: more }
}
