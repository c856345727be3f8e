import { Page } from './history-page.js'
import { Monotonic } from '../base/monotonic.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { type Bound, isBeyond, LogReader, type ReaderTerms } from './log-reader.js'

/** The most bytes of committed entries that a member keeps on account of the option `history`. */
export const HISTORY_SIZE: number = 64 * 1024 * 1024

/** This many of the newest pages are kept as they came, for readers that keep up. */
const WHOLE_PAGES = 4

const UNBOUNDED: Bound = { entries: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY }

/** Keeps the entries from a position on. */
interface Hold {
    readonly position: number
}

/** Releases a hold. */
export type Release = () => void

/** How much a member keeps. */
export interface HistoryLimits {
    /** The option `history`: this many of the newest entries are kept for readers to come. */
    readonly entries: number
    /**
     * How much is kept for an application that has not applied it. Read each time, since it grows
     * with the number of citizens.
     */
    readonly application: () => Bound
}

/**
 * The delivered log of one member, and the one rule for forgetting.
 *
 * **The rule.** A member forgets an entry only after none of the following needs the entry.
 * Each need has a bound, and each bound has a consequence for the party that reaches it:
 *
 * 1. *The engine's peers.* The engine keeps an entry until every citizen holds the entry, within
 *    `history` entries and 64 MiB (`paxos/log.ts`). A peer that is further behind is exiled in the
 *    end, joins anew, and takes over a state.
 * 2. *Readers to come*: `entries({ from })`. The newest `history` entries of at most 64 MiB are
 *    kept. A reader that begins before them gets `trimmed` at once.
 * 3. *Readers under way.* Entries that a reader has not taken are kept, within the reader's
 *    `backlog` and `backlogSize`. Beyond them the iteration ends with `trimmed`.
 * 4. *The application.* Entries that the application has not applied are kept, within `publishes`
 *    and `publishesSize` for each citizen and once more. A publisher publishes nothing while that
 *    much waits at its own member for a reader or for the application (`overloaded`). So no
 *    application reaches the bound where all are equally slow; an application that does is slower
 *    than another one, and a Colleague takes the state over from that member and goes on. What a
 *    journal brings back at a start is not counted: the journal has bounded it.
 * 5. *Snapshots.* While a snapshot as of an entry is made and written, that entry and all behind it
 *    are kept: the application's need covers the making, and a hold covers the writing. The
 *    snapshot holds the entries that the engine has forgotten.
 *
 * Entries are addressed by a position that counts up from the beginning of this member.
 */
export class History {
    readonly #limits: HistoryLimits
    readonly #pageLength: number
    /** The oldest is first. There is a page as soon as there was an entry. */
    readonly #pages: Page[] = []
    readonly #readers = new Set<LogReader>()
    readonly #holds = new Set<Hold>()
    /** The position behind the newest entry. */
    #end = 0
    /** The position behind the newest entry that readers may take. */
    #visible = 0
    /** The bytes of all entries that were ever appended. */
    #size = 0
    #isOver = false
    #isOpen: boolean

    /** @param isOpen Whether there is nothing to recover from a journal first. */
    constructor(limits: HistoryLimits, isOpen: boolean) {
        this.#limits = limits
        this.#isOpen = isOpen
        this.#pageLength = Math.floor(limits.entries / 8)
    }

    /** The position of the oldest entry. */
    get first(): number {
        return this.#pages[0]?.first ?? this.#end
    }

    /** The promise of the oldest entry; `null` where there is none. */
    get oldest(): Monotonic | null {
        return this.#pages[0]?.promise ?? null
    }

    /** The position behind the newest entry that readers may take. */
    get visible(): number {
        return this.#visible
    }

    /** The bytes of all entries that were ever appended. */
    get size(): number {
        return this.#size
    }

    /** Whether no entry will come any more. */
    get isOver(): boolean {
        return this.#isOver
    }

    /** Adds a committed entry. Readers may take the entry when it is revealed. */
    append(entry: LogEntry): void {
        let page = this.#pages[this.#pages.length - 1]
        if (page === undefined || page.isFull) {
            const isRead = this.#readers.size !== 0
            page = new Page(this.#end, entry.promise, this.#size, this.#pageLength, isRead)
            this.#pages.push(page)
            this.#pages[this.#pages.length - 1 - WHOLE_PAGES]?.close()
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
     * Begins with those entries that were delivered before this member's process began, through a
     * promise. Readers that are there already begin behind these entries.
     *
     * @returns The entries that follow.
     */
    begin(entries: readonly LogEntry[], through: Monotonic): LogEntry[] {
        const next = entries.findIndex(({ promise }) => Monotonic.compare(promise, through) > 0)
        const known = next === -1 ? entries.length : next
        for (const entry of entries.slice(0, known)) {
            this.append(entry)
        }
        this.#visible = this.#end
        for (const reader of this.#readers) {
            reader.skip(this.#end)
        }
        return entries.slice(known)
    }

    /** Ends the recovery: from here on entries count against the bound of the application. */
    open(): void {
        this.#isOpen = true
        for (const reader of this.#readers) {
            reader.count(this.#visible)
        }
    }

    /**
     * A reader from a promise on; from the oldest entry where the promise is `null`.
     *
     * @returns The reader, or `null` where the promise is not held.
     */
    reader(from: Monotonic | null, options: ReaderTerms): LogReader | null {
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

    /** Keeps the entries from a promise on; `null` where the promise is not held. */
    hold(promise: Monotonic): Release | null {
        const position = this.positionOf(promise)
        if (position === -1) {
            return null
        }
        const hold = { position }
        this.#holds.add(hold)
        return () => this.#holds.delete(hold)
    }

    /** The position of a promise; -1 where the promise is not held. */
    positionOf(promise: Monotonic): number {
        const page = this.#pages[this.#search((each) => {
            return Monotonic.compare(each.promise, promise) <= 0
        })]
        if (page === undefined) {
            return -1
        }
        const index = page.entries().findIndex((entry) => entry.promise === promise)
        return index === -1 ? -1 : page.first + index
    }

    /** The page that holds a position that is held. */
    pageAt(position: number): Page {
        const page = this.#pages[this.#search(({ first }) => first <= position)]
        if (page === undefined) {
            throw new RangeError(`position ${position} is not held`)
        }
        return page
    }

    /** The index of the last page for which something is so that is so for all before; or -1. */
    #search(isSo: (page: Page) => boolean): number {
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
     * The entries from one position up to another, without that one. The iteration may take its
     * time: what was held at the call is yielded.
     */
    slice(from: number, to: number): Iterable<LogEntry> {
        const pages = this.#pages.filter(({ first, length }) => first < to && first + length > from)
        return entriesOf(pages, from, to)
    }

    /** The most that waits for any reader, the application included. */
    backlog(): Bound {
        const all = [...this.#readers].map((reader) => reader.backlog())
        return {
            entries: Math.max(0, ...all.map(({ entries }) => entries)),
            size: Math.max(0, ...all.map(({ size }) => size))
        }
    }

    /**
     * Whether publishes must wait, since so much waits for a reader. A reader that has not taken an
     * entry for 30 seconds does not count, unless it is the application.
     */
    isBeyond(bound: Bound, now: number): boolean {
        for (const reader of this.#readers) {
            if (isBeyond(reader.backlog(), bound) && !reader.isStalled(now)) {
                return true
            }
        }
        return false
    }

    /** Ends every reader once it has taken what is revealed. */
    end(): void {
        this.#isOver = true
        for (const reader of [...this.#readers]) {
            reader.onArrival()
        }
    }

    /** Forgets the oldest entries that nothing needs, by the rule. */
    forget(): void {
        for (;;) {
            const [oldest, next] = this.#pages
            if (oldest === undefined || next === undefined || !this.#isForgettable(next)) {
                return
            }
            this.#pages.shift()
        }
    }

    /** Whether nothing needs what lies before a page. */
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
        return [...this.#readers].every((reader) => reader.releases(first))
    }
}

function* entriesOf(
    pages: readonly Page[],
    from: number,
    to: number
): Generator<LogEntry, void, void> {
    for (const page of pages) {
        yield* page.entries().slice(Math.max(0, from - page.first), to - page.first)
    }
}

