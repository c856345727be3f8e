import { Readable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import type { Application, ApplicationEntry } from '../../src/index.js'
import { type Put, Store } from './store.js'

/** Draws lots in `apply`. */
export class LotteryStore extends Store {
    override apply(entry: ApplicationEntry<Put>): number | null {
        return Math.random() < 0.5 ? super.apply(entry) : null
    }
}

const numbers = { last: 0 }

/** Numbers its entries with a variable of the module. */
export class SharedStore extends Store {
    override apply(entry: ApplicationEntry<Put>): number | null {
        super.apply(entry)
        numbers.last++
        return numbers.last
    }
}

/** Takes each piece of a state for a text. */
export class TextStore extends Store {
    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        let whole = ''
        for await (const chunk of chunks) {
            whole += String(chunk)
        }
        await super.restore(Readable.from([Buffer.from(whole)]))
    }
}

/** Evicts the first key of a map that a restore sorts. */
export class EvictingStore implements Application<Put, string | null> {
    #values = new Map<string, number>()

    apply({ body: { key, value } }: ApplicationEntry<Put>): string | null {
        this.#values.set(key, value)
        const [oldest] = this.#values.keys()
        if (oldest === undefined || this.#values.size <= 4) {
            return null
        }
        this.#values.delete(oldest)
        return oldest
    }

    snapshot(): string {
        const sorted = [...this.#values].sort(([one], [other]) => (one < other ? -1 : 1))
        return JSON.stringify(sorted)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.#values = new Map(JSON.parse(await text(chunks)))
    }
}

/** Forgets the number of entries in `snapshot`. */
export class ForgetfulStore extends Store {
    applied = 0

    override apply(entry: ApplicationEntry<Put>): number | null {
        this.applied++
        super.apply(entry)
        return this.applied
    }
}

/** Restores into the map of before. */
export class AddingStore extends Store {
    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        for (const [key, value] of JSON.parse(await text(chunks)) as [string, number][]) {
            this.values.set(key, value)
        }
    }
}

/** The values of each member in a database that survives its process. */
export class DatabaseStore implements Application<Put, number> {
    readonly #counts: Map<string, number>

    constructor(databases: Map<string, Map<string, number>>, id: string) {
        this.#counts = databases.get(id) ?? new Map()
        databases.set(id, this.#counts)
    }

    apply({ body: { key } }: ApplicationEntry<Put>): number {
        const count = (this.#counts.get(key) ?? 0) + 1
        this.#counts.set(key, count)
        return count
    }

    snapshot(): string {
        return JSON.stringify([...this.#counts].sort())
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const counts = JSON.parse(await text(chunks)) as [string, number][]
        this.#counts.clear()
        for (const [key, count] of counts) {
            this.#counts.set(key, count)
        }
    }
}

/** Returns from `restore` before the state is there. */
export class HastyStore extends Store {
    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const state = await text(chunks)
        setTimeout(() => {
            this.values = new Map(JSON.parse(state))
        }, 5)
    }
}

/** Returns from `apply` before the work has ended. */
export class LateStore extends Store {
    override apply(entry: ApplicationEntry<Put>): null {
        void after(5).then(() => super.apply(entry))
        return null
    }
}

/** Waits in `apply` for the next entry. */
export class WaitingStore extends Store {
    #next: () => void = () => {}

    override apply(entry: ApplicationEntry<Put>): number | null {
        this.#next()
        super.apply(entry)
        const next = new Promise<number>((resolve) => {
            this.#next = () => resolve(1)
        })
        return entry.body.key === 'key3' ? next as never : null
    }
}

/** Keeps the last snapshot, and forgets that a removal changes the state. */
export class CachingStore extends Store {
    #cached: string | null = null

    override apply(entry: ApplicationEntry<Put>): number | null {
        if (entry.body.key === 'key1') {
            this.values.clear()
            return null
        }
        this.#cached = null
        return super.apply(entry)
    }

    override snapshot(): string {
        this.#cached ??= super.snapshot()
        return this.#cached
    }
}

/** Reads its values while they are compressed in the background. */
export class MixedStore extends Store {
    #rest: string[] = []

    // @ts-expect-error: A store returns text, and the pieces of this one come later.
    override async* snapshot(): AsyncGenerator<string, void, void> {
        this.#rest = [...this.values].map((pair) => JSON.stringify(pair))
        setTimeout(() => {
            this.#rest = []
        }, 100)
        yield '['
        await after(1)
        yield this.#rest.join(',')
        yield ']'
    }
}

/** Keeps every entry. */
export class GrowingStore extends Store {
    history: Put[] = []

    override apply(entry: ApplicationEntry<Put>): number | null {
        this.history.push(entry.body)
        return super.apply(entry)
    }

    override snapshot(): string {
        return JSON.stringify([...this.values, ['history', this.history]])
    }

    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const pairs = JSON.parse(await text(chunks)) as [string, never][]
        this.history = pairs.pop()?.[1] ?? []
        this.values = new Map(pairs)
    }
}

/** Behaves differently at one member. */
export class MemberStore extends Store {
    readonly #id: string

    constructor(id: string) {
        super()
        this.#id = id
    }

    override apply(entry: ApplicationEntry<Put>): number | null {
        super.apply(entry)
        return this.#id === 'x' || this.#id === 'a' ? 1 : 2
    }
}


/** A sum. Ignores an operation with an id that it has seen. */
export class Counter implements Application<{ add: number, id?: number }, number> {
    sum = 0
    seen = new Set<number>()

    apply({ body: { add, id } }: ApplicationEntry<{ add: number, id?: number }>): number {
        if (id === undefined || !this.seen.has(id)) {
            this.sum += add
        }
        this.seen.add(id ?? 0)
        return this.sum
    }

    snapshot(): string {
        return JSON.stringify({ sum: this.sum, seen: [...this.seen] })
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const { sum, seen } = JSON.parse(await text(chunks))
        this.sum = sum
        this.seen = new Set(seen)
    }
}

/** Ignores the first entry after a restore. */
export class SkippingStore extends Store {
    #ignoresNext = false

    override apply(entry: ApplicationEntry<Put>): number | null {
        const isIgnored = this.#ignoresNext
        this.#ignoresNext = false
        return isIgnored ? null : super.apply(entry)
    }

    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        await super.restore(chunks)
        this.#ignoresNext = true
    }
}

/** Counts keys. Counts the last key before a restore again, with the next entry. */
export class RepeatingStore implements Application<Put, null> {
    #counts = new Map<string, number>()
    #last: string | null = null
    #again: string | null = null

    apply({ body: { key } }: ApplicationEntry<Put>): null {
        for (const counted of [this.#again, key]) {
            if (counted !== null) {
                this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1)
            }
        }
        this.#again = null
        this.#last = key
        return null
    }

    snapshot(): string {
        return JSON.stringify({ counts: [...this.#counts].sort(), last: this.#last })
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const { counts, last } = JSON.parse(await text(chunks))
        this.#counts = new Map(counts)
        this.#last = last
        this.#again = last
    }
}
