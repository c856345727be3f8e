import { isFrozenCopy } from '../../base/json-value.js'
import { soundRuns } from '../../base/object-brand.js'
import { EntrySizes } from './entry-sizes.js'
import type { Entry } from '../messages/messages.js'
import { packable } from '../messages/run-encoding.js'

/**
 * The maximum size of a run: a number of entries, and an approximate number of bytes on the wire.
 */
export interface RunLimit {
    readonly entries: number
    readonly weight: number
}

interface Copied {
    readonly after: number
    readonly last: number
    readonly limit: RunLimit
    readonly entries: readonly Entry[]
}

/**
 * The held entries of a log, by position, and their sizes. A position counts entries from the start
 * of the log. The entries after the last committed entry are the suffix.
 */
export class EntryStore {
    /** The position of `#entries[0]`. */
    #first: number
    readonly #entries: Entry[] = []
    readonly #sizes: EntrySizes = new EntrySizes(this.#entries)
    /** The last result of `run`. A leader often sends the same run to several peers. */
    #copied: Copied | null = null

    /** Makes a store with one committed entry, at the given position. */
    constructor(first: number, entry: Entry) {
        this.#first = first
        this.push(entry)
        this.#sizes.beginSuffix(1)
    }

    /** The position of the first entry. */
    get first(): number {
        return this.#first
    }

    /** The position of the last entry. */
    get head(): number {
        return this.#first + this.#entries.length - 1
    }

    /** Whether all entries together are at most as large as a limit, in bytes on the wire. */
    isWithin(limit: number): boolean {
        return this.#sizes.isWithin(limit)
    }

    /** Whether the suffix is smaller than a limit, in bytes on the wire. */
    isSuffixBelow(limit: number): boolean {
        return this.#sizes.isSuffixBelow(limit)
    }

    /** The entry at a position; `undefined` if the store does not contain the position. */
    find(position: number): Entry | undefined {
        return this.#entries[position - this.#first]
    }

    /** The entries from a position to the end. */
    from(position: number): Entry[] {
        return this.#entries.slice(position - this.#first)
    }

    /** Approximate size of the entries in [from, to), in bytes on the wire. */
    weigh(from: number, to: number): number {
        return this.#sizes.weigh(Math.max(0, from - this.#first), to - this.#first)
    }

    /** Appends an entry to the suffix. */
    push(entry: Entry): void {
        this.#entries.push(entry)
        this.#sizes.push(entry)
    }

    /** Moves the last committed entry to a position in the suffix. */
    commitThrough(position: number): void {
        this.#sizes.beginSuffix(position + 1 - this.#first)
    }

    /**
     * Removes the suffix.
     *
     * @param committed The position of the last committed entry.
     * @returns The removed entries.
     */
    removeSuffix(committed: number): readonly Entry[] {
        this.#copied = null
        this.#sizes.removeSuffix()
        return this.#entries.splice(committed + 1 - this.#first)
    }

    /** Removes all entries before a committed position. */
    forget(position: number): void {
        this.#entries.splice(0, position - this.#first)
        this.#sizes.forget(position - this.#first)
        this.#first = position
    }

    /**
     * The entries after the position `after`, through `last` at most. The run has at least one
     * entry, and otherwise stays within `limit`.
     */
    run(after: number, last: number, limit: RunLimit): readonly Entry[] {
        const copied = this.#copied
        if (copied?.after === after && copied.last === last && copied.limit === limit) {
            return copied.entries
        }
        const from = after + 1 - this.#first
        const most = from + Math.min(limit.entries, last - after)
        const to = this.#sizes.endOfRun(from, most, limit.weight)
        const entries = markSound(this.#entries.slice(from, to))
        this.#copied = { after, last, limit, entries }
        return entries
    }
}

function isSound({ body }: Entry): boolean {
    return 'cookie' in body && isFrozenCopy(body.body)
}

/**
 * Freezes a run of a log, and gives the run a packed form for JSON. The entries are linked without
 * a gap, and each entry was checked on arrival or written by a member of the same process. If the
 * run contains only user entries with frozen values, the function also marks the run as sound: the
 * guards of the same process do not check a sound run again.
 */
export function markSound(entries: Entry[]): readonly Entry[] {
    if (entries.every(isSound)) {
        soundRuns.mark(entries)
    }
    return packable(entries)
}
