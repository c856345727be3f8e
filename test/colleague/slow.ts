import { text } from 'node:stream/consumers'
import {
    type Application, type ApplicationEntry, type Government, Monotonic
} from '../../src/index.js'

/** How long each part of an application takes, in milliseconds of the town. */
export interface Slowness {
    /** Each entry. */
    readonly applyMs: number
    /** Each piece of a snapshot. */
    readonly snapshotMs: number
    /** Each chunk of a state that is restored. */
    readonly restoreMs: number
}

/** The size of a piece of a snapshot, in characters. */
const PIECE = 1024

/** A row of the state: the promise of an entry or a government, and the value of an entry. */
type Row = readonly [promise: string, value: number | null]

/**
 * A state machine that takes its time, and keeps every entry and government it was given.
 *
 * 1. Two calls of `apply`, `governed`, `snapshot` and `restore` never overlap.
 * 2. Promises rise from row to row.
 * 3. After the end of its Colleague the application is given nothing.
 */
export class SlowLedger implements Application<number> {
    rows: Row[] = []
    /** How many times the application has begun to take over a state. */
    restorations = 0
    /** What broke one of the rules above. */
    readonly complaints: string[] = []
    /** Whether the process of this application is gone: nothing that follows counts. */
    isOver = false
    readonly #slowness: Slowness
    readonly #later: (ms: number) => Promise<void>
    #under: string | null = null

    /** @param later Resolves after so many milliseconds of the town. */
    constructor(slowness: Slowness, later: (ms: number) => Promise<void>) {
        this.#slowness = slowness
        this.#later = later
    }

    /** The promise of the last row. */
    get last(): string {
        return this.rows.at(-1)?.[0] ?? '0/0'
    }

    /** The values in the state, in order. */
    get values(): readonly number[] {
        return this.rows.flatMap(([, value]) => value ?? [])
    }

    async apply({ promise, body }: ApplicationEntry): Promise<number> {
        this.#enter(`apply ${promise}`)
        const { add } = body as { readonly add: number }
        this.#append(promise, add)
        await this.#take(this.#slowness.applyMs)
        this.#exit()
        return add
    }

    governed({ promise }: Government): void {
        this.#enter(`governed ${promise}`)
        this.#append(promise, null)
        this.#exit()
    }

    async *snapshot(): AsyncGenerator<string> {
        this.#enter('snapshot')
        try {
            const whole = JSON.stringify(this.rows)
            for (let at = 0; at < whole.length; at += PIECE) {
                await this.#take(this.#slowness.snapshotMs)
                yield whole.slice(at, at + PIECE)
            }
        } finally {
            this.#exit()
        }
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.#enter('restore')
        this.restorations++
        try {
            this.rows = JSON.parse(await text(this.#slowly(chunks))) as Row[]
        } finally {
            this.#exit()
        }
    }

    async *#slowly(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunks) {
            await this.#take(this.#slowness.restoreMs)
            yield chunk
        }
    }

    async #take(ms: number): Promise<void> {
        if (ms !== 0) {
            await this.#later(ms)
        }
    }

    #append(promise: string, value: number | null): void {
        if (Monotonic.compare(promise, this.last) <= 0) {
            this.#complain(`${promise} follows ${this.last}`)
        }
        this.rows.push([promise, value])
    }

    #enter(call: string): void {
        if (this.#under !== null) {
            this.#complain(`${call} during ${this.#under}`)
        }
        this.#under = call
    }

    #exit(): void {
        this.#under = null
    }

    #complain(complaint: string): void {
        if (!this.isOver) {
            this.complaints.push(complaint)
        }
    }
}
