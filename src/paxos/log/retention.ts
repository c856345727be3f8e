import type { EntryStore, RunLimit } from './entry-store.js'

/** How much of a log a member keeps. */
export interface Retention {
    /** The maximum number of committed entries, and the maximum size of all held entries. */
    readonly limit: RunLimit
    /** What stays after the log has exceeded the limit. */
    readonly kept: RunLimit
    /** The limit of a leader's suffix. Entries that may be under way stay in any case. */
    readonly underWay: RunLimit
}

/**
 * The position of the first entry that a log must keep. While the log is within the limit, the
 * position is the first one. Members that lack earlier entries do not count.
 */
export function firstToKeep(
    entries: EntryStore,
    committed: number,
    { limit, kept, underWay }: Retention
): number {
    const { first } = entries
    if (committed - first <= limit.entries && entries.isWithin(limit.weight)) {
        return first
    }
    let position = Math.max(first, committed - kept.entries)
    let weight = entries.weigh(position, entries.head + 1)
    while (weight > kept.weight && position < committed) {
        weight -= entries.weigh(position, position + 1)
        position++
    }
    return Math.min(position, lowestMark(entries, committed, underWay))
}

/**
 * If a voter's log contains all entries up to `committed`: the lowest possible commit mark of the
 * voter. A leader stops writing when the leader's suffix has reached `underWay`, so a suffix
 * without its last entry stays below the limit.
 */
function lowestMark(store: EntryStore, committed: number, { entries, weight }: RunLimit): number {
    const least = Math.max(store.first, committed - entries)
    let position = committed
    let behind = 0
    while (position > least && behind < weight) {
        behind += position === committed ? 0 : store.weigh(position, position + 1)
        position--
    }
    return position
}
