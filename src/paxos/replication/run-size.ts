import type { RunLimit } from '../log/entry-store.js'

/**
 * The limit of a run to one peer, in entries; `null` if the options alone limit the run.
 *
 * 1. A failed call with several entries limits the next run to half as many, down to one entry.
 *    The failure of a call with one entry or without entries says nothing about the size.
 * 2. Each arrived run raises the limit by a quarter, like the batches of a publisher.
 * 3. The bytes of a run are limited in the same proportion.
 */
export type RunSize = number | null

/** The limit after the failure of a call with so many entries. */
export function shrink(size: RunSize, entries: number): RunSize {
    return entries < 2 ? size : Math.min(size ?? entries, entries >> 1)
}

/**
 * The limit after the arrival of a run.
 *
 * @param most The limit by the options, in entries.
 */
export function grow(size: RunSize, most: number): RunSize {
    const next = size === null ? most : size + Math.ceil(size / 4)
    return next >= most ? null : next
}

/** The limits of a run to a peer with the given limit. */
export function bound(run: RunLimit, size: RunSize): RunLimit {
    const { entries, weight } = run
    if (size === null || size >= entries) {
        return run
    }
    return { entries: size, weight: weight / entries * size }
}
