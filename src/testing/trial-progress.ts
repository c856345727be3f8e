import { aborted } from '../base/abort-signal.js'
import { callSafely } from '../base/callbacks.js'
import { realNow } from './virtual-time.js'

/** The time between two calls of the option `progress`, in milliseconds. */
const REPORT_MS = 1000

/** The time between two lines of the default report, in milliseconds. */
const LINE_MS = 10_000

/** Receives the number of finished and of all seeds, and the seed that runs. */
export type ReportProgress = (done: number, all: number, running: RunningSeed) => void

/** The run of a seed. */
export interface RunningSeed {
    readonly seed: number
    /** The virtual time that has passed, in seconds. */
    readonly seconds: number
}

/** Reports the progress of a trial, and ends the trial on a signal. */
export class TrialProgress {
    readonly #all: number
    readonly #report: ReportProgress
    readonly #signal: AbortSignal | null
    readonly #gapMs: number
    #done = 0
    #seed = 0
    #reportedAt = realNow()

    constructor(all: number, progress: ReportProgress | null, signal: AbortSignal | null) {
        this.#all = all
        this.#signal = signal
        this.#gapMs = progress === null ? LINE_MS : REPORT_MS
        this.#report = progress ?? ((done, seeds, { seed, seconds }) => {
            process.stderr.write(`trial: ${done} of ${seeds} seeds; seed ${seed} has run for ${
                seconds.toFixed(0)} virtual seconds\n`)
        })
    }

    /** Whether the signal has ended the trial. */
    get isAborted(): boolean {
        return this.#signal?.aborted === true
    }

    /** A seed begins. @throws KibitzError `aborted`. */
    begin(seed: number): void {
        this.#seed = seed
        this.check()
    }

    /** A seed has ended without a fault. */
    end(virtualMs: number): void {
        this.#done++
        if (this.#gapMs === REPORT_MS) {
            this.#give(virtualMs)
        }
    }

    /** A run has reached an instant. Reports from time to time. */
    reach(virtualMs: number): void {
        if (realNow() - this.#reportedAt >= this.#gapMs) {
            this.#give(virtualMs)
        }
    }

    /** @throws KibitzError `aborted` after the signal. */
    check(): void {
        if (this.#signal?.aborted === true) {
            throw aborted(`The trial (${this.#done} of ${this.#all} seeds have found no fault)`,
                this.#signal)
        }
    }

    #give(virtualMs: number): void {
        this.#reportedAt = realNow()
        const running = { seed: this.#seed, seconds: virtualMs / 1000 }
        callSafely(() => this.#report(this.#done, this.#all, running))
    }
}
