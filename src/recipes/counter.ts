import type { WaitOptions } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import { count, type OptionTable, readOptions } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
import type { ReadOptions } from '../member/reads.js'
import { type CounterCommand, type CounterOutcome, CounterTable } from './counter-table.js'
import { fromLines, toLines } from './lines.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'

/** The bound of counters, and of sequences. */
export interface CounterOptions {
    /** The number of names. @default 100000 */
    readonly countersMax?: number
}

/** The allowed values of each option. */
export const COUNTER_OPTIONS: OptionTable<CounterOptions> = { countersMax: count(100_000_000) }

/** The default of `countersMax`. */
export const COUNTERS_MAX = 100_000

/** The error of an addition that the state has refused. */
export function counterRefusalOf(name: string, { state, value }: CounterOutcome): KibitzError {
    return state === 'full'
        ? new KibitzError('overloaded', 'There are too many counters (option countersMax). '
            + 'Nothing was added; delete counters, or raise the bound.')
        : new KibitzError('refused', `The counter ${name} has the value ${value}, and would leave `
            + 'the safe whole numbers. Nothing was added; add less.')
}

/**
 * Counters by name: whole numbers that are equal at every member.
 *
 * 1. Each addition is one entry of the log, and takes effect once.
 * 2. If `add` rejects with `timed-out` or `aborted`, the addition may still take effect once.
 */
export class Counter implements ComposedPart<CounterCommand, CounterOutcome> {
    readonly #countersMax: number
    readonly #table = new CounterTable()
    #host: PartHost | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: CounterOptions | null = {}) {
        const { countersMax = COUNTERS_MAX } = readOptions('Counter', options, COUNTER_OPTIONS)
        this.#countersMax = countersMax
    }

    /**
     * Adds a whole number, and resolves with the value after this addition. Rejects with
     * `overloaded` if there are `countersMax` counters, with `refused` beyond the safe whole
     * numbers, or like `publish`.
     */
    async add(name: string, by: number = 1, waiting: WaitOptions | null = {}): Promise<number> {
        const countersMax = this.#countersMax
        const outcome = await this.#publish({ do: 'add', name, by, countersMax }, waiting)
        if (outcome.state !== 'done') {
            throw counterRefusalOf(name, outcome)
        }
        return outcome.value
    }

    /** Deletes a counter, and resolves with its last value; 0 without a counter. */
    async delete(name: string, waiting: WaitOptions | null = {}): Promise<number> {
        return (await this.#publish({ do: 'delete', name }, waiting)).value
    }

    /** The value at this member, at once; 0 without a counter. */
    get(name: string): number
    /** The value after a read, as in `ReplicatedMap.get`. */
    get(name: string, reading: 'linearizable' | ReadOptions): Promise<number>
    get(name: string, reading?: 'linearizable' | ReadOptions): number | Promise<number> {
        const found = (): number => this.#table.values.get(name) ?? 0
        if (reading === undefined) {
            return found()
        }
        const host = this.#attached()
        return (reading === 'linearizable' ? host.barrier() : host.read(reading)).then(found)
    }

    /** The number of counters at this member. */
    get count(): number { return this.#table.values.size }

    /** All counters at this member. */
    entries(): IterableIterator<[name: string, value: number]> {
        return this.#table.values.entries()
    }

    async #publish(command: CounterCommand, waiting: WaitOptions | null): Promise<CounterOutcome> {
        return (await this.#attached().publish(command, waiting)).result as CounterOutcome
    }

    #attached(): PartHost {
        return this.#host ?? noHost('Counter')
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
