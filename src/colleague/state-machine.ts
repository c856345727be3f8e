import { KibitzError } from '../base/errors.js'
import { type Monotonic as Promised, Monotonic } from '../base/monotonic.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import type { Application, ApplicationEntry } from './application.js'
import { ApplicationCalls, type GuardedMethod, isPending } from './application-calls.js'
import { readPieces } from './chunks.js'
import { AppliedPosition } from './applied-position.js'
import { restoreFrom, type ChunkSource } from './restoring.js'
import type { SnapshotPurpose, SnapshotWatch } from './state-health.js'

/** Reads the pieces of a state. `promise` is the last entry that the state contains. */
export type StateReader<T> = (promise: Promised, pieces: AsyncIterable<Buffer>) => Promise<T>

function applicationFailed(what: string, promise: Promised, cause: unknown): KibitzError {
    return new KibitzError(
        'application-failed',
        `The application threw in ${what} (${promise}). Its state may be incomplete, so this ` +
            'member has stopped; the log has lost no entry. Correct the cause and restart the ' +
            'member.',
        { cause }
    )
}

/**
 * Calls the application, one call at a time.
 *
 * 1. The application receives every entry after its first state once, in order.
 * 2. `snapshot` and `restore` run between two entries, never during an entry.
 * 3. After the application has thrown in `apply`, `governed` or `restore`, it receives no entry.
 */
export class StateMachine<Result = unknown> {
    readonly #application: Application<unknown, Result>
    readonly #appliedPosition = new AppliedPosition()
    readonly #calls: ApplicationCalls
    readonly #onResult: (entry: ApplicationEntry, result: Result) => void
    readonly #watch: SnapshotWatch
    readonly #restoreTimeout: number
    #isCurrent = false
    #failure: KibitzError | null = null
    /** The end of the last call. The next call waits for this promise. */
    #lastCall: Promise<void> = Promise.resolve()
    /** Number of calls that have begun or wait, and have not ended. */
    #callsUnderWay = 0

    /**
     * @param onResult Called with the result of each applied entry.
     * @param restoreTimeout The longest time without progress of `restore`, in milliseconds.
     */
    constructor(
        application: Application<unknown, Result>,
        onResult: (entry: ApplicationEntry, result: Result) => void,
        watch: SnapshotWatch,
        restoreTimeout: number
    ) {
        this.#application = application
        this.#calls = new ApplicationCalls(application)
        this.#onResult = onResult
        this.#watch = watch
        this.#restoreTimeout = restoreTimeout
    }

    /** Whether the application has a state that follows the log. */
    get isCurrent(): boolean {
        return this.#isCurrent
    }

    /** Whether the state machine is closed, for example after a failure of the application. */
    get hasFailed(): boolean {
        return this.#failure !== null
    }

    /** The last entry that the state contains. */
    get applied(): Promised {
        return this.#appliedPosition.position
    }

    /** The last entry in the state; `null` while there is no state, or no complete state. */
    get position(): Promised | null {
        return this.#isCurrent ? this.applied : null
    }

    /** Calls a function after each applied entry and each restored state. */
    onAdvance(listener: () => void): void {
        this.#appliedPosition.onAdvance = listener
    }

    /** Starts with the application's own first state, at the begin of the log. */
    startEmpty(): void {
        this.#isCurrent = true
    }

    /** Called if entries after the state are lost: the state no longer follows the log. */
    markOutdated(): void {
        this.#isCurrent = false
    }

    /**
     * Refuses a call of the Colleague from inside a call of the application.
     *
     * @throws KibitzError `invalid-argument`.
     */
    rejectInside(method: GuardedMethod): void {
        this.#calls.rejectInside(method)
    }

    /** Resolves once an entry is applied. Rejects with the reason for `close`. */
    untilApplied(promise: Promised): Promise<void> {
        return this.#appliedPosition.wait(promise)
    }

    /**
     * Applies the next entry of the log. Skips an entry that the state already contains.
     *
     * @returns A promise to await before the next entry; `null` if the entry is already applied.
     */
    apply(entry: LogEntry): Promise<void> | null {
        if (this.#callsUnderWay !== 0 || this.#failure !== null) {
            return this.#inTurn(() => this.#startApplying(entry) ?? Promise.resolve())
        }
        // The common case: no call is under way and `apply` returns at once, without a promise.
        const applying = this.#startApplying(entry)
        return applying === null ? null : this.#trackCall(applying)
    }

    /** Counts a call that has begun until it ends, also if `close` comes first. */
    #trackCall(applying: Promise<void>): Promise<void> {
        const over = (): void => {
            this.#callsUnderWay--
        }
        this.#callsUnderWay++
        this.#lastCall = applying.then(over, over)
        return applying
    }

    /** Begins to apply an entry. Returns a promise if the application has not finished. */
    #startApplying(entry: LogEntry): Promise<void> | null {
        if (Monotonic.compare(entry.promise, this.applied) <= 0) {
            return null
        }
        const threw = (error: unknown): never => {
            throw this.#fail(applicationFailed('apply', entry.promise, error))
        }
        let applying: unknown = null
        try {
            applying = this.#callApplication(entry)
        } catch (error) {
            threw(error)
        }
        if (isPending(applying)) {
            return Promise.resolve(applying).then(
                () => this.#appliedPosition.advance(entry.promise), threw
            )
        }
        this.#appliedPosition.advance(entry.promise)
        return null
    }

    #callApplication(entry: LogEntry): unknown {
        const application = this.#application
        if (entry.method === 'government') {
            return this.#calls.run(() => application.governed?.(entry.government, entry.body))
        }
        const { id, immigrated, body } = entry.body
        if (body === null) {
            return null
        }
        const { promise } = entry
        const applicable = Object.freeze({ promise, publisher: id, immigrated, body })
        const result = this.#calls.run(() => application.apply(applicable))
        if (isPending(result)) {
            return result.then((settled) => this.#onResult(applicable, settled as Result))
        }
        this.#onResult(applicable, result as Result)
        return null
    }

    /**
     * Replaces the state by the chunks of a source. Rejects with `application-failed`, or with the
     * failure of the source. After a failure of the source the application has no usable state
     * until the next successful `restore`.
     */
    restore(promise: Promised, source: ChunkSource): Promise<void> {
        return this.#inTurn(async () => {
            this.#isCurrent = false
            try {
                await restoreFrom(this.#application, source, this.#restoreTimeout)
            } catch (error) {
                throw source.failure ?? this.#fail(applicationFailed('restore', promise, error))
            }
            if (source.failure !== null) {
                throw source.failure
            }
            if (this.#failure !== null) {
                throw this.#failure
            }
            this.#isCurrent = true
            this.#appliedPosition.advance(promise)
        })
    }

    /**
     * Gives the state between two entries to a reader. The next entry waits for the reader. Rejects
     * with `UnreadState` if the application fails, or with the error of the reader. A failure
     * leaves the state unchanged.
     */
    snapshot<T>(purpose: SnapshotPurpose, read: StateReader<T>): Promise<T> {
        return this.#inTurn(() =>
            this.#watch.watch(purpose, (terms) =>
                read(this.applied, readPieces(() => this.#application.snapshot(), terms))
            )
        )
    }

    /** Resolves after the last call of the application has ended. Never rejects. */
    async idle(): Promise<void> {
        while (this.#callsUnderWay !== 0) {
            await this.#lastCall
        }
    }

    /** Applies no further entry. Waiting calls reject with the reason. */
    close(reason: KibitzError): void {
        this.#failure ??= reason
        this.#isCurrent = false
        this.#watch.close()
        this.#appliedPosition.close(this.#failure)
    }

    #fail(error: KibitzError): KibitzError {
        this.close(error)
        return error
    }

    #inTurn<T>(work: () => Promise<T>): Promise<T> {
        this.#callsUnderWay++
        const done = this.#lastCall.then(() => {
            if (this.#failure !== null) {
                throw this.#failure
            }
            return work()
        })
        const over = (): void => {
            this.#callsUnderWay--
        }
        this.#lastCall = done.then(over, over)
        return done
    }
}
