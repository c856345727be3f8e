interface Due {
    readonly at: number
    readonly order: number
    readonly run: () => void
}

function isBefore(one: Due, other: Due): boolean {
    return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/**
 * The one virtual clock of a trial, in milliseconds from its beginning: a binary heap of what is
 * still to happen. What is due at one instant happens in the order in which it was put there.
 */
export class Timeline {
    /** How many events have happened. */
    events = 0
    #now = 0
    #order = 0
    readonly #heap: Due[] = []

    /** The instant of the event that happens now. */
    get now(): number {
        return this.#now
    }

    /** How many events are still to happen. */
    get size(): number {
        return this.#heap.length
    }

    /** Puts an event so many milliseconds ahead. */
    after(delayMs: number, run: () => void): void {
        this.at(this.#now + delayMs, run)
    }

    /** Puts an event at an instant; one that has passed means now. */
    at(instant: number, run: () => void): void {
        const due = { at: Math.max(instant, this.#now), order: this.#order++, run }
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
    }

    /**
     * Lets everything happen up to an instant, unless it is told to stop. Where there is no such
     * instant, time stands still at the last event.
     */
    runUntil(instant: number, isOver: () => boolean = () => false): void {
        for (let next = this.#heap[0]; next !== undefined && next.at <= instant;) {
            this.#pop()
            this.#now = next.at
            this.events++
            next.run()
            if (isOver()) {
                return
            }
            next = this.#heap[0]
        }
        if (Number.isFinite(instant)) {
            this.#now = Math.max(this.#now, instant)
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
