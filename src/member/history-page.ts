import type { Monotonic } from '../base/monotonic.js'
import { handOutEntry } from '../paxos/membership/citizenship.js'
import { weighEntry } from '../paxos/log/entry.js'
import type { Entry, LogEntry, PackedRun } from '../paxos/messages/messages.js'
import { continues, unpack } from '../paxos/messages/run-encoding.js'

/** The most entries of a page, and the bytes behind which a page takes no more. */
const PAGE_LENGTH = 256
const PAGE_SIZE = 1024 * 1024

/** Successive entries of one publisher, to which more are added. */
interface Run extends PackedRun {
    readonly bodies: unknown[]
}

function isRun(each: LogEntry | Run): each is Run {
    return 'bodies' in each
}

/** The run that an entry of the log begins; `null` where the entry is a government. */
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
 * 1. A page that is full never changes.
 * 2. A page stores the numbers of successive entries of one publisher once, and of each entry the
 *    value alone: a garbage collector has one object to visit where an entry has six.
 */
export class Page {
    /** The position of the first entry. */
    readonly first: number
    /** The promise of the first entry. */
    readonly promise: Monotonic
    /** The bytes of all entries that the history took before this page. */
    readonly sizeBefore: number
    readonly #lengthMax: number
    readonly #runs: (LogEntry | Run)[] = []
    /** The entries as they came, for readers that keep up; `null` where that is of no use. */
    #entries: LogEntry[] | null
    #last: LogEntry | null = null
    #length = 0
    #size = 0
    /** For each entry, the bytes of the entries of this page through that entry. */
    readonly #sizes: Float64Array

    /**
     * @param lengthMax The page takes this many entries, but no more than 256.
     * @param isRead Whether there are readers.
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
     * Adds the next entry to a page that is not full.
     *
     * @returns The bytes that the entry takes on a wire.
     */
    push(entry: LogEntry): number {
        // An entry of the log is an entry of the engine under a method.
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

    /** The run that the last entry belongs to. */
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

    /** All entries, frozen. A page that is not full may take more than this list holds. */
    entries(): readonly LogEntry[] {
        return this.#entries ?? this.#runs.flatMap((each) => {
            return isRun(each) ? unpack(each).map(handOutEntry) : [each]
        })
    }

    /** The bytes of all entries that the history took before an entry of this page, by index. */
    sizeUpTo(index: number): number {
        return this.sizeBefore + (index === 0 ? 0 : (this.#sizes[index - 1] ?? this.#size))
    }

    /** Lets go of the entries as they came: no reader that keeps up wants this page. */
    close(): void {
        this.#entries = null
        this.#last = null
    }
}
