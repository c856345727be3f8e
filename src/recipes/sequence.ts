import type { WaitOptions } from '../base/abort-signal.js'
import { count, type OptionTable, readOptions } from '../base/option-table.js'
import { COUNTER_OPTIONS, type CounterOptions, CounterPart } from './counter-part.js'

/** The options of sequences. */
export interface SequenceOptions extends CounterOptions {
    /**
     * The number of values that this member reserves with one entry of the log. With more than 1,
     * most calls of `next` need no entry; the values of two members are no longer in order, and
     * the rest of a reservation is lost with the process. @default 1
     */
    readonly block?: number
}

const SEQUENCE_OPTIONS: OptionTable<SequenceOptions> = {
    ...COUNTER_OPTIONS, block: count(1_000_000)
}

/** Reserved values that no call has received yet. */
interface Reserved {
    next: number
    readonly last: number
}

/**
 * Unique numbers by name: 1, 2, 3, ….
 *
 * 1. No two calls at any members receive the same number of a sequence, also after restarts.
 * 2. With `block` 1: a call that begins after the end of another call receives a larger number.
 * 3. A number is left out if its call rejects, or if the process ends with a rest of its block.
 */
export class Sequence extends CounterPart {
    readonly #block: number
    /** The reserved values of this process, by name: at most one block for each waiting call. */
    readonly #reserved = new Map<string, Reserved[]>()

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: SequenceOptions | null = {}) {
        const { block = 1, ...bounds } = readOptions('Sequence', options, SEQUENCE_OPTIONS)
        super('Sequence', bounds)
        this.#block = block
    }

    /**
     * Resolves with a number that no other call receives. Rejects with `overloaded` if there are
     * `countersMax` sequences, or like `publish`.
     */
    async next(name: string, waiting: WaitOptions | null = {}): Promise<number> {
        const [reserved] = this.#reserved.get(name) ?? []
        if (reserved !== undefined) {
            return this.#take(name, reserved)
        }
        const last = await this.addTo(name, this.#block, waiting)
        const next = last - this.#block + 1
        if (next < last) {
            const others = this.#reserved.get(name) ?? []
            this.#reserved.set(name, [...others, { next: next + 1, last }])
        }
        return next
    }

    /** The largest number that is reserved, as this member knows; 0 before the first. */
    last(name: string): number {
        return this.valueOf(name)
    }

    #take(name: string, reserved: Reserved): number {
        const value = reserved.next++
        if (value === reserved.last) {
            const others = (this.#reserved.get(name) ?? []).filter((each) => each !== reserved)
            if (others.length === 0) {
                this.#reserved.delete(name)
            } else {
                this.#reserved.set(name, others)
            }
        }
        return value
    }
}
