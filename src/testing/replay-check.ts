import { aborted } from '../base/abort-signal.js'
import { callSafely } from '../base/callbacks.js'
import { KibitzError } from '../base/errors.js'
import {
    abortSignal, callable, count, fitting, type OptionTable, readOptions
} from '../base/option-table.js'
import type { Application } from '../colleague/application.js'
import type { ReplaySource } from '../replay/options.js'
import { type LogStep, promiseOf } from './comparison.js'
import { findCause } from './diagnosis.js'
import { exclusively } from './exclusive.js'
import type { TrialFinding } from './finding.js'
import { type RecordedLog, readLog } from './recorded-log.js'
import { ReplayComparison, type ReplayedLog } from './replay-comparison.js'
import { Worlds } from './replica.js'
import type { MemberLife } from './trial-republic.js'
import { realNow, realTurn } from './virtual-time.js'

/** The options of `replayCheck`. */
export interface ReplayCheckOptions {
    /**
     * Makes the application of the past. The results and the states of both applications must be
     * equal after every entry. @default no comparison
     */
    readonly against?: (life: MemberLife) => Application<never>
    /**
     * The state of the application before a recording that begins in the middle of a log. The
     * journal of a member has this state. @default none
     */
    readonly state?: string | Uint8Array | null
    /** The size of the inputs that are read into memory, in bytes. @default 1 GiB */
    readonly sizeMax?: number
    /**
     * Called from time to time and at the end, with the number of applied entries, and of all
     * entries in all replays. @default a line on standard error every ten seconds
     */
    readonly progress?: (done: number, of: number) => void
    /** Ends the check with `aborted`. @default none */
    readonly signal?: AbortSignal | null
}

const OPTIONS: OptionTable<ReplayCheckOptions> = {
    against: callable,
    state: fitting('a text or bytes', (value) =>
        typeof value === 'string' || value instanceof Uint8Array),
    sizeMax: count(Number.MAX_SAFE_INTEGER),
    progress: callable,
    signal: abortSignal
}

/** The result of a replay without a fault. */
export interface ReplayCheckResult {
    /** The number of entries, without governments. */
    readonly entries: number
    /** The last entry before the replay; `0/0` if the replay has begun with the first entry. */
    readonly after: string
    /** The last entry. */
    readonly through: string
    /** The number of compared states of each replay. */
    readonly states: number
    /**
     * The number of entries with a hash in place of their value, as `kibitz inspect --redact`
     * writes. The check says nothing about what `apply` does with the real values.
     */
    readonly redacted: number
}

/** The number of steps between two turns for other work. */
const STRIDE = 512

/** The time between two reports, in milliseconds. */
const REPORT_MS = 1000

/** The time between two lines of the default report, in milliseconds. */
const LINE_MS = 10_000

/** The number of replays of the log; the searches for a cause end earlier. */
const REPLAYS = 16

/** Counts the steps of all replays, reports, and lets other work run. */
class Progress {
    readonly #of: number
    readonly #report: (done: number, of: number) => void
    readonly #signal: AbortSignal | null
    readonly #gapMs: number
    #done = 0
    #reportedAt = realNow()

    constructor(of: number, { progress, signal = null }: ReplayCheckOptions) {
        this.#of = of
        this.#signal = signal
        this.#gapMs = progress === undefined ? LINE_MS : REPORT_MS
        this.#report = progress ?? ((done, all) => {
            process.stderr.write(`replayCheck: ${done} of ${all} entries\n`)
        })
    }

    step(): Promise<void> | null {
        this.#done++
        return this.#done % STRIDE === 0 ? this.#turn() : null
    }

    /** Reports the end, but no line of the default report. */
    end(): void {
        if (this.#gapMs === REPORT_MS) {
            callSafely(() => this.#report(this.#of, this.#of))
        }
    }

    async #turn(): Promise<void> {
        await realTurn()
        if (this.#signal?.aborted === true) {
            throw aborted('The replay', this.#signal)
        }
        if (realNow() - this.#reportedAt >= this.#gapMs) {
            this.#reportedAt = realNow()
            callSafely(() => this.#report(Math.min(this.#done, this.#of), this.#of))
        }
    }
}

/**
 * Applies the log of a recorded member to fresh instances of an application: the log of yesterday,
 * the state machine of tomorrow.
 *
 * 1. With `against`, compares the results and the states with those of the former application.
 * 2. Replays the log under other conditions, as a trial does: another time, other random numbers,
 *    a restore in the middle, and so on. All replays must be equal.
 * 3. Changes nothing in the journal. Timers, clocks and randomness are virtual meanwhile.
 *
 * @param source The folder of a journal, or a source as for `Replayer.from`.
 * @throws KibitzError `application-failed` with `finding`; `invalid-argument`, `aborted`,
 * `too-large`, `journal-damaged`, `journal-version`.
 */
export async function replayCheck<App extends Application<never>>(
    source: string | ReplaySource, application: (life: MemberLife) => App,
    options?: ReplayCheckOptions | null
): Promise<ReplayCheckResult> {
    const given = readOptions('replayCheck', options, OPTIONS)
    const { state = null, signal = null, sizeMax } = given
    const place = typeof source === 'string' ? { journal: source } : source
    const bytes = state === null ? null : Buffer.from(state as Uint8Array)
    const recorded = await readLog(place, bytes, signal, sizeMax)
    const make = application as unknown as (life: MemberLife) => Application
    return await exclusively('replayCheck', () => check(recorded, make, given))
}

async function check(
    recorded: RecordedLog, make: (life: MemberLife) => Application, given: ReplayCheckOptions
): Promise<ReplayCheckResult> {
    const { log, startsAfter } = recorded
    const against = given.against as ((life: MemberLife) => Application) | undefined
    const progress = new Progress(log.length * (REPLAYS + (against === undefined ? 0 : 2)), given)
    const worlds = new Worlds()
    const replayed = { ...recorded, worlds, onStep: () => progress.step() }
    const replays = new ReplayComparison(make, replayed)
    const redacted = log.filter(isRedacted).length
    try {
        const finding = await findUnusable(replays)
            ?? (against === undefined ? null : await compare(replays, against, replayed))
            ?? await findCause(replays)
        if (finding !== null) {
            throw failed(finding, redacted, log.length)
        }
    } finally {
        worlds.leave()
    }
    progress.end()
    const last = log[log.length - 1]
    return Object.freeze({
        entries: log.filter((step) => 'entry' in step).length,
        after: startsAfter,
        through: last === undefined ? startsAfter : promiseOf(last),
        states: replays.base.filter((one) => one.state !== null).length,
        redacted
    })
}

/** Whether a step has a hash in place of its value. */
function isRedacted(step: LogStep): boolean {
    const body: unknown = 'entry' in step ? step.entry.body : null
    return typeof body === 'object' && body !== null && 'redacted' in body && 'bytes' in body
        && Object.keys(body).length === 2
}

/** Finds an exception of the application. */
async function findUnusable(replays: ReplayComparison): Promise<TrialFinding | null> {
    try {
        await replays.runBase()
    } catch (cause) {
        if (cause instanceof KibitzError && cause.code === 'aborted') {
            throw cause
        }
        const text = cause instanceof Error ? cause.message : String(cause)
        return {
            kind: 'application-error', cause,
            message: `snapshot or restore of the application has failed: ${text}`
        }
    }
    const index = replays.base.findIndex(({ result }) => result.startsWith('an exception: '))
    return index === -1 ? null : {
        kind: 'application-error',
        message: `apply ends at ${replays.nameOf(index)} with ${replays.base[index]?.result}`
    }
}

/** Compares with the former application. */
async function compare(
    replays: ReplayComparison, against: (life: MemberLife) => Application,
    replayed: ReplayedLog
): Promise<TrialFinding | null> {
    const former = new ReplayComparison(against, replayed)
    const replica = await former.replica()
    const difference = await replays.compare(replica)
    await replica.end()
    return difference === null ? null : {
        kind: 'other-behaviour', message: 'The application behaves differently from the '
            + `application of the option against: ${replays.describe(difference)}, in this order. `
            + 'In one republic, members with these two applications diverge.'
    }
}

function failed(finding: TrialFinding, redacted: number, steps: number): KibitzError {
    const { kind, message, cause } = finding
    const limit = redacted === 0 ? '' : `\n${redacted} of ${steps} steps of the log have a hash in `
        + 'place of their value. apply has received the hash, so the fault may lie in the '
        + 'recording: pass the journal, or an application that accepts { redacted, bytes }.'
    const error = new KibitzError('application-failed', `The replay found a fault (${kind}). ${
        message}${limit}\nNothing was changed in the recording.`, { cause })
    return Object.assign(error, { finding })
}
