import { weighEntry, weightBound } from './entry.js'
import type { Entry } from '../messages/messages.js'

/**
 * The sizes of the entries of a log, in bytes on the wire. The exact size of a text needs a look at
 * every character, so a size is computed at most once, and only if a decision depends on it. Before
 * that, an upper bound stands for the size. Every result is the same as with exact sizes.
 */
export class EntrySizes {
    readonly #entries: readonly Entry[]
    /** The exact sizes; a negative number stands for an upper bound. */
    readonly #sizes: number[] = []
    /** The sum of all sizes and bounds. */
    #sum = 0
    /** All entries before this index have exact sizes. */
    #exactTo = 0
    /** The index of the first entry of the suffix. */
    #suffixFrom = 0
    /** The sum of the sizes and bounds of the suffix. */
    #suffixSum = 0
    /** All entries of the suffix before this index have exact sizes. */
    #suffixExactTo = 0

    /** @param entries The list of the entries. The owner changes this very list. */
    constructor(entries: readonly Entry[]) {
        this.#entries = entries
    }

    /** Counts an entry that follows all others. */
    push(entry: Entry): void {
        const bound = weightBound(entry)
        this.#sizes.push(-bound)
        this.#sum += bound
        this.#suffixSum += bound
    }

    /** Removes the entries of the suffix. */
    removeSuffix(): void {
        this.#sum -= this.#suffixSum
        this.#suffixSum = 0
        this.#sizes.length = this.#suffixFrom
        this.#exactTo = Math.min(this.#exactTo, this.#suffixFrom)
        this.#suffixExactTo = this.#suffixFrom
    }

    /** Removes the first entries. None of them may be in the suffix. */
    forget(count: number): void {
        for (const size of this.#sizes.splice(0, count)) {
            this.#sum -= Math.abs(size)
        }
        this.#exactTo = Math.max(0, this.#exactTo - count)
        this.#suffixFrom -= count
        this.#suffixExactTo -= count
    }

    /** Moves the begin of the suffix to a higher index. */
    beginSuffix(index: number): void {
        for (let at = this.#suffixFrom; at < index; at++) {
            this.#suffixSum -= Math.abs(this.#sizes[at] ?? 0)
        }
        this.#suffixFrom = index
        this.#suffixExactTo = Math.max(this.#suffixExactTo, index)
    }

    /** The exact size of an entry. */
    #exact(index: number): number {
        const size = this.#sizes[index] ?? 0
        const entry = this.#entries[index]
        if (size >= 0 || entry === undefined) {
            return size
        }
        const exact = weighEntry(entry)
        const excess = -size - exact
        this.#sizes[index] = exact
        this.#sum -= excess
        if (index >= this.#suffixFrom) {
            this.#suffixSum -= excess
        }
        return exact
    }

    /** The exact size of the entries in [from, to). */
    weigh(from: number, to: number): number {
        let weight = 0
        for (let at = from; at < to; at++) {
            weight += this.#exact(at)
        }
        return weight
    }

    /** Whether all entries together are at most as large as a limit. */
    isWithin(limit: number): boolean {
        while (this.#sum > limit && this.#exactTo < this.#sizes.length) {
            this.#exact(this.#exactTo++)
        }
        return this.#sum <= limit
    }

    /** Whether the suffix is smaller than a limit. */
    isSuffixBelow(limit: number): boolean {
        while (this.#suffixSum >= limit && this.#suffixExactTo < this.#sizes.length) {
            this.#exact(this.#suffixExactTo++)
        }
        return this.#suffixSum < limit
    }

    /**
     * The end of a run: the run begins at `from` and has at least one entry; its other entries fit
     * into the limit.
     */
    endOfRun(from: number, to: number, limit: number): number {
        let sum = 0
        for (let at = from; at < to; at++) {
            sum += Math.abs(this.#sizes[at] ?? 0)
        }
        let [end, weight] = [from, 0]
        while (end < to && sum > limit) {
            const bound = Math.abs(this.#sizes[end] ?? 0)
            const size = this.#exact(end)
            sum -= bound - size
            weight += size
            if (end !== from && weight > limit) {
                return end
            }
            end++
        }
        return to
    }
}
