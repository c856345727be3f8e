import '../base/packages.js'
import { KibitzError } from '../base/errors.js'
import { checkBytes } from '../base/state-bytes.js'
import type { Holdings, Journal, JournalStat } from './journal.js'
import { checkOwner } from './owner.js'
import { foreign, locked } from './errors.js'

const PLACE = 'in memory'

/**
 * The data of a `MemoryJournal`. The store outlives the journal like a folder, but not the process.
 */
export class MemoryStore {
    /** The owner; `null` before the first `open`. */
    owner: string | null = null
    /** The open journal of this store. */
    holder: MemoryJournal | null = null
    readonly #isStore = true
    /** The number of the first stored record. */
    first = 1
    records: Uint8Array[] = []
    state: { readonly through: number, readonly pieces: readonly Uint8Array[] } | null = null

    /** Whether a value is a store. */
    static is(value: unknown): value is MemoryStore {
        return typeof value === 'object' && value !== null && #isStore in value && value.#isStore
    }

    /** Removes all records, the snapshot and the owner. */
    clear(): void {
        this.owner = null
        this.holder = null
        this.first = 1
        this.records = []
        this.state = null
    }

    /** Acts like a crash: the open journal loses the store, and all unflushed records are lost. */
    crash(): void {
        this.holder = null
    }
}

/**
 * A journal in the memory of the process, for tests. The data end with the process, so a member in
 * production needs another journal.
 */
export class MemoryJournal implements Journal {
    readonly #store: MemoryStore
    #holdings: Holdings | null = null
    #waiting: Uint8Array[] = []
    #isReplacing = false
    #isClosed = false
    #commits = 0
    #running: Promise<number> | null = null

    /** Two journals on one store are opened one after the other, like one folder. */
    constructor(store: MemoryStore | null = null) {
        if (store !== null && !MemoryStore.is(store)) {
            throw new KibitzError('invalid-argument',
                'A MemoryJournal is kept in a MemoryStore. Nothing was done; pass a MemoryStore.')
        }
        this.#store = store ?? new MemoryStore()
    }

    async open(owner: string): Promise<Holdings> {
        const store = this.#store
        if (this.#holdings !== null || this.#isClosed) {
            throw new KibitzError('invalid-argument', 'A journal is opened once. Nothing was done.')
        }
        checkOwner(owner)
        if (store.holder !== null) {
            throw locked(PLACE, 'another one of this process')
        }
        if (store.owner !== null && store.owner !== owner) {
            throw foreign(PLACE, `belongs to ${store.owner}, not to ${owner}.`)
        }
        store.owner = owner
        store.holder = this
        const first = (store.state?.through ?? 0) + 1
        const snapshot = store.state === null ? null : { through: store.state.through }
        this.#holdings = { snapshot, first, last: this.#stable }
        return await Promise.resolve(this.#holdings)
    }

    async* readSnapshot(): AsyncGenerator<Uint8Array, void, undefined> {
        this.#requireOpen()
        for (const piece of this.#store.state?.pieces ?? []) {
            yield await Promise.resolve(new Uint8Array(piece))
        }
    }

    async* read(from: number): AsyncGenerator<Uint8Array, void, undefined> {
        const { first, last } = this.#requireOpen()
        if (!Number.isSafeInteger(from) || from < first) {
            throw new KibitzError('invalid-argument',
                `The records begin with ${first}. Nothing was read.`)
        }
        const before = this.#store.first
        for (const record of this.#store.records.slice(from - before, last + 1 - before)) {
            yield await Promise.resolve(new Uint8Array(record))
        }
    }

    append(record: Uint8Array): number {
        this.#requireOpen()
        this.#waiting.push(new Uint8Array(checkBytes(record)))
        return this.#last
    }

    flush(): Promise<number> {
        try {
            this.#requireOpen()
        } catch (error) {
            return Promise.reject(error)
        }
        this.#running ??= Promise.resolve().then(() => {
            this.#running = null
            this.#requireOpen()
            this.#store.records.push(...this.#waiting)
            this.#commits += this.#waiting.length === 0 ? 0 : 1
            this.#waiting = []
            return this.#stable
        })
        this.#running.catch(() => {})
        return this.#running
    }

    async snapshot(
        through: number, state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void> {
        this.#requireOpen()
        const store = this.#store
        const before = store.state?.through ?? 0
        if (!Number.isSafeInteger(through) || through < Math.max(before, 1) || through > this.#last
            || this.#isReplacing) {
            throw new KibitzError('invalid-argument', this.#isReplacing
                ? 'A snapshot is being written already. Nothing was done. Wait for that.'
                : `No snapshot can stand for records through ${through}. Nothing was done.`)
        }
        if (through === before) {
            return
        }
        this.#isReplacing = true
        try {
            const pieces: Uint8Array[] = []
            for await (const piece of state) {
                pieces.push(new Uint8Array(checkBytes(piece)))
            }
            await this.flush()
            store.state = { through, pieces }
            store.records.splice(0, through + 1 - store.first)
            store.first = through + 1
        } finally {
            this.#isReplacing = false
        }
    }

    stat(): JournalStat {
        this.#requireOpen()
        const { first, records, state } = this.#store
        const sum = (list: readonly Uint8Array[]): number =>
            list.reduce((total, { length }) => total + length, 0)
        return {
            first, last: this.#last, stable: this.#stable,
            snapshot: state?.through ?? null,
            size: sum(records), snapshotSize: sum(state?.pieces ?? []),
            segments: 1, waiting: sum(this.#waiting), commits: this.#commits
        }
    }

    async setAside(): Promise<Journal> {
        await this.close()
        this.#store.clear()
        return new MemoryJournal(this.#store)
    }

    async close(): Promise<void> {
        if (this.#store.holder === this) {
            await this.flush().catch(() => {})
            this.#store.holder = null
        }
        this.#isClosed = true
    }

    get #stable(): number {
        return this.#store.first + this.#store.records.length - 1
    }

    get #last(): number {
        return this.#stable + this.#waiting.length
    }

    #requireOpen(): Holdings {
        if (this.#isClosed) {
            throw new KibitzError('destroyed', 'The journal was closed. Nothing was done.')
        }
        if (this.#holdings === null) {
            throw new KibitzError('invalid-argument',
                'A journal is opened first. Nothing was done.')
        }
        if (this.#store.holder !== this) {
            throw new KibitzError('journal-failed', 'The journal was taken away. Open a new one.')
        }
        return this.#holdings
    }
}
