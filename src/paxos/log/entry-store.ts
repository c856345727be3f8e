import { isFrozenCopy } from '../../base/json-value.js'
import { soundRuns } from '../../base/object-brand.js'
import { weighEntry } from './entry.js'
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
 * The held entries of a log, by position, and the size of each entry. A position counts entries
 * from the start of the log. The store keeps the sizes in a separate list: old entries can then be
 * dropped without a read of each entry.
 */
export class EntryStore {
    /** The position of `#entries[0]`. */
    #first: number
    readonly #entries: Entry[] = []
    readonly #weights: number[] = []
    #weight = 0
    /** The last result of `run`. A leader often sends the same run to several peers. */
    #copied: Copied | null = null

    /** Makes a store with one entry, at the given position. */
    constructor(first: number, entry: Entry) {
        this.#first = first
        this.push(entry)
    }

    /** The position of the first entry. */
    get first(): number {
        return this.#first
    }

    /** The position of the last entry. */
    get head(): number {
        return this.#first + this.#entries.length - 1
    }

    /** Approximate size of all entries, in bytes on the wire. */
    get weight(): number {
        return this.#weight
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
        let weight = 0
        for (let at = from - this.#first; at < to - this.#first; at++) {
            weight += this.#weights[at] ?? 0
        }
        return weight
    }

    /**
     * Appends an entry.
     *
     * @returns Approximate size of the entry, in bytes on the wire.
     */
    push(entry: Entry): number {
        const weight = weighEntry(entry)
        this.#entries.push(entry)
        this.#weights.push(weight)
        this.#weight += weight
        return weight
    }

    /**
     * Removes all entries after a position.
     *
     * @returns The removed entries.
     */
    removeBehind(position: number): readonly Entry[] {
        this.#copied = null
        this.#weight -= this.weigh(position + 1, this.head + 1)
        this.#weights.length = position + 1 - this.#first
        return this.#entries.splice(position + 1 - this.#first)
    }

    /** Removes all entries before a position. */
    forget(position: number): void {
        this.#weight -= this.weigh(this.#first, position)
        this.#entries.splice(0, position - this.#first)
        this.#weights.splice(0, position - this.#first)
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
        const count = Math.min(limit.entries, last - after)
        let [to, weight] = [from, 0]
        while (to < from + count) {
            weight += this.#weights[to] ?? 0
            if (to !== from && weight > limit.weight) {
                break
            }
            to++
        }
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
