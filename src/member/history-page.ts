import type { Monotonic } from '../base/monotonic.js'
import { handOutEntry } from '../paxos/membership/citizenship.js'
import { approximateSize, copyAndFreeze } from '../base/json-value.js'
import type { Entry, LogEntry } from '../paxos/messages/messages.js'
import { continues, type PackedRun, unpack } from '../paxos/messages/run-encoding.js'

/** The maximum number of entries of a page, and the size in bytes after which a page is full. */
const PAGE_LENGTH = 256
const PAGE_SIZE = 1024 * 1024

/** About the bytes of an entry on the wire without its value. */
const ENTRY_SIZE = 96

/** A run of successive entries of one publisher, without the values. */
type Run = Omit<PackedRun, 'bodies'>

function isRun(each: LogEntry | Run): each is Run {
    return !('body' in each)
}

/** The run that begins with an entry; the entry itself if the entry is a government. */
function runOf(entry: LogEntry): LogEntry | Run {
    const { promise, previous, body } = entry
    if (!('cookie' in body)) {
        return entry
    }
    const { id, cookie, immigrated } = body
    return { promise, previous, id, cookie, immigrated }
}

/**
 * A page of the history: successive entries of the log, which are forgotten together.
 *
 * 1. A full page never changes.
 * 2. A growing page holds its entries as objects. After `pack`, the page holds all values as one
 *    JSON text, and the promise and the cookie once for successive entries of one publisher. The
 *    garbage collector then neither visits nor copies the entries. A reader of a packed page gets
 *    new, equal objects.
 */
export class Page {
    /** The position of the first entry. */
    readonly first: number
    /** The promise of the first entry. */
    readonly promise: Monotonic
    /** The total size of all entries before this page, in bytes. */
    readonly sizeBefore: number
    readonly #lengthMax: number
    /** The entries in order; `null` after `pack`. */
    #entries: LogEntry[] | null = []
    /** After `pack`: the runs and the governments in order, and the values of all runs. */
    #runs: readonly (readonly [each: LogEntry | Run, count: number])[] = []
    #values = '[]'
    #length = 0
    #size = 0
    /** At each index, the total size of the entries of this page through that entry. */
    readonly #sizes: Float64Array

    /** @param lengthMax The maximum number of entries; values above 256 count as 256. */
    constructor(first: number, promise: Monotonic, sizeBefore: number, lengthMax: number) {
        this.first = first
        this.promise = promise
        this.sizeBefore = sizeBefore
        this.#lengthMax = Math.max(1, Math.min(PAGE_LENGTH, lengthMax))
        this.#sizes = new Float64Array(this.#lengthMax)
    }

    /** The number of entries. */
    get length(): number {
        return this.#length
    }

    /** Whether the next entry needs another page. */
    get isFull(): boolean {
        return this.#length >= this.#lengthMax || this.#size >= PAGE_SIZE
    }

    /**
     * Adds the next entry. The page must be neither full nor packed.
     *
     * @returns About the size of the entry on the wire, in bytes.
     */
    push(entry: LogEntry): number {
        const { body } = entry
        const size = ENTRY_SIZE + approximateSize('cookie' in body ? body.body : body)
        this.#entries?.push(entry)
        this.#size += size
        this.#sizes[this.#length++] = this.#size
        return size
    }

    /**
     * All entries, frozen. If the page is not full, later entries may be missing from an older
     * list.
     */
    entries(): readonly LogEntry[] {
        if (this.#entries !== null) {
            return this.#entries
        }
        // The text was written from values that `copyAndFreeze` had admitted.
        const values = JSON.parse(this.#values) as readonly unknown[]
        let taken = 0
        return this.#runs.flatMap(([each, count]) => {
            if (!isRun(each)) {
                return [each]
            }
            const bodies = values.slice(taken, taken + count).map(copyAndFreeze)
            taken += count
            return unpack({ ...each, bodies }).map(handOutEntry)
        })
    }

    /** The total size of all entries of the history before the entry with this index, in bytes. */
    sizeUpTo(index: number): number {
        return this.sizeBefore + (index === 0 ? 0 : (this.#sizes[index - 1] ?? this.#size))
    }

    /** Packs the entries of a full page. A reader within the page keeps the list of the entries. */
    pack(): void {
        const entries = this.#entries
        if (entries === null) {
            return
        }
        const runs: [LogEntry | Run, number][] = []
        const values: unknown[] = []
        let last: LogEntry | null = null
        for (const entry of entries) {
            const run = runs[runs.length - 1]
            // A log entry is an engine entry with a `method`.
            if (last !== null && run !== undefined && continues(last as Entry, entry as Entry)) {
                run[1]++
            } else {
                runs.push([runOf(entry), 1])
            }
            if ('cookie' in entry.body) {
                values.push(entry.body.body)
            }
            last = entry
        }
        this.#runs = runs
        this.#values = JSON.stringify(values)
        this.#entries = null
    }
}
