import type { Page } from './history-page.js'
import type { LogEntry } from '../paxos/messages/messages.js'

/** A number of entries, and about the number of bytes of these entries on the wire. */
export interface Bound {
    readonly entries: number
    readonly size: number
}

/** Whether an amount exceeds a bound, in number or in bytes. */
export function isBeyond(amount: Bound, bound: Bound): boolean {
    return amount.entries > bound.entries || amount.size > bound.size
}

/** The terms of a reader. */
export interface ReaderLimit {
    /** The bound of the entries that wait for the reader; `null` for the member's application. */
    readonly bound: Bound | null
}

/** The parts of the history that a reader needs. */
interface Log {
    readonly visible: number
    readonly size: number
    readonly isOver: boolean
    pageAt(position: number): Page
}

/**
 * The number of taken entries that stay for the application, which may still ask for a snapshot as
 * of one of these entries.
 */
const TAKEN_KEPT = 64

/**
 * After this time without taking an entry, a reader no longer delays publishes, in milliseconds.
 */
const STALLED_MS = 30_000

/** Reads the history of a member, each entry once and in order. */
export class LogReader {
    /**
     * Whether the history has forgotten an entry, or the bound was exceeded, before this reader
     * took the entry.
     */
    isOverrun = false
    readonly #log: Log
    readonly #bound: Bound | null
    readonly #applicationBound: () => Bound
    readonly #onDone: () => void
    /** The position of the next entry. */
    #position: number
    /**
     * The position from which entries count against the bound, and the total size before that
     * position.
     */
    #since: number
    #sizeBefore: number
    /** The page of the entry that was taken last, and the entries of that page. */
    #page: Page | null = null
    #entries: readonly LogEntry[] = []
    #isDestroyed = false
    #wake: (() => void) | null = null
    /** The time of the last check that found a new position, and that position. */
    #movedAt = Number.NEGATIVE_INFINITY
    #positionChecked = -1

    /**
     * @param applicationBound The bound, if this reader is the application.
     * @param leave Runs when the reader needs no more entries.
     */
    constructor(
        log: Log,
        position: number,
        { bound }: ReaderLimit,
        applicationBound: () => Bound,
        leave: () => void
    ) {
        this.#log = log
        this.#bound = bound
        this.#applicationBound = applicationBound
        this.#onDone = leave
        this.#position = position
        this.#since = log.visible
        this.#sizeBefore = log.size
    }

    /** Whether this reader has taken the last entry of an ended log. */
    get isOver(): boolean {
        return this.#isDestroyed || (this.#log.isOver && this.#position >= this.#log.visible)
    }

    /** Takes the next entry; `undefined` if there is none. */
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
            // The page has grown since.
            this.#entries = page.entries()
        }
        const entry = this.#entries[this.#position - page.first]
        this.#position++
        return entry
    }

    /**
     * The entries that this reader has not taken. For the application, all of these count; for
     * another reader, only entries that have come since the reader began.
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
     * Whether the backlog of this reader should not delay publishes: the reader has taken no entry
     * between two checks that are 30 seconds apart. The application is never stalled.
     */
    isStalled(now: number): boolean {
        if (this.#bound === null) {
            return false
        }
        if (this.#positionChecked !== this.#position) {
            this.#positionChecked = this.#position
            this.#movedAt = now
        }
        return now - this.#movedAt > STALLED_MS
    }

    /**
     * Whether the history may forget the entries before a position. If the application is beyond
     * its bound, the reader gives up and the entries may go.
     */
    mayForgetBefore(position: number): boolean {
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
            this.#overrun()
        }
        return true
    }

    /** Moves to a position. Earlier entries do not count against the bound. */
    moveTo(position: number): void {
        this.#position = position
        this.countFrom(position)
    }

    /** Counts entries against the bound from a position on, which must be the newest. */
    countFrom(position: number): void {
        this.#since = position
        this.#sizeBefore = this.#log.size
    }

    /** A new entry was revealed, or the log has ended. */
    onArrival(): void {
        if (this.#bound !== null && this.#isBeyond(this.#bound)) {
            this.#overrun()
        }
        this.#wake?.()
    }

    /**
     * Sets the function that runs at the next new entry or at the end; `null` removes the function.
     */
    onNext(wake: (() => void) | null): void {
        this.#wake = wake
    }

    #overrun(): void {
        this.isOverrun = true
        this.destroy()
        this.#wake?.()
    }

    /** Ends the reader, which needs no more entries. */
    destroy(): void {
        this.#isDestroyed = true
        this.#page = null
        this.#entries = []
        this.#onDone()
    }
}
