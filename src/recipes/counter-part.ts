import type { WaitOptions } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import { count, type OptionTable } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
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

const COUNTERS_MAX = 100_000

/** The error of an addition that the state has refused. */
function refusalOf(name: string, { state, value }: CounterOutcome): KibitzError {
    return state === 'full'
        ? new KibitzError('overloaded', 'There are too many counters (option countersMax). '
            + 'Nothing was added; delete counters, or raise the bound.')
        : new KibitzError('refused', `The counter ${name} has the value ${value}, and would leave `
            + 'the safe whole numbers. Nothing was added; add less.')
}

/** A part whose state is a table of counters: `Counter` and `Sequence`. */
export abstract class CounterPart implements ComposedPart<CounterCommand, CounterOutcome> {
    readonly #kind: string
    readonly #countersMax: number
    readonly #table = new CounterTable()
    #host: PartHost | null = null

    /** @param kind The name of the class, for errors. */
    constructor(kind: string, { countersMax = COUNTERS_MAX }: CounterOptions) {
        this.#kind = kind
        this.#countersMax = countersMax
    }

    /** The number of names at this member. */
    get count(): number { return this.#table.values.size }

    /** The values at this member, by name. */
    entries(): IterableIterator<[name: string, value: number]> {
        return this.#table.values.entries()
    }

    /** The Colleague of this part. Throws `invalid-argument` before `attach`. */
    protected attached(): PartHost {
        return this.#host ?? noHost(this.#kind)
    }

    /** The value at this member; 0 without the name. */
    protected valueOf(name: string): number {
        return this.#table.values.get(name) ?? 0
    }

    /** Adds to a counter, and resolves with the value afterwards. */
    protected async addTo(name: string, by: number, waiting: WaitOptions | null): Promise<number> {
        const countersMax = this.#countersMax
        const outcome = await this.publish({ do: 'add', name, by, countersMax }, waiting)
        if (outcome.state !== 'done') {
            throw refusalOf(name, outcome)
        }
        return outcome.value
    }

    /** Publishes a command, and resolves with the outcome. */
    protected async publish(
        command: CounterCommand, waiting: WaitOptions | null
    ): Promise<CounterOutcome> {
        return (await this.attached().publish(command, waiting)).result as CounterOutcome
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
