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

/** A distribution that takes further values. */
export interface GrowingDistribution extends Distribution {
    count: number
    sum: number
    readonly buckets: number[]
}

/** A distribution with the same values, to which more can be added. */
export function growing({ count, sum, buckets }: Distribution): GrowingDistribution {
    return { count, sum, buckets: buckets.slice() }
}

/** Adds a value to a distribution. */
export function addValue(
    distribution: GrowingDistribution, bounds: readonly number[], value: number
): void {
    let index = 0
    while (index < bounds.length && value > (bounds[index] ?? 0)) {
        index++
    }
    distribution.count++
    distribution.sum += value
    distribution.buckets[index] = (distribution.buckets[index] ?? 0) + 1
}
