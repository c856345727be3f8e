import { rejectArgument } from '../base/errors.js'
import type { ApplicationEntry } from '../colleague/application.js'

/** A command of the counters. The bound is the publisher's. */
export type CounterCommand =
    /** Adds to a counter; a counter begins at 0. */
    | {
        readonly do: 'add', readonly name: string, readonly by: number,
        readonly countersMax: number
    }
    /** Removes a counter. */
    | { readonly do: 'delete', readonly name: string }

/**
 * `done` with the value after an addition, or the last value of a deleted counter; `full` if there
 * are too many counters; `range` if the value would be no safe whole number.
 */
export interface CounterOutcome {
    readonly state: 'done' | 'full' | 'range'
    readonly value: number
}

/** The longest name, in characters. */
export const COUNTER_NAME_LENGTH_MAX = 512
const COUNTERS_MAX = 100_000_000

/** The replicated state of counters: whole numbers by name. */
export class CounterTable {
    readonly #values = new Map<string, number>()

    /** The counters, the oldest first. */
    get values(): ReadonlyMap<string, number> {
        return this.#values
    }

    /** Refuses a value that is no command. */
    validate(command: CounterCommand): void {
        const { do: kind, name } = Object(command) as CounterCommand
        const isName = typeof name === 'string' && name !== ''
            && name.length <= COUNTER_NAME_LENGTH_MAX
        if (!isName || (kind !== 'add' && kind !== 'delete')) {
            rejectArgument('The name of a counter is a text of 1 to '
                + `${COUNTER_NAME_LENGTH_MAX} characters.`)
        }
        if (command.do === 'add') {
            const { by, countersMax } = command
            const isBound = Number.isSafeInteger(countersMax) && countersMax >= 1
            if (!Number.isSafeInteger(by) || !isBound || countersMax > COUNTERS_MAX) {
                rejectArgument('A counter takes a safe whole number.')
            }
        }
    }

    /** Applies a command. */
    apply({ body }: ApplicationEntry<CounterCommand>): CounterOutcome {
        const found = this.#values.get(body.name)
        if (body.do === 'delete') {
            this.#values.delete(body.name)
            return { state: 'done', value: found ?? 0 }
        }
        if (found === undefined && this.#values.size >= body.countersMax) {
            return { state: 'full', value: 0 }
        }
        const value = (found ?? 0) + body.by
        if (!Number.isSafeInteger(value)) {
            return { state: 'range', value: found ?? 0 }
        }
        this.#values.set(body.name, value)
        return { state: 'done', value }
    }

    /** One JSON value for each counter. */
    snapshot(): Iterable<unknown> {
        return this.#values
    }

    /** Replaces the counters. */
    async restore(values: AsyncIterable<unknown>): Promise<void> {
        this.#values.clear()
        for await (const value of values) {
            this.#values.set(...value as [string, number])
        }
    }
}
