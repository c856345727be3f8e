import { Monotonic } from '../base/monotonic.js'

/** The number of inputs with entries between two marks. */
const STRIDE = 16

/** An input that has added entries to the log. */
interface Mark {
    readonly number: number
    /** The first added entry. */
    readonly promise: Monotonic
}

/**
 * Finds the input that has added an entry to the log. Entries come in the order of their promises,
 * so a mark at every 16th input with entries is enough.
 */
export class EntryIndex {
    readonly #marks: Mark[] = []
    #inputs = 0
    #last: Monotonic | null = null

    /** The newest entry; `null` before the first one. */
    get last(): Monotonic | null {
        return this.#last
    }

    /** Notes the entries of an input. */
    note(number: number, entries: readonly { readonly promise: Monotonic }[]): void {
        const [first] = entries
        if (first === undefined) {
            return
        }
        if (this.#inputs % STRIDE === 0) {
            this.#marks.push({ number, promise: first.promise })
        }
        this.#inputs++
        this.#last = entries[entries.length - 1]?.promise ?? null
    }

    /**
     * The inputs among which the input of an entry is, as `from` and `to`, both included; `null` if
     * the entry is older than all noted entries. `to` is infinite after the last mark.
     */
    rangeOf(promise: Monotonic): { readonly from: number; readonly to: number } | null {
        let low = -1
        let high = this.#marks.length - 1
        while (low < high) {
            const middle = Math.ceil((low + high) / 2)
            if (Monotonic.compare(this.#marks[middle]?.promise ?? '0/0', promise) <= 0) {
                low = middle
            } else {
                high = middle - 1
            }
        }
        const mark = this.#marks[low]
        if (mark === undefined) {
            return null
        }
        return { from: mark.number, to: this.#marks[low + 1]?.number ?? Number.POSITIVE_INFINITY }
    }
}
