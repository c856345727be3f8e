/** An event of a timeline. */
export interface Due {
    readonly at: number
    readonly order: number
    /** `null` after the event was cancelled. */
    run: (() => void) | null
}

function isBefore(one: Due, other: Due): boolean {
    return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/**
 * A virtual clock, in milliseconds from the start of a trial: a binary heap of future events.
 * Events of the same instant happen in the order in which the events were added.
 */
export class VirtualTimeline {
    /** The number of past events. */
    events = 0
    #now = 0
    #order = 0
    readonly #heap: Due[] = []

    /** The instant of the current event. */
    get now(): number {
        return this.#now
    }

    /** The number of future events. */
    get size(): number {
        return this.#heap.length
    }

    /** Adds an event after a delay, in milliseconds. */
    after(delayMs: number, run: () => void): Due {
        return this.at(this.#now + delayMs, run)
    }

    /** Adds an event at an instant. A past instant means now. */
    at(instant: number, run: () => void): Due {
        const due: Due = { at: Math.max(instant, this.#now), order: this.#order++, run }
        const heap = this.#heap
        let index = heap.length
        heap.push(due)
        while (index > 0) {
            const above = (index - 1) >> 1
            const parent = heap[above]
            if (parent === undefined || !isBefore(due, parent)) {
                break
            }
            heap[index] = parent
            index = above
        }
        heap[index] = due
        return due
    }

    /** Cancels an event: the event never runs, and the clock does not stop at its instant. */
    cancel(due: Due): void {
        due.run = null
    }

    /**
     * Runs all events up to an instant, or until `isOver` returns `true`. If the instant is
     * infinite, the clock stops at the last event.
     */
    runUntil(instant: number, isOver: () => boolean = () => false): void {
        while (this.#stepIfDue(instant)) {
            if (isOver()) {
                return
            }
        }
        if (Number.isFinite(instant)) {
            this.#now = Math.max(this.#now, instant)
        }
    }

    /**
     * Runs the next event if the event is due by an instant, and otherwise advances to the instant.
     * Returns whether an event has run.
     */
    step(instant: number): boolean {
        const hasRun = this.#stepIfDue(instant)
        if (!hasRun) {
            this.#now = Math.max(this.#now, instant)
        }
        return hasRun
    }

    /** Runs the next event that is due by an instant. Drops the cancelled events before it. */
    #stepIfDue(instant: number): boolean {
        for (;;) {
            const next = this.#heap[0]
            if (next === undefined || next.at > instant) {
                return false
            }
            this.#pop()
            if (next.run !== null) {
                this.#now = next.at
                this.events++
                next.run()
                return true
            }
        }
    }

    #pop(): void {
        const heap = this.#heap
        const last = heap.pop()
        if (last === undefined || heap.length === 0) {
            return
        }
        let index = 0
        for (;;) {
            let below = 2 * index + 1
            let child = heap[below]
            const sibling = heap[below + 1]
            if (child !== undefined && sibling !== undefined && isBefore(sibling, child)) {
                child = sibling
                below++
            }
            if (child === undefined || !isBefore(child, last)) {
                break
            }
            heap[index] = child
            index = below
        }
        heap[index] = last
    }
}
