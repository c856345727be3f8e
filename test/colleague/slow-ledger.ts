import { text } from 'node:stream/consumers'
import {
    type Application, type ApplicationEntry, type Government, Monotonic
} from '../../src/index.js'

/** The durations of the application's calls, in milliseconds of the mocked clock. */
export interface CallDurations {
    /** For each entry. */
    readonly applyMs: number
    /** For each piece of a snapshot. */
    readonly snapshotMs: number
    /** For each chunk in `restore`. */
    readonly restoreMs: number
}

/** The size of a piece of a snapshot, in characters. */
const PIECE = 1024

/** A row of the state: the promise of an entry or a government, and the value of an entry. */
type Row = readonly [promise: string, value: number | null]

/**
 * A slow state machine that keeps every received entry and government, and checks three rules.
 *
 * 1. Two calls of `apply`, `governed`, `snapshot` and `restore` never overlap.
 * 2. Promises rise from row to row.
 * 3. After the end of the Colleague the application receives no call.
 */
export class SlowLedger implements Application<unknown, number> {
    rows: Row[] = []
    /** Number of calls of `restore`. */
    restorations = 0
    /** The violations of these rules. */
    readonly complaints: string[] = []
    /** Whether the process has ended: later calls are no violation. */
    isOver = false
    readonly #durations: CallDurations
    readonly #later: (ms: number) => Promise<void>
    #callUnderWay: string | null = null

    /** @param later Resolves after some milliseconds of the mocked clock. */
    constructor(durations: CallDurations, later: (ms: number) => Promise<void>) {
        this.#durations = durations
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
        await this.#take(this.#durations.applyMs)
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
                await this.#take(this.#durations.snapshotMs)
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
            await this.#take(this.#durations.restoreMs)
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
        if (this.#callUnderWay !== null) {
            this.#complain(`${call} during ${this.#callUnderWay}`)
        }
        this.#callUnderWay = call
    }

    #exit(): void {
        this.#callUnderWay = null
    }

    #complain(complaint: string): void {
        if (!this.isOver) {
            this.complaints.push(complaint)
        }
    }
}
