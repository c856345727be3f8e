import { entriesOf, Page } from './history-page.js'
import { MemoryBlocks } from './memory-blocks.js'
import { Monotonic } from '../base/monotonic.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { type Bound, isBeyond, LogReader, type ReaderLimit } from './log-reader.js'

/** The maximum size of the entries that the option `history` keeps, in bytes. */
export const HISTORY_SIZE: number = 64 * 1024 * 1024

const UNBOUNDED: Bound = { entries: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY }

/** Keeps the entries from a position on. */
interface Hold {
    readonly position: number
}

/** Releases a hold. */
export type Release = () => void

/** The limits of a history. */
export interface HistoryLimits {
    /** The option `history`: the number of newest entries that stay for later readers. */
    readonly entries: number
    /**
     * The bound for entries that the application has not applied. Read at each use, because the
     * bound grows with the number of citizens.
     */
    readonly application: () => Bound
}

/**
 * The delivered log of one member, and the one rule for forgetting entries.
 *
 * **The rule.** A member forgets an entry only after all of these needs have ended. Each need has a
 * bound, and a bound has a consequence for its owner:
 *
 * 1. *The engine's peers.* The engine keeps an entry until every citizen holds the entry, within
 *    `history` entries and 64 MiB (`paxos/log/log.ts`). A peer further behind is exiled in the end,
 *    joins anew, and takes over a state.
 * 2. *Later readers*: `entries({ from })`. The newest `history` entries of at most 64 MiB are
 *    kept. A reader that begins before these gets `trimmed` at once.
 * 3. *Active readers.* Entries that a reader has not taken are kept, within the reader's
 *    `backlog` and `backlogSize`. Beyond these the iteration ends with `trimmed`.
 * 4. *The application.* Entries that the application has not applied are kept. The bound is
 *    `publishes` and `publishesSize`, times the number of citizens plus one. A member rejects its
 *    own publishes (`overloaded`) while `publishes` entries wait at this member for a reader or for
 *    the application. So if all applications are equally slow, no application reaches the bound. An
 *    application slower than the others reaches the bound; its Colleague then takes over the state
 *    of another member. Entries that a journal replays at a start do not count, because the journal
 *    bounds their number.
 * 5. *Snapshots.* While a snapshot as of an entry is made and written, that entry and all later
 *    ones are kept: the application's need covers the making, and a hold covers the writing. The
 *    snapshot stores the entries that the engine has forgotten.
 *
 * A position addresses an entry. Positions count up from the start of this member.
 */
export class History {
    /** Whether the member holds an entry that it does not know to be committed. */
    mayFollow: (promise: Monotonic) => boolean = () => false
    readonly #limits: HistoryLimits
    readonly #pageLength: number
    readonly #blocks = new MemoryBlocks()
    /** Oldest page first. Empty before the first entry. */
    readonly #pages: Page[] = []
    readonly #readers = new Set<LogReader>()
    readonly #holds = new Set<Hold>()
    /** The position after the newest entry. */
    #end = 0
    /** The position after the newest entry that readers may take. */
    #visible = 0
    /** The total size of all entries ever appended, in bytes. */
    #size = 0
    #isOver = false
    #isOpen: boolean

    /** @param isOpen Whether the member has no journal to recover from. */
    constructor(limits: HistoryLimits, isOpen: boolean) {
        this.#limits = limits
        this.#isOpen = isOpen
        this.#pageLength = Math.floor(limits.entries / 8)
    }

    /** The position of the oldest entry. */
    get first(): number {
        return this.#pages[0]?.first ?? this.#end
    }

    /** The promise of the oldest entry; `null` without entries. */
    get oldest(): Monotonic | null {
        return this.#pages[0]?.promise ?? null
    }

    /** The position after the newest entry that readers may take. */
    get visible(): number {
        return this.#visible
    }

    /** The total size of all entries ever appended, in bytes. */
    get size(): number {
        return this.#size
    }

    /** Whether the log has ended. */
    get isOver(): boolean {
        return this.#isOver
    }

    /** Appends a committed entry. Readers may take the entry after `reveal`. */
    append(entry: LogEntry): void {
        let page = this.#pages[this.#pages.length - 1]
        if (page === undefined || page.isFull) {
            page = new Page(this.#end, entry.promise, this.#size, this.#pageLength)
            this.#pages[this.#pages.length - 1]?.pack(this.#blocks)
            this.#pages.push(page)
        }
        this.#size += page.push(entry)
        this.#end++
    }

    /** Lets readers take the oldest entry that is not revealed. */
    reveal(): void {
        this.#visible++
        if (this.#readers.size !== 0) {
            for (const reader of this.#readers) {
                reader.onArrival()
            }
        }
    }

    /**
     * Appends the entries up to `through`, which an earlier process of the member has delivered.
     * Readers that exist already begin after these entries.
     *
     * @returns The entries after `through`.
     */
    appendDelivered(entries: readonly LogEntry[], through: Monotonic): LogEntry[] {
        const next = entries.findIndex(({ promise }) => Monotonic.compare(promise, through) > 0)
        const known = next === -1 ? entries.length : next
        for (const entry of entries.slice(0, known)) {
            this.append(entry)
        }
        this.#visible = this.#end
        for (const reader of this.#readers) {
            reader.moveTo(this.#end)
        }
        return entries.slice(known)
    }

    /** Ends the recovery. From now on, entries count against the bound of the application. */
    countApplication(): void {
        this.#isOpen = true
        for (const reader of this.#readers) {
            reader.countFrom(this.#visible)
        }
    }

    /** A reader from a promise on (`null`: the oldest); `null` if the promise is not held. */
    reader(from: Monotonic | null, options: ReaderLimit): LogReader | null {
        const position = from === null ? this.first : this.positionOf(from)
        if (position === -1) {
            return null
        }
        const bound = (): Bound => (this.#isOpen ? this.#limits.application() : UNBOUNDED)
        const reader = new LogReader(this, position, options, bound, () => {
            this.#readers.delete(reader)
        })
        if (!this.#isOver) {
            this.#readers.add(reader)
        }
        return reader
    }

    /** Keeps the entries from a promise on; `null` if the history does not hold the promise. */
    hold(promise: Monotonic): Release | null {
        const position = this.positionOf(promise)
        if (position === -1) {
            return null
        }
        const hold = { position }
        this.#holds.add(hold)
        return () => this.#holds.delete(hold)
    }

    /** The position of a promise; -1 if the history does not hold the promise. */
    positionOf(promise: Monotonic): number {
        const page = this.#pages[this.#lastPageWhere((each) => {
            return Monotonic.compare(each.promise, promise) <= 0
        })]
        if (page === undefined) {
            return -1
        }
        const index = page.entries().findIndex((entry) => entry.promise === promise)
        return index === -1 ? -1 : page.first + index
    }

    /** The page of a position. The history must hold the position. */
    pageAt(position: number): Page {
        const page = this.#pages[this.#lastPageWhere(({ first }) => first <= position)]
        if (page === undefined) {
            throw new RangeError(`position ${position} is not held`)
        }
        return page
    }

    /**
     * The index of the last page that fulfils a condition, by binary search: all earlier pages must
     * fulfil the condition too. -1 if no page does.
     */
    #lastPageWhere(isSo: (page: Page) => boolean): number {
        let [low, high] = [-1, this.#pages.length - 1]
        while (low < high) {
            const middle = Math.ceil((low + high) / 2)
            const page = this.#pages[middle]
            if (page !== undefined && isSo(page)) {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    /**
     * The entries in [from, to). The iteration may be slow: the result includes all entries that
     * were held at the call.
     */
    slice(from: number, to: number): Iterable<LogEntry> {
        const pages = this.#pages.filter(({ first, length }) => first < to && first + length > from)
        return entriesOf(pages, from, to)
    }

    /** The largest backlog of any reader, the application included. */
    backlog(): Bound {
        const all = [...this.#readers].map((reader) => reader.backlog())
        return {
            entries: Math.max(0, ...all.map(({ entries }) => entries)),
            size: Math.max(0, ...all.map(({ size }) => size))
        }
    }

    /**
     * Whether publishes must wait because the backlog of a reader is larger than `bound`. A reader
     * that has taken no entry for 30 seconds does not count, unless the reader is the application.
     */
    isBeyond(bound: Bound, now: () => number): boolean {
        if (this.#readers.size !== 0) {
            for (const reader of this.#readers) {
                if (isBeyond(reader.backlog(), bound) && !reader.isStalled(now())) {
                    return true
                }
            }
        }
        return false
    }

    /** Ends the log. Each reader ends after the last revealed entry. */
    end(): void {
        this.#isOver = true
        for (const reader of [...this.#readers]) {
            reader.onArrival()
        }
    }

    /** Forgets the oldest pages according to the rule. */
    forgetOldest(): void {
        for (;;) {
            const next = this.#pages[1]
            if (next === undefined || !this.#isForgettable(next)) {
                return
            }
            this.#pages.shift()?.forget(this.#blocks)
        }
    }

    /** Whether the rule allows to forget all entries before a page. */
    #isForgettable({ first, sizeBefore }: Page): boolean {
        const { entries } = this.#limits
        if (this.#end - first < entries && this.#size - sizeBefore < HISTORY_SIZE) {
            return false
        }
        if (this.#visible < first) {
            return false
        }
        for (const { position } of this.#holds) {
            if (position < first) {
                return false
            }
        }
        return [...this.#readers].every((reader) => reader.mayForgetBefore(first))
    }
}
