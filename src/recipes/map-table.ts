import { rejectArgument } from '../base/errors.js'
import { isEqualJson } from '../base/json-equal.js'
import { copyAndFreeze, jsonSize } from '../base/json-value.js'
import type { Monotonic } from '../base/monotonic.js'
import type { ApplicationEntry } from '../colleague/application.js'
import { type KeyChange, MapHistory } from './map-history.js'

/**
 * A condition of a command: the key has this version, or this value. `null` as a version, or no
 * value, demands that the key is absent.
 */
export type MapCheck<Value> =
    | { readonly key: string, readonly version: Monotonic | null }
    | { readonly key: string, readonly equals?: Value }

/** A command: if all checks hold, all writes take effect. The bounds are the publisher's. */
export interface MapCommand<Value> {
    readonly checks?: readonly MapCheck<Value>[]
    readonly writes: readonly KeyChange<Value>[]
    readonly entriesMax: number
    readonly sizeMax: number
}

/** `done`; `changed` if a check failed; `full` if the map would exceed a bound. */
export interface MapOutcome {
    readonly state: 'done' | 'changed' | 'full'
}

/** A value with the version of its last change. */
export interface MapEntry<Value> {
    readonly value: Value
    /** The promise of the entry that has set the value. */
    readonly version: Monotonic
}

/** The longest key, in characters. */
export const KEY_LENGTH_MAX = 1024
/** The most checks, and the most writes, of one command. */
export const PARTS_PER_COMMAND_MAX = 1000

function isKey(key: unknown): boolean {
    return typeof key === 'string' && key !== '' && key.length <= KEY_LENGTH_MAX
}

function isBound(value: unknown): boolean {
    return Number.isSafeInteger(value) && Number(value) > 0
}

/** The replicated state of a map. */
export class MapTable<Value> {
    /** The promise of the last entry that changed the map; `0/0` before the first change. */
    version: Monotonic = '0/0'
    readonly history: MapHistory<Value>
    readonly #entries = new Map<string, MapEntry<Value>>()
    #size = 0

    /** @param historyMax The number of kept changes. */
    constructor(historyMax: number) {
        this.history = new MapHistory(historyMax)
    }

    /** The keys and values, in the order of their last changes. */
    get entries(): ReadonlyMap<string, MapEntry<Value>> {
        return this.#entries
    }

    /** The size of all keys and values, in bytes of JSON. */
    get size(): number {
        return this.#size
    }

    /** Refuses a value that is no command. */
    validate(command: MapCommand<Value>): void {
        const { checks = [], writes, entriesMax, sizeMax } = Object(command) as MapCommand<Value>
        const lists: unknown[] = [checks, writes]
        const isShort = lists.every((list) =>
            Array.isArray(list) && list.length <= PARTS_PER_COMMAND_MAX)
        if (!isShort || !isBound(entriesMax) || !isBound(sizeMax)) {
            rejectArgument('A command of a map has bounds, and at most '
                + `${PARTS_PER_COMMAND_MAX} checks and writes.`)
        }
        if (![...checks, ...writes].every((part) => isKey(Object(part).key))) {
            rejectArgument(`A key of a map is a text of 1 to ${KEY_LENGTH_MAX} characters.`)
        }
    }

    /** Applies a command. */
    apply({ promise, body }: ApplicationEntry<MapCommand<Value>>): MapOutcome {
        const { checks = [], writes, entriesMax, sizeMax } = body
        if (!checks.every((check) => this.#holds(check))) {
            return { state: 'changed' }
        }
        const [count, size] = this.#after(writes)
        const isGrowing = count > this.#entries.size || size > this.#size
        if (isGrowing && (count > entriesMax || size > sizeMax)) {
            return { state: 'full' }
        }
        if (writes.length === 0) {
            return { state: 'done' }
        }
        for (const { key, value } of writes) {
            this.#entries.delete(key)
            if (value !== undefined) {
                this.#entries.set(key, Object.freeze({ value, version: promise }))
            }
        }
        this.#size = size
        this.version = promise
        this.history.push(Object.freeze({ version: promise, changes: writes }))
        return { state: 'done' }
    }

    /** The head, the history, and the entries. */
    * snapshot(): Generator<unknown> {
        const { changes, dropped } = this.history
        yield { version: this.version, dropped, changes: changes.length }
        yield* changes
        for (const [key, { value, version }] of this.#entries) {
            yield [key, version, value]
        }
    }

    /** Replaces the state. */
    async restore(values: AsyncIterable<unknown>): Promise<void> {
        const reader = values[Symbol.asyncIterator]()
        const next = async (): Promise<unknown> => copyAndFreeze((await reader.next()).value)
        const head = await next() as { version: Monotonic, dropped: Monotonic, changes: number }
        const changes: { version: Monotonic, changes: KeyChange<Value>[] }[] = []
        while (changes.length < head.changes) {
            changes.push(await next() as { version: Monotonic, changes: KeyChange<Value>[] })
        }
        this.#entries.clear()
        this.#size = 0
        for await (const line of { [Symbol.asyncIterator]: () => reader }) {
            const [key, version, value] = copyAndFreeze(line) as [string, Monotonic, Value]
            this.#entries.set(key, Object.freeze({ value, version }))
            this.#size += sizeOf(key, value)
        }
        this.version = head.version
        this.history.reset(head.dropped, changes)
    }

    #holds(check: MapCheck<Value>): boolean {
        const found = this.#entries.get(check.key)
        return 'version' in check
            ? (found?.version ?? null) === check.version
            : isEqualJson(found?.value, check.equals)
    }

    /** The number of entries and their size after some writes. */
    #after(writes: readonly KeyChange<Value>[]): [count: number, size: number] {
        let [count, size] = [this.#entries.size, this.#size]
        const written = new Map(writes.map(({ key, value }) => [key, value]))
        for (const [key, value] of written) {
            const found = this.#entries.get(key)
            count += (value === undefined ? 0 : 1) - (found === undefined ? 0 : 1)
            size += (value === undefined ? 0 : sizeOf(key, value))
                - (found === undefined ? 0 : sizeOf(key, found.value))
        }
        return [count, size]
    }
}

function sizeOf(key: string, value: unknown): number {
    return jsonSize(key) + jsonSize(value)
}
