import { setImmediate as turn } from 'node:timers/promises'
import { aborted } from '../base/abort-signal.js'
import { callSafely } from '../base/callbacks.js'
import type { ReplayProgress, SeekOptions } from './options.js'

/** The time after which long work yields to other work, in milliseconds. */
const TURN_MS = 20

/** The number of steps between two checks of the time. */
const STRIDE = 32

/** Long work that yields to other work, reports its progress, and can be aborted. */
export class LongWork {
    readonly #what: string
    readonly #signal: AbortSignal | null
    readonly #progress: ((progress: ReplayProgress) => void) | undefined
    #yieldedAt = performance.now()
    #steps = 0

    /** @param what The work, as the subject of a message: `The seek`. */
    constructor(what: string, { signal, progress }: SeekOptions) {
        this.#what = what
        this.#signal = signal ?? null
        this.#progress = progress
    }

    /** @throws KibitzError `aborted`. */
    check(): void {
        if (this.#signal?.aborted === true) {
            throw aborted(this.#what, this.#signal)
        }
    }

    /** Whether a report and a turn for other work are due. Counts one step. */
    get isDue(): boolean {
        this.#steps++
        return this.#steps % STRIDE === 0 && performance.now() - this.#yieldedAt > TURN_MS
    }

    /** Reports the progress. An exception of the callback does not stop the work. */
    report(done: number, of: number, unit: ReplayProgress['unit']): void {
        callSafely(() => this.#progress?.({ done, of, unit }))
    }

    /** Lets other work run. @throws KibitzError `aborted`. */
    async pause(): Promise<void> {
        this.check()
        await turn()
        this.check()
        this.#yieldedAt = performance.now()
    }
}
