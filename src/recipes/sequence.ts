import type { WaitOptions } from '../base/abort-signal.js'
import { count, type OptionTable, readOptions } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
import {
    COUNTER_OPTIONS, type CounterOptions, counterRefusalOf, COUNTERS_MAX
} from './counter.js'
import { type CounterCommand, type CounterOutcome, CounterTable } from './counter-table.js'
import { fromLines, toLines } from './lines.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'

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
export class Sequence implements ComposedPart<CounterCommand, CounterOutcome> {
    readonly #countersMax: number
    readonly #block: number
    readonly #table = new CounterTable()
    /** The reserved values of this process, by name: at most one block for each waiting call. */
    readonly #reserved = new Map<string, Reserved[]>()
    #host: PartHost | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: SequenceOptions | null = {}) {
        const { countersMax = COUNTERS_MAX, block = 1 } =
            readOptions('Sequence', options, SEQUENCE_OPTIONS)
        this.#countersMax = countersMax
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
        const host = this.#host ?? noHost('Sequence')
        const { result } = await host.publish(
            { do: 'add', name, by: this.#block, countersMax: this.#countersMax }, waiting)
        const outcome = result as CounterOutcome
        if (outcome.state !== 'done') {
            throw counterRefusalOf(name, outcome)
        }
        const last = outcome.value
        const next = last - this.#block + 1
        if (next < last) {
            const others = this.#reserved.get(name) ?? []
            this.#reserved.set(name, [...others, { next: next + 1, last }])
        }
        return next
    }

    /** The largest number that is reserved, as this member knows; 0 before the first. */
    last(name: string): number {
        return this.#table.values.get(name) ?? 0
    }

    /** The number of sequences at this member. */
    get count(): number { return this.#table.values.size }

    /** The largest reserved numbers at this member. */
    entries(): IterableIterator<[name: string, last: number]> {
        return this.#table.values.entries()
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

    /** See `ComposedPart`. */
    attach(host: PartHost): void { this.#host = host }

    /** See `Application`. */
    validate(command: CounterCommand): void { this.#table.validate(command) }

    /** See `Application`. */
    apply(entry: ApplicationEntry<CounterCommand>): CounterOutcome {
        return this.#table.apply(entry)
    }

    /** See `Application`. */
    snapshot(): Iterable<string> { return toLines(this.#table.snapshot()) }

    /** See `Application`. */
    restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        return this.#table.restore(fromLines(chunks))
    }
}
