import type { KibitzError } from '../base/errors.js'
import type { Journal } from '../journal/journal.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { callSafely, type Callback } from '../base/callbacks.js'
import type { Played } from './inputs.js'
import {
    type DiskListener, type Flushing, flushReported, journalFailed, promisedFlushing
} from './flushing.js'
import { HeldEffects } from './held-effects.js'
import { QuietInputs } from './quiet-inputs.js'
import { textOf, writePlayed } from './record-encoding.js'
import { UNRECORDED_MS } from '../paxos/replication/age.js'

/** The number of recorded inputs that may stay unflushed while no action waits for them. */
const LEFT_MAX = 64

/**
 * Holds the effects of inputs back until the inputs are on stable storage. Effects are answers,
 * calls, entries on `log` and settled promises.
 *
 * 1. Effects pass in the order in which they come. Deliveries of entries and early calls have
 *    orders of their own: a delivery waits only for the record by which the entries were accepted,
 *    and a call for the record that `sending-rules.ts` names.
 *    No effect waits for a *quiet* input: an input that changed no claim of the member.
 * 2. All inputs that are recorded during a flush go into the next flush. The next flush begins
 *    only when an effect waits or when more than 64 inputs are unflushed. A crash may lose inputs
 *    without effects: no other member and no caller has seen a trace of these inputs.
 *    Quiet inputs are written together, before the next other input or after half a minute. If a
 *    quiet input comes more than a minute after the last flushed input, effects wait for it.
 * 3. After a failed flush, no effect passes, and no input is recorded or flushed again: the
 *    system may have dropped the unwritten pages, and a second flush would not report the loss.
 * 4. Without a journal the gate is always open, and an effect costs one check.
 */
export class FlushGate {
    /** Whether no effect waits, and every input that is not quiet is flushed. */
    isOpen = true
    /** Whether the inputs come from the journal: no effect of these inputs leaves the member. */
    isRecovering = false
    /** The error of the journal; `null` while the journal works. */
    failure: KibitzError | null = null
    readonly #member: () => Named
    readonly #logger: MemberLogger
    readonly #journal: Pick<Journal, 'append'> | null
    readonly #flushing: Flushing | null
    readonly #onFailure: (failure: KibitzError) => void
    readonly #held = new HeldEffects()
    readonly #heldEntries = new HeldEffects()
    readonly #heldCalls = new HeldEffects()
    /** The member as a leader that waits for its disk; `null` without such a member. */
    disk: DiskListener | null = null
    /** The quiet inputs that no record holds yet. */
    readonly quiet: QuietInputs
    #appended = 0
    /** The last record with an input that is not quiet: effects wait for this record. */
    #required = 0
    #flushed = 0
    /** The instant of the last appended input, and of the last flushed input. */
    #appendedAt: number = Number.NEGATIVE_INFINITY
    #flushedAt: number = Number.NEGATIVE_INFINITY
    #isFlushing = false
    /** Whether a flush is due although no effect waits. */
    #isFlushDue = false

    /**
     * @param onFailure Runs after the journal has failed, before the waiting effects are abandoned.
     * @param flushing @default flushes by the promises of the journal
     * @param member The member that the log line of a failure and `kibitz:flush` name.
     */
    constructor(
        journal: Pick<Journal, 'append' | 'flush'> | null = null,
        onFailure: (failure: KibitzError) => void = () => {},
        flushing: Flushing | null = journal === null ? null : promisedFlushing(journal),
        member: () => Named = () => ({ id: '', republic: null }),
        quiet: QuietInputs = new QuietInputs()
    ) {
        this.#member = member
        this.#logger = new MemberLogger('kibitz', member)
        this.#journal = journal
        this.#flushing = flushing
        this.#onFailure = onFailure
        this.quiet = quiet
    }

    /** The number of the last recorded input; 0 before the first one. */
    get recorded(): number {
        return this.#appended
    }

    /**
     * Records an input before the input is applied, or an input that has changed a claim.
     *
     * @param isAwaited Whether effects wait for the record. @default true
     * @returns Whether to apply the input; `false` if the journal has failed.
     */
    record(played: Played, isAwaited: boolean = true): boolean {
        const flushing = this.#flushing
        if (flushing === null) {
            return true
        }
        this.recordQuiet()
        if (this.#append(played.when, writePlayed(played))) {
            if (isAwaited) {
                this.#required = this.#appended
                this.isOpen = false
            }
            if (this.#appended - this.#flushed > LEFT_MAX) {
                this.#requestFlush()
            }
        }
        return this.failure === null
    }

    /** Takes a quiet input that was applied; see invariant 2. */
    keepQuiet(played: Played): void {
        const { when } = played
        if (when - this.#flushedAt > UNRECORDED_MS) {
            this.record(played)
        } else if (this.failure === null && this.quiet.add(when, textOf(played))) {
            this.recordQuiet()
            this.#isFlushDue = true
            this.#requestFlush()
        }
    }

    /** Records the quiet inputs that no record holds yet, without a flush. */
    recordQuiet(): void {
        const { lastAt } = this.quiet
        const records = this.failure === null ? this.quiet.takeRecords() : []
        for (const record of records) {
            this.#append(lastAt, record)
        }
    }

    /** Records the quiet inputs at the end of the member: the end waits for their flush. */
    recordLast(): void {
        this.recordQuiet()
        this.#required = this.#appended
        this.isOpen = this.isOpen && this.#required === this.#flushed
    }

    #append(when: number, record: Uint8Array): boolean {
        if (this.failure !== null) {
            return false
        }
        try {
            this.#appended = this.#journal?.append(record) ?? 0
            this.#appendedAt = when
        } catch (error) {
            this.#fail(error)
        }
        return this.failure === null
    }

    /**
     * Runs an action at once if the gate is open; otherwise when all inputs so far are flushed,
     * without the quiet inputs behind the last other input.
     *
     * @param abandon Runs instead of the action if the journal has failed.
     */
    pass(action: () => void, abandon?: (failure: KibitzError) => void): void {
        if (this.isOpen) {
            action()
        } else if (this.failure === null) {
            this.#held.hold(this.#required, action, abandon)
            this.#requestFlush()
        } else {
            abandon?.(this.failure)
        }
    }

    /** Makes a call when a record is flushed. After a failure of the journal, no call leaves. */
    passCall(through: number, call: () => void): void {
        if (this.isOpen || (this.failure === null && through <= this.#flushed)) {
            call()
        } else if (this.failure === null) {
            this.#heldCalls.hold(Math.min(through, this.#appended), call)
            this.#requestFlush()
        }
    }

    /** Starts a flush after an input, if the leader waits for its disk. */
    onInput(): void {
        if (this.failure === null && !this.#isFlushing && this.#isFlushNeeded()) {
            this.#requestFlush()
        }
    }

    /** Whether the member has a journal. */
    get hasJournal(): boolean {
        return this.#journal !== null
    }

    /** Whether entries that depend on a record may be delivered at once. */
    mayDeliver(through: number): boolean {
        return this.isOpen || (this.failure === null && through <= this.#flushed &&
            !this.#heldEntries.isHolding)
    }

    /** Runs a delivery of entries when the record on which the entries depend is flushed. */
    passEntries(through: number, action: () => void): void {
        if (this.mayDeliver(through)) {
            action()
        } else if (this.failure === null) {
            this.#heldEntries.hold(Math.min(through, this.#appended), action)
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
        return this.#held.isHolding || this.#heldEntries.isHolding || this.#heldCalls.isHolding
    }

    /** Whether an effect waits for unflushed inputs, or unflushed inputs have to be flushed. */
    #isFlushNeeded(): boolean {
        const left = this.#appended - this.#flushed
        return left > LEFT_MAX || (left > 0 &&
            (this.#isHolding || this.#isFlushDue || this.disk?.isAwaited() === true))
    }

    #flush(flushing: Flushing): void {
        if (this.failure !== null || !this.#isFlushNeeded()) {
            this.#isFlushing = false
            return
        }
        const recorded = this.#appended
        const recordedAt = this.#appendedAt
        this.#isFlushDue = false
        const answer = this.disk?.ask() ?? null
        try {
            flushReported(
                flushing, this.#member, this.#flushed,
                (through) => this.#onFlushed(flushing, recorded, recordedAt, through, answer),
                (cause) => this.#fail(cause)
            )
        } catch (error) {
            this.#fail(error)
        }
    }

    #onFlushed(
        flushing: Flushing, recorded: number, recordedAt: number, through: number,
        answer: (() => void) | null
    ): void {
        this.#flushed = through
        this.#flushedAt = recordedAt
        if (through < recorded) {
            this.#fail(new Error(`only ${through} of ${recorded} records were flushed`))
            return
        }
        const release = (held: HeldEffects): void =>
            held.release(this.#flushed, () => this.failure === null)
        release(this.#heldEntries)
        release(this.#heldCalls)
        if (answer !== null) {
            callSafely(answer)
        }
        release(this.#held)
        this.isOpen =
            this.failure === null && !this.#isHolding && this.#required <= this.#flushed
        this.#flush(flushing)
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
        this.#held.abandonAll(failure)
    }
}
