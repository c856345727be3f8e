import { KibitzError } from '../base/errors.js'
import type { Journal } from '../journal/journal.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { callSafely, type Callback } from '../base/callbacks.js'
import { FLUSHES, type FlushMessage } from './channels.js'
import type { Played } from './inputs.js'
import { Fifo } from '../base/queues.js'
import { writePlayed } from './record-encoding.js'

/** An action that waits until the journal has flushed all inputs on which the action depends. */
interface Held {
    /** The number of the last such input in the journal. */
    readonly through: number
    readonly action: () => void
    /** Runs instead of `action` if the journal has failed. */
    readonly abandon: ((failure: KibitzError) => void) | undefined
}

/** The number of recorded inputs that may stay unflushed while no action waits for them. */
const LEFT_MAX = 64

/** The asynchronous services of a gate. Tests pass their own. */
export interface Flushing {
    /** Runs a function after the current turn. */
    afterTurn(run: () => void): void
    /**
     * Flushes, then reports the last flushed record or the error; never before the call returns.
     */
    flush(flushed: (through: number) => void, failed: (cause: unknown) => void): void
}

/** Flushes by the promises of the journal. */
function promisedFlushing(journal: Pick<Journal, 'flush'>): Flushing {
    return {
        afterTurn: (run) => queueMicrotask(run),
        flush: (flushed, failed) => {
            journal.flush().then(flushed).catch(failed)
        }
    }
}

function journalFailed(cause: unknown): KibitzError {
    if (cause instanceof KibitzError && cause.code === 'journal-failed') {
        return cause
    }
    return new KibitzError(
        'journal-failed',
        'The journal could not be written, so this member has stopped at once; the others go on. ' +
            'Whatever it had answered or delivered is in the journal. What it had not may be in ' +
            'the log all the same. Mend the disk (see cause), then start the process again.',
        { cause }
    )
}

/**
 * Holds the effects of inputs back until the inputs are on stable storage. Effects are answers,
 * calls, entries on `log` and settled promises.
 *
 * 1. Effects pass in the order in which they come. Deliveries of entries have an order of their
 *    own, because a delivery waits only for the record by which the entries were accepted.
 * 2. All inputs that are recorded during a flush go into the next flush. The next flush begins
 *    only when an effect waits or when more than 64 inputs are unflushed. A crash may lose inputs
 *    without effects: no other member and no caller has seen a trace of these inputs.
 * 3. After a failed flush, no effect passes, and no input is recorded or flushed again: the
 *    system may have dropped the unwritten pages, and a second flush would not report the loss.
 * 4. Without a journal the gate is always open, and an effect costs one check.
 */
export class FlushGate {
    /** Whether no effect waits and no input is unflushed. */
    isOpen = true
    /** The error of the journal; `null` while the journal works. */
    failure: KibitzError | null = null
    readonly #member: () => Named
    readonly #logger: MemberLogger
    readonly #journal: Pick<Journal, 'append'> | null
    readonly #flushing: Flushing | null
    readonly #onFailure: (failure: KibitzError) => void
    readonly #held = new Fifo<Held>()
    /** The held deliveries of entries. */
    readonly #heldEntries = new Fifo<Held>()
    /** The record on which the last of these depends. */
    #entriesThrough = 0
    #appended = 0
    #flushed = 0
    #isFlushing = false

    /**
     * @param onFailure Runs after the journal has failed, before the waiting effects are abandoned.
     * @param flushing @default flushes by the promises of the journal
     * @param member The member that the log line of a failure and `kibitz:flush` name.
     */
    constructor(
        journal: Pick<Journal, 'append' | 'flush'> | null = null,
        onFailure: (failure: KibitzError) => void = () => {},
        flushing: Flushing | null = journal === null ? null : promisedFlushing(journal),
        member: () => Named = () => ({ id: '', republic: null })
    ) {
        this.#member = member
        this.#logger = new MemberLogger('kibitz', member)
        this.#journal = journal
        this.#flushing = flushing
        this.#onFailure = onFailure
    }

    /** The number of the last recorded input; 0 before the first one. */
    get recorded(): number {
        return this.#appended
    }

    /**
     * Records an input before the input is applied.
     *
     * @returns Whether to apply the input; `false` if the journal has failed.
     */
    record(played: Played): boolean {
        const journal = this.#journal
        const flushing = this.#flushing
        if (journal === null || flushing === null) {
            return true
        }
        if (this.failure !== null) {
            return false
        }
        const bytes = writePlayed(played)
        try {
            this.#appended = journal.append(bytes)
        } catch (error) {
            this.#fail(error)
            return false
        }
        this.isOpen = false
        if (this.#appended - this.#flushed > LEFT_MAX) {
            this.#requestFlush()
        }
        return true
    }

    /**
     * Runs an action at once if the gate is open; otherwise when all inputs recorded so far are
     * flushed.
     *
     * @param abandon Runs instead of the action if the journal has failed.
     */
    pass(action: () => void, abandon?: (failure: KibitzError) => void): void {
        if (this.isOpen) {
            action()
        } else if (this.failure === null) {
            this.#held.push({ through: this.#appended, action, abandon })
            this.#requestFlush()
        } else {
            abandon?.(this.failure)
        }
    }

    /** Whether inputs are recorded. */
    get hasJournal(): boolean {
        return this.#journal !== null
    }

    /** Whether entries that depend on a record may be delivered at once. */
    mayDeliver(through: number): boolean {
        return this.isOpen || (this.failure === null && through <= this.#flushed &&
            this.#heldEntries.peek() === undefined)
    }

    /** Runs a delivery of entries when the record on which the entries depend is flushed. */
    passEntries(through: number, action: () => void): void {
        if (this.mayDeliver(through)) {
            action()
        } else if (this.failure === null) {
            const known = Math.min(through, this.#appended)
            this.#entriesThrough = Math.max(this.#entriesThrough, known)
            this.#heldEntries.push({ through: this.#entriesThrough, action, abandon: undefined })
            this.#requestFlush()
        }
    }

    /**
     * Wraps a callback: the wrapper calls back when the gate lets it, or with the error of the
     * journal.
     */
    gated<Result>(callback: Callback<Result>): Callback<Result> {
        return (error, result) => {
            this.pass(() => callback(error, result), callback)
        }
    }

    /**
     * Starts a flush, unless a flush is under way. The end of a flush starts the next one if
     * needed.
     */
    #requestFlush(): void {
        const flushing = this.#flushing
        if (flushing !== null && !this.#isFlushing) {
            this.#isFlushing = true
            // Inputs that follow in the same turn, such as a member's calls to itself, join this
            // flush.
            flushing.afterTurn(() => this.#flush(flushing))
        }
    }

    get #isHolding(): boolean {
        return this.#held.peek() !== undefined || this.#heldEntries.peek() !== undefined
    }

    /** Whether an effect waits for unflushed inputs, or more than 64 inputs are unflushed. */
    #isFlushNeeded(): boolean {
        const left = this.#appended - this.#flushed
        return left > LEFT_MAX || (left > 0 && this.#isHolding)
    }

    #flush(flushing: Flushing): void {
        if (this.failure !== null || !this.#isFlushNeeded()) {
            this.#isFlushing = false
            return
        }
        const recorded = this.#appended
        const report = this.#report()
        try {
            flushing.flush(
                (through) => {
                    report?.(through, null)
                    this.#onFlushed(flushing, recorded, through)
                },
                (cause) => {
                    report?.(this.#flushed, cause)
                    this.#fail(cause)
                }
            )
        } catch (error) {
            this.#fail(error)
        }
    }

    /** Measures a flush for `kibitz:flush`; `null` without a subscriber. */
    #report(): ((through: number, error: unknown) => void) | null {
        if (!FLUSHES.hasSubscribers) {
            return null
        }
        const before = this.#flushed
        const begun = performance.now()
        return (through, error) => {
            const { id, republic } = this.#member()
            FLUSHES.publish({
                member: id, republic, records: through - before,
                durationMs: performance.now() - begun, error
            } satisfies FlushMessage)
        }
    }

    #onFlushed(flushing: Flushing, recorded: number, through: number): void {
        this.#flushed = through
        if (through < recorded) {
            this.#fail(new Error(`only ${through} of ${recorded} records were flushed`))
            return
        }
        this.#releaseHeld(this.#heldEntries)
        this.#releaseHeld(this.#held)
        this.isOpen =
            this.failure === null && !this.#isHolding && this.#flushed === this.#appended
        this.#flush(flushing)
    }

    #releaseHeld(held: Fifo<Held>): void {
        for (;;) {
            const next = this.failure === null ? held.peek() : undefined
            if (next === undefined || next.through > this.#flushed) {
                break
            }
            held.shift()
            callSafely(next.action)
        }
    }

    #fail(cause: unknown): void {
        if (this.failure !== null) {
            return
        }
        const failure = journalFailed(cause)
        this.failure = failure
        this.isOpen = false
        this.#logger.error('journal', { code: failure.code, cause: String(failure.cause ?? cause) })
        this.#onFailure(failure)
        for (let held = this.#held.shift(); held !== undefined; held = this.#held.shift()) {
            const { abandon } = held
            if (abandon !== undefined) {
                callSafely(() => abandon(failure))
            }
        }
    }
}
