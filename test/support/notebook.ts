import { readPlayed } from '../../src/member/record-encoding.js'
import assert from 'node:assert/strict'
import type { Played } from '../../src/index.js'
import type { Holdings, Journal, JournalStat } from '../../src/journal/journal.js'

/** A pending flush. */
interface Flush {
    readonly through: number
    readonly resolve: (through: number) => void
    readonly reject: (error: Error) => void
}

/** The storage below a Notebook, which outlives the process. */
export interface Paper {
    /** Records, oldest first; the first of them follows the snapshot. */
    stable: Uint8Array[]
    snapshot: { readonly through: number; readonly bytes: Uint8Array } | null
}

/** An empty storage. */
export function blank(): Paper {
    return { stable: [], snapshot: null }
}

/** A journal in memory; if `isHeld` is set, every flush waits for the test. */
export class Notebook implements Journal {
    readonly paper: Paper
    /** Whether flushes wait for `flushNow` and `fail`. */
    isHeld = false
    isClosed = false
    /** The number of flushes. */
    flushes = 0
    /** Appended records that are not stable yet. */
    readonly #waiting: Uint8Array[] = []
    #pending: Flush[] = []
    #opened: Paper = blank()
    #failure: Error | null = null

    constructor(paper: Paper = blank()) {
        this.paper = paper
    }

    get #first(): number {
        return (this.paper.snapshot?.through ?? 0) + 1
    }

    get #last(): number {
        return this.#first + this.paper.stable.length + this.#waiting.length - 1
    }

    /** All appended records, stable or not. */
    get records(): readonly Uint8Array[] {
        return [...this.paper.stable, ...this.#waiting]
    }

    /** The methods of all appended inputs, stable or not. */
    get methods(): readonly string[] {
        return this.records.map((bytes) => parse(bytes).method)
    }

    /** The inputs that are stable. */
    get played(): readonly Played[] {
        return this.paper.stable.map(parse)
    }

    open(_owner: string): Promise<Holdings> {
        this.#opened = { stable: [...this.paper.stable], snapshot: this.paper.snapshot }
        const { snapshot } = this.paper
        return Promise.resolve({ snapshot, first: this.#first, last: this.#last })
    }

    async *readSnapshot(): AsyncGenerator<Uint8Array> {
        await settled()
        const bytes = this.#opened.snapshot?.bytes ?? new Uint8Array()
        // Small pieces end in the midst of lengths and characters.
        for (let at = 0; at < bytes.length; at += 7) {
            yield bytes.subarray(at, at + 7)
        }
    }

    async *read(from: number): AsyncGenerator<Uint8Array> {
        await settled()
        const before = from - (this.#opened.snapshot?.through ?? 0) - 1
        yield* this.#opened.stable.slice(before)
    }

    append(record: Uint8Array): number {
        assert(!this.isClosed, 'a closed journal is appended to')
        if (this.#failure !== null) {
            throw this.#failure
        }
        this.#waiting.push(Uint8Array.from(record))
        return this.#last
    }

    flush(): Promise<number> {
        this.flushes++
        if (this.#failure !== null) {
            return Promise.reject(this.#failure)
        }
        const flushed = new Promise<number>((resolve, reject) => {
            this.#pending.push({ through: this.#last, resolve, reject })
        })
        if (!this.isHeld) {
            this.flushNow()
        }
        return flushed
    }

    /** Ends every pending flush. */
    flushNow(): void {
        for (const { through, resolve } of this.#pending) {
            const count = through - this.#first + 1 - this.paper.stable.length
            this.paper.stable.push(...this.#waiting.splice(0, count))
            resolve(through)
        }
        this.#pending = []
    }

    /** Fails the disk: records that are not stable are lost. */
    fail(error: Error): void {
        this.#failure = error
        this.#waiting.length = 0
        for (const { reject } of this.#pending) {
            reject(error)
        }
        this.#pending = []
    }

    async snapshot(
        through: number,
        state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void> {
        const pieces: Uint8Array[] = []
        for await (const piece of state) {
            pieces.push(Uint8Array.from(piece))
        }
        const drop = through - this.#first + 1
        const late = drop - this.paper.stable.length
        this.paper.stable.splice(0, drop)
        this.#waiting.splice(0, Math.max(0, late))
        this.paper.snapshot = { through, bytes: Buffer.concat(pieces) }
    }

    stat(): JournalStat {
        const size = this.paper.stable.reduce((sum, { length }) => sum + length, 0)
        const waiting = this.#waiting.reduce((sum, { length }) => sum + length, 0)
        return {
            first: this.#first,
            last: this.#last,
            stable: this.#last - this.#waiting.length,
            snapshot: this.paper.snapshot?.through ?? null,
            size,
            snapshotSize: this.paper.snapshot?.bytes.length ?? 0,
            segments: 1,
            waiting,
            commits: this.flushes
        }
    }

    close(): Promise<void> {
        this.isClosed = true
        return Promise.resolve()
    }
}

function parse(bytes: Uint8Array): Played {
    return readPlayed(bytes, 1, () => {})
}

/** Resolves after all pending promise callbacks. */
export function settled(): Promise<void> {
    return new Promise((resolve) => {
        setImmediate(resolve)
    })
}
