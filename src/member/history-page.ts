import type { Monotonic } from '../base/monotonic.js'
import { handOutEntry } from '../paxos/membership/citizenship.js'
import { weighEntry } from '../paxos/log/entry.js'
import type { Entry, LogEntry } from '../paxos/messages/messages.js'
import { continues, type PackedRun, unpack } from '../paxos/messages/run-encoding.js'

/** The maximum number of entries of a page, and the size in bytes after which a page is full. */
const PAGE_LENGTH = 256
const PAGE_SIZE = 1024 * 1024

/** A growing run of successive entries of one publisher. */
interface Run extends PackedRun {
    readonly bodies: unknown[]
}

function isRun(each: LogEntry | Run): each is Run {
    return 'bodies' in each
}

/** The run that begins with an entry; `null` if the entry is a government. */
function runOf({ promise, previous, body }: LogEntry): Run | null {
    if (!('cookie' in body)) {
        return null
    }
    const { id, cookie, immigrated } = body
    return { promise, previous, id, cookie, immigrated, bodies: [body.body] }
}

/**
 * A page of the history: successive entries of the log, which are forgotten together.
 *
 * 1. A full page never changes.
 * 2. For successive entries of one publisher, a page stores the promise and the cookie once, and
 *    one value per entry. The garbage collector then visits one object per entry instead of six.
 */
export class Page {
    /** The position of the first entry. */
    readonly first: number
    /** The promise of the first entry. */
    readonly promise: Monotonic
    /** The total size of all entries before this page, in bytes. */
    readonly sizeBefore: number
    readonly #lengthMax: number
    readonly #runs: (LogEntry | Run)[] = []
    /**
     * The original entry objects, for readers near the end of the log; `null` after `close` or
     * without readers.
     */
    #entries: LogEntry[] | null
    #last: LogEntry | null = null
    #length = 0
    #size = 0
    /** At each index, the total size of the entries of this page through that entry. */
    readonly #sizes: Float64Array

    /**
     * @param lengthMax The maximum number of entries; values above 256 count as 256.
     * @param isRead Whether the history has readers.
     */
    constructor(
        first: number,
        promise: Monotonic,
        sizeBefore: number,
        lengthMax: number,
        isRead: boolean
    ) {
        this.first = first
        this.promise = promise
        this.sizeBefore = sizeBefore
        this.#lengthMax = Math.max(1, Math.min(PAGE_LENGTH, lengthMax))
        this.#sizes = new Float64Array(this.#lengthMax)
        this.#entries = isRead ? [] : null
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
     * Adds the next entry. The page must not be full.
     *
     * @returns The size of the entry on the wire, in bytes.
     */
    push(entry: LogEntry): number {
        // A log entry is an engine entry with a `method`.
        const [last, next] = [this.#last as Entry | null, entry as Entry]
        if (last !== null && continues(last, next) && 'cookie' in next.body) {
            this.#run()?.bodies.push(next.body.body)
        } else {
            this.#runs.push(entry)
        }
        this.#last = entry
        this.#entries?.push(entry)
        const size = weighEntry(next)
        this.#size += size
        this.#sizes[this.#length++] = this.#size
        return size
    }

    /** The run of the last entry. */
    #run(): Run | null {
        const last = this.#runs.length - 1
        const each = this.#runs[last]
        if (each === undefined || isRun(each)) {
            return each ?? null
        }
        const run = runOf(each)
        if (run !== null) {
            this.#runs[last] = run
        }
        return run
    }

    /**
     * All entries, frozen. If the page is not full, later entries may be missing from an older
     * list.
     */
    entries(): readonly LogEntry[] {
        return this.#entries ?? this.#runs.flatMap((each) => {
            return isRun(each) ? unpack(each).map(handOutEntry) : [each]
        })
    }

    /** The total size of all entries of the history before the entry with this index, in bytes. */
    sizeUpTo(index: number): number {
        return this.sizeBefore + (index === 0 ? 0 : (this.#sizes[index - 1] ?? this.#size))
    }

    /**
     * Drops the original entry objects: readers near the end of the log no longer need this page.
     */
    dropEntryObjects(): void {
        this.#entries = null
        this.#last = null
    }
}
