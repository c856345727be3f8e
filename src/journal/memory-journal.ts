import { KibitzError } from '../base/errors.js'
import { checkBytes } from '../base/state-bytes.js'
import type { Holdings, Journal, JournalStat } from './journal.js'
import { checkOwner } from './owner.js'
import { foreign, locked } from './errors.js'

const PLACE = 'in memory'

/** What survives a `MemoryJournal`: as a folder does a process. It does not survive its own. */
export class MemoryStore {
    /** Whose journal it is; `null` before the first `open`. */
    owner: string | null = null
    /** The journal that has it open. */
    holder: MemoryJournal | null = null
    readonly #isStore = true
    /** The number of the first record kept. */
    first = 1
    records: Uint8Array[] = []
    state: { readonly through: number, readonly pieces: readonly Uint8Array[] } | null = null

    /** Whether a value is a store. A value that throws when it is read is none. */
    static is(value: unknown): value is MemoryStore {
        return typeof value === 'object' && value !== null && #isStore in value && value.#isStore
    }

    /** Forgets everything. */
    clear(): void {
        this.owner = null
        this.holder = null
        this.first = 1
        this.records = []
        this.state = null
    }

    /** What a crash does: whoever has it open loses it, and with it all that was not flushed. */
    crash(): void {
        this.holder = null
    }
}

/**
 * A journal that keeps everything in the memory of its process: for tests. What it promises ends
 * with the process, so a member must not be given one to survive on.
 */
export class MemoryJournal implements Journal {
    readonly #store: MemoryStore
    #holdings: Holdings | null = null
    #waiting: Uint8Array[] = []
    #isReplacing = false
    #isClosed = false
    #commits = 0
    #running: Promise<number> | null = null

    /** Two on the same store are one journal, opened one after the other. */
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
        this.#use()
        for (const piece of this.#store.state?.pieces ?? []) {
            yield await Promise.resolve(new Uint8Array(piece))
        }
    }

    async* read(from: number): AsyncGenerator<Uint8Array, void, undefined> {
        const { first, last } = this.#use()
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
        this.#use()
        this.#waiting.push(new Uint8Array(checkBytes(record)))
        return this.#last
    }

    flush(): Promise<number> {
        try {
            this.#use()
        } catch (error) {
            return Promise.reject(error)
        }
        this.#running ??= Promise.resolve().then(() => {
            this.#running = null
            this.#use()
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
        this.#use()
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
        this.#use()
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

    #use(): Holdings {
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
