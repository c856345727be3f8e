import { KibitzError } from '../base/errors.js'
import type { Journal } from '../journal/journal.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { callSafely, type Callback } from '../base/callbacks.js'
import type { Played } from './inputs.js'
import { Fifo } from '../base/queues.js'
import { writePlayed } from './record-encoding.js'

/** What waits until the journal has flushed through the inputs that it follows from. */
interface Held {
    /** The last of these inputs, by its number in the journal. */
    readonly through: number
    readonly action: () => void
    /** What is done in its place where the journal has failed. */
    readonly abandon: ((failure: KibitzError) => void) | undefined
}

/** How many inputs may be recorded and not flushed while nothing waits for them. */
const LEFT_MAX = 64

/** How a gate waits for what it cannot do at once. */
export interface Flushing {
    /** Lets something happen when this turn is over. */
    soon(run: () => void): void
    /** Flushes, and tells through which record, or why not; never before it returns. */
    flush(flushed: (through: number) => void, failed: (cause: unknown) => void): void
}

/** As promises are waited for. */
function promised(journal: Pick<Journal, 'flush'>): Flushing {
    return {
        soon: (run) => queueMicrotask(run),
        flush: (flushed, failed) => {
            journal.flush().then(flushed).catch(failed)
        }
    }
}

function failed(cause: unknown): KibitzError {
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
 * Between what a member has taken in and what it lets the world know: nothing passes before the
 * inputs it follows from are on stable storage.
 *
 * 1. What passes, passes in the order in which it came.
 * 2. Whatever is recorded while a flush is under way goes into the next one, all of it into one;
 *    and that begins only once something waits for it, or much has gathered. An input of which
 *    nothing follows yet may be lost: nobody has seen anything of it.
 * 3. Once a flush has failed nothing passes, and nothing is recorded or flushed again: the system
 *    may have forgotten what it could not write, and a second flush would not tell.
 * 4. Without a journal it stands open, and costs a look.
 */
export class FlushGate {
    /** Whether nothing is held and nothing is unflushed. */
    isOpen = true
    /** Why nothing passes any more; `null` while all is well. */
    failure: KibitzError | null = null
    readonly #logger: MemberLogger
    readonly #journal: Pick<Journal, 'append'> | null
    readonly #flushing: Flushing | null
    readonly #onFailure: (failure: KibitzError) => void
    readonly #held = new Fifo<Held>()
    #appended = 0
    #flushed = 0
    #isFlushing = false

    /**
     * @param onFailure Called once the journal has failed, before what is held is given up.
     * @param flushing @default by the promises of the journal
     * @param member The member whose gate it is, for the log line of a failure.
     */
    constructor(
        journal: Pick<Journal, 'append' | 'flush'> | null = null,
        onFailure: (failure: KibitzError) => void = () => {},
        flushing: Flushing | null = journal === null ? null : promised(journal),
        member: () => Named = () => ({ id: '', republic: null })
    ) {
        this.#logger = new MemberLogger('kibitz', member)
        this.#journal = journal
        this.#flushing = flushing
        this.#onFailure = onFailure
    }

    /** The number of the last input that was recorded here; 0 where there was none. */
    get recorded(): number {
        return this.#appended
    }

    /**
     * Writes an input down, before it is applied.
     *
     * @returns Whether it may be applied: not where the journal has failed.
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
            this.#wake()
        }
        return true
    }

    /**
     * Does something at once where nothing is held or unflushed, or else in its turn, when all that
     * was recorded before is flushed.
     *
     * @param abandon Done in its place where the journal has failed.
     */
    pass(action: () => void, abandon?: (failure: KibitzError) => void): void {
        if (this.isOpen) {
            action()
        } else if (this.failure === null) {
            this.#held.push({ through: this.#appended, action, abandon })
            this.#wake()
        } else {
            abandon?.(this.failure)
        }
    }

    /** A callback that is called when it may be; with the failure where the journal has failed. */
    held<Result>(callback: Callback<Result>): Callback<Result> {
        return (error, result) => {
            this.pass(() => callback(error, result), callback)
        }
    }

    /** Sees to it that a flush begins, unless one is under way: the next one follows on that. */
    #wake(): void {
        const flushing = this.#flushing
        if (flushing !== null && !this.#isFlushing) {
            this.#isFlushing = true
            // Whatever else is played in this turn, such as what a member sends itself, goes along.
            flushing.soon(() => this.#flush(flushing))
        }
    }

    /** Whether somebody waits for what is not flushed, or it has become much. */
    #isWanted(): boolean {
        const left = this.#appended - this.#flushed
        return left > LEFT_MAX || (left > 0 && this.#held.peek() !== undefined)
    }

    #flush(flushing: Flushing): void {
        if (this.failure !== null || !this.#isWanted()) {
            this.#isFlushing = false
            return
        }
        const recorded = this.#appended
        try {
            flushing.flush(
                (through) => this.#onFlushed(flushing, recorded, through),
                (cause) => this.#fail(cause)
            )
        } catch (error) {
            this.#fail(error)
        }
    }

    #onFlushed(flushing: Flushing, recorded: number, through: number): void {
        this.#flushed = through
        if (through < recorded) {
            this.#fail(new Error(`only ${through} of ${recorded} records were flushed`))
            return
        }
        this.#letOut()
        this.#flush(flushing)
    }

    #letOut(): void {
        for (;;) {
            const next = this.failure === null ? this.#held.peek() : undefined
            if (next === undefined || next.through > this.#flushed) {
                break
            }
            this.#held.shift()
            callSafely(next.action)
        }
        this.isOpen =
            this.failure === null &&
            this.#held.peek() === undefined &&
            this.#flushed === this.#appended
    }

    #fail(cause: unknown): void {
        if (this.failure !== null) {
            return
        }
        const failure = failed(cause)
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
