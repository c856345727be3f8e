import { aborted, type SignalOptions, SIGNAL_OPTIONS, type WaitOptions } from
    '../base/abort-signal.js'
import { KibitzError, rejectArgument } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import { count, fitting, type OptionTable, readOptions } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
import { isPromise } from '../member/options.js'
import type { ReadOptions } from '../member/reads.js'
import { fromLines, toLines } from './lines.js'
import type { KeyChange, MapChange } from './map-history.js'
import { type MapCheck, type MapCommand, type MapEntry, type MapOutcome, MapTable } from
    './map-table.js'
import { MapView } from './map-view.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'
import { Pulse } from './pulse.js'

/** The bounds of a map. */
export interface ReplicatedMapOptions {
    /** The number of entries. @default 100000 */
    readonly entriesMax?: number
    /** The size of all keys and values, in bytes of JSON. @default 67108864 */
    readonly sizeMax?: number
    /** The number of changes for watchers that are behind; equal at all members. @default 1000 */
    readonly historyMax?: number
}

/** The options of a watch. */
export interface WatchOptions extends SignalOptions {
    /** The version after which the changes begin. @default the present version */
    readonly from?: Monotonic
}

const MAP_OPTIONS: OptionTable<ReplicatedMapOptions> = {
    entriesMax: count(100_000_000), sizeMax: count(2 ** 50), historyMax: count(1_000_000)
}

const WATCH_OPTIONS: OptionTable<WatchOptions> = {
    ...SIGNAL_OPTIONS, from: fitting('a version, such as 2/1', isPromise)
}

const ENTRIES_MAX = 100_000
const SIZE_MAX = 64 * 1024 * 1024
const HISTORY_MAX = 1000

/** The attempts of a transaction. */
const ATTEMPTS_MAX = 20

/** The result of a transaction. */
export interface Committed<Value> {
    readonly value: Value
    /** The version for `get(key, { after })` at any member. */
    readonly version: Monotonic
}

/**
 * A map that is equal at every member. Keys are texts, values are JSON. The returned values are
 * frozen.
 *
 * 1. Each write is one entry of the log: all writes of a transaction take effect together.
 * 2. A write resolves after this member has applied the entry: a later local `get` shows the write.
 */
export class ReplicatedMap<Value = unknown>
    implements ComposedPart<MapCommand<Value>, MapOutcome> {
    readonly #bounds: { readonly entriesMax: number, readonly sizeMax: number }
    readonly #table: MapTable<Value>
    readonly #changed = new Pulse()
    #host: PartHost | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: ReplicatedMapOptions | null = {}) {
        const { entriesMax = ENTRIES_MAX, sizeMax = SIZE_MAX, historyMax = HISTORY_MAX } =
            readOptions('ReplicatedMap', options, MAP_OPTIONS)
        this.#bounds = { entriesMax, sizeMax }
        this.#table = new MapTable(historyMax)
    }

    /** The promise of the last change that this member has applied. */
    get version(): Monotonic { return this.#table.version }

    /** The number of keys at this member. */
    get count(): number { return this.#table.entries.size }

    /** The size of all keys and values at this member, in bytes of JSON. */
    get size(): number { return this.#table.size }

    /** The value at this member, at once. */
    get(key: string): Value | undefined
    /**
     * The value after a read: `linearizable` contains every write that was acknowledged anywhere
     * before the call; `{ after }` and `{ maxStalenessMs }` as in `Colleague.read`.
     */
    get(key: string, reading: 'linearizable' | ReadOptions): Promise<Value | undefined>
    get(
        key: string, reading?: 'linearizable' | ReadOptions
    ): Value | undefined | Promise<Value | undefined> {
        const found = (): Value | undefined => this.#table.entries.get(key)?.value
        if (reading === undefined) {
            return found()
        }
        const host = this.#attached()
        return (reading === 'linearizable' ? host.barrier() : host.read(reading)).then(found)
    }

    /** The value at this member, with the version of its last change. */
    entry(key: string): MapEntry<Value> | undefined {
        return this.#table.entries.get(key)
    }

    /**
     * The keys and values at this member. The iteration is of one version if no `await` comes
     * between its steps.
     */
    * entries(): Generator<[key: string, value: Value]> {
        for (const [key, { value }] of this.#table.entries) {
            yield [key, value]
        }
    }

    /**
     * Sets a value. Resolves with the version. Rejects with `overloaded` if the map is full, or
     * like `publish`.
     */
    async set(key: string, value: Value, waiting: WaitOptions | null = {}): Promise<Monotonic> {
        if (value === undefined) {
            rejectArgument('A map holds no undefined; call delete.')
        }
        return (await this.#write([], [{ key, value }], waiting)).version
    }

    /** Deletes a key, if there is one. Resolves with the version of the entry. */
    async delete(key: string, waiting: WaitOptions | null = {}): Promise<Monotonic> {
        return (await this.#write([], [{ key }], waiting)).version
    }

    /**
     * Sets a value if the present value equals `expected`; `undefined` expects, or sets, an absent
     * key. Resolves with whether the value was set.
     */
    async compareAndSet(
        key: string, expected: Value | undefined, value: Value | undefined,
        waiting: WaitOptions | null = {}
    ): Promise<boolean> {
        const check = expected === undefined ? { key, version: null } : { key, equals: expected }
        const write = value === undefined ? { key } : { key, value }
        return (await this.#write([check], [write], waiting)).isDone
    }

    /**
     * Reads and writes several keys as one step. The function runs at once, may not await, and runs
     * again if another write has changed a key that it has read. Rejects with `overloaded` after
     * twenty attempts, with the error of the function, or like `set`.
     */
    async transaction<Result>(
        change: (view: MapView<Value>) => Result, waiting: WaitOptions | null = {}
    ): Promise<Committed<Result>> {
        for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            const view = new MapView(this.#table.entries)
            const value = change(view)
            const { checks, writes } = view.close()
            const { isDone, version } = await this.#write(checks, writes, waiting)
            if (isDone) {
                return { value, version }
            }
        }
        throw new KibitzError('overloaded',
            `Other members have changed the keys of a transaction during ${ATTEMPTS_MAX} attempts. `
                + 'Nothing was written; try again later.')
    }

    /**
     * The changes after a version, each once and in order, without a gap. Each step has all changes
     * of one entry. Ends with `trimmed` if the map no longer holds the next change, with `aborted`,
     * or with the reason of a stopped Colleague.
     */
    watch(options: WatchOptions | null = {}): AsyncGenerator<MapChange<Value>, void> {
        const { from = this.version, signal } = readOptions('watch', options, WATCH_OPTIONS)
        return this.#watch(from, signal ?? null)
    }

    async* #watch(from: Monotonic, signal: AbortSignal | null):
        AsyncGenerator<MapChange<Value>, void> {
        const { closed } = this.#attached()
        for (let at = from; ;) {
            closed.throwIfAborted()
            if (signal?.aborted === true) {
                throw aborted('The watch of a map', signal)
            }
            const next = this.#table.history.after(at)
            if (next === null) {
                await this.#changed.wait([closed, signal])
            } else {
                at = next.version
                yield next
            }
        }
    }

    async #write(
        checks: readonly MapCheck<Value>[], writes: readonly KeyChange<Value>[],
        waiting: WaitOptions | null
    ): Promise<{ isDone: boolean, version: Monotonic }> {
        const command: MapCommand<Value> = { checks, writes, ...this.#bounds }
        const { promise, result } = await this.#attached().publish(command, waiting)
        const { state } = result as MapOutcome
        if (state === 'full') {
            throw new KibitzError('overloaded',
                'The map is full (options entriesMax and sizeMax). Nothing was written; delete '
                    + 'entries, or raise the bounds.')
        }
        return { isDone: state === 'done', version: promise }
    }

    #attached(): PartHost {
        return this.#host ?? noHost('ReplicatedMap')
    }

    /** See `ComposedPart`. */
    attach(host: PartHost): void { this.#host = host }

    /** See `Application`. */
    validate(command: MapCommand<Value>): void { this.#table.validate(command) }

    /** See `Application`. */
    apply(entry: ApplicationEntry<MapCommand<Value>>): MapOutcome {
        const outcome = this.#table.apply(entry)
        this.#changed.beat()
        return outcome
    }

    /** See `Application`. */
    snapshot(): Iterable<string> { return toLines(this.#table.snapshot()) }

    /** See `Application`. */
    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        await this.#table.restore(fromLines(chunks))
        this.#changed.beat()
    }
}
