import type { Page } from './history-page.js'
import type { LogEntry } from '../paxos/messages/messages.js'

/** A number of entries, and about how many bytes they take on a wire. */
export interface Bound {
    readonly entries: number
    readonly size: number
}

/** Whether one amount is more than another, in number or in bytes. */
export function isBeyond(amount: Bound, bound: Bound): boolean {
    return amount.entries > bound.entries || amount.size > bound.size
}

/** What may wait for a reader. */
export interface ReaderTerms {
    /** The bound of what may wait; `null` for the reader that is the member's application. */
    readonly bound: Bound | null
}

/** What a reader needs of the history. */
interface Log {
    readonly visible: number
    readonly size: number
    readonly isOver: boolean
    pageAt(position: number): Page
}

/** The application may want a snapshot as of an entry that it took this many entries ago. */
const TAKEN_KEPT = 64

/** A reader that takes nothing for so long does not hold up publishes, in milliseconds. */
const STALLED_MS = 30_000

/** Reads the history of a member, each entry once and in order. */
export class LogReader {
    /** Some entry was forgotten, or gave way to the bound, before this reader took the entry. */
    isOverrun = false
    readonly #log: Log
    readonly #bound: Bound | null
    readonly #applicationBound: () => Bound
    readonly #leave: () => void
    /** The position of the next entry. */
    #position: number
    /** From where on entries count against the bound, and the bytes that came before. */
    #since: number
    #sizeBefore: number
    /** The page of the entry that was taken last, and its entries. */
    #page: Page | null = null
    #entries: readonly LogEntry[] = []
    #isDestroyed = false
    #wake: (() => void) | null = null
    /** When the reader was seen to have taken an entry, and which entry was next. */
    #movedAt = Number.NEGATIVE_INFINITY
    #moved = -1

    /**
     * @param applicationBound The bound where this reader is the application.
     * @param leave Is called when the reader needs nothing any more.
     */
    constructor(
        log: Log,
        position: number,
        { bound }: ReaderTerms,
        applicationBound: () => Bound,
        leave: () => void
    ) {
        this.#log = log
        this.#bound = bound
        this.#applicationBound = applicationBound
        this.#leave = leave
        this.#position = position
        this.#since = log.visible
        this.#sizeBefore = log.size
    }

    /** Whether all is taken that will ever come. */
    get isOver(): boolean {
        return this.#isDestroyed || (this.#log.isOver && this.#position >= this.#log.visible)
    }

    /** The next entry; `undefined` while there is none. */
    shift(): LogEntry | undefined {
        const log = this.#log
        if (this.#isDestroyed || this.#position >= log.visible) {
            return undefined
        }
        let page = this.#page
        if (page === null || this.#position - page.first >= page.length) {
            page = log.pageAt(this.#position)
            this.#page = page
            this.#entries = page.entries()
        }
        if (this.#position - page.first >= this.#entries.length) {
            // The page has taken more since.
            this.#entries = page.entries()
        }
        const entry = this.#entries[this.#position - page.first]
        this.#position++
        return entry
    }

    /**
     * What this reader has not taken. For the application that is everything; for another reader,
     * what has come since it began.
     */
    backlog(): Bound {
        const from = this.#bound === null ? this.#position : this.#counted
        const entries = this.#log.visible - from
        return entries <= 0
            ? { entries: 0, size: 0 }
            : { entries, size: this.#log.size - this.#sizeUpTo(from) }
    }

    /** The position of the next entry that counts against the bound. */
    get #counted(): number {
        return Math.max(this.#position, this.#since)
    }

    #isBeyond(bound: Bound): boolean {
        const from = this.#counted
        const { visible, size } = this.#log
        return (
            visible - from > bound.entries ||
            (visible > from && size - this.#sizeUpTo(from) > bound.size)
        )
    }

    #sizeUpTo(position: number): number {
        if (position === this.#since) {
            return this.#sizeBefore
        }
        const page = this.#page
        const isHere = page !== null && position - page.first <= page.length
        const holder = isHere ? page : this.#log.pageAt(position)
        return holder.sizeUpTo(position - holder.first)
    }

    /**
     * Whether an amount of entries that wait for this reader should count for nothing: it has taken
     * no entry between two looks that are 30 seconds apart. The application always counts.
     */
    isStalled(now: number): boolean {
        if (this.#bound === null) {
            return false
        }
        if (this.#moved !== this.#position) {
            this.#moved = this.#position
            this.#movedAt = now
        }
        return now - this.#movedAt > STALLED_MS
    }

    /**
     * Whether the history may forget the entries before a position. An application that is beyond
     * its bound is given up for that.
     */
    releases(position: number): boolean {
        if (this.#bound !== null) {
            return this.#position >= position
        }
        if (this.#position - TAKEN_KEPT >= position) {
            return true
        }
        if (!this.#isBeyond(this.#applicationBound())) {
            return false
        }
        if (this.#position < position) {
            this.#giveUp()
        }
        return true
    }

    /** Begins at a position; what lies before does not count. */
    skip(position: number): void {
        this.#position = position
        this.count(position)
    }

    /** Lets entries count against the bound from a position on, which is that of the newest. */
    count(position: number): void {
        this.#since = position
        this.#sizeBefore = this.#log.size
    }

    /** An entry has come, or the end. */
    onArrival(): void {
        if (this.#bound !== null && this.#isBeyond(this.#bound)) {
            this.#giveUp()
        }
        this.#wake?.()
    }

    /** Calls back once when something has come; `null` for not any more. */
    wait(wake: (() => void) | null): void {
        this.#wake = wake
    }

    #giveUp(): void {
        this.isOverrun = true
        this.destroy()
        this.#wake?.()
    }

    /** Needs nothing any more. */
    destroy(): void {
        this.#isDestroyed = true
        this.#page = null
        this.#entries = []
        this.#leave()
    }
}
