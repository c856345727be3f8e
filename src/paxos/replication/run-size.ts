import type { RunLimit } from '../log/entry-store.js'

/**
 * How many entries a run to one peer carries at most; `null`: as many as the options say.
 *
 * 1. A failed call of several entries limits the next run to half of them, down to one entry. The
 *    failure of a call without entries, or of one entry, says nothing of the size.
 * 2. Each run that arrives raises the limit by a quarter, as with the batches of a publisher.
 * 3. The bytes of a run are limited in the same proportion.
 */
export type RunSize = number | null

/** The limit after a call of so many entries has failed. */
export function shrink(size: RunSize, entries: number): RunSize {
    return entries < 2 ? size : Math.min(size ?? entries, entries >> 1)
}

/**
 * The limit after a run has arrived.
 *
 * @param most How many entries the options allow.
 */
export function grow(size: RunSize, most: number): RunSize {
    const next = size === null ? most : size + Math.ceil(size / 4)
    return next >= most ? null : next
}

/** The bounds of a run to a peer of this limit. */
export function bound(run: RunLimit, size: RunSize): RunLimit {
    const { entries, weight } = run
    if (size === null || size >= entries) {
        return run
    }
    return { entries: size, weight: weight / entries * size }
}
