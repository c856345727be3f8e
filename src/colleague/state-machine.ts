import { KibitzError } from '../base/errors.js'
import { type Monotonic as Promised, Monotonic } from '../base/monotonic.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import type { Application, ApplicationEntry } from './application.js'
import { readPieces } from './chunks.js'
import { AppliedPosition } from './applied-position.js'
import { restoreFrom, type ChunkSource } from './restoring.js'
import type { SnapshotPurpose, SnapshotWatch } from './state-health.js'

/** Reads a state as of an entry of the log, which is the last entry that was applied to it. */
export type StateReader<T> = (promise: Promised, pieces: AsyncIterable<Buffer>) => Promise<T>

function applicationFailed(what: string, promise: Promised, cause: unknown): KibitzError {
    return new KibitzError(
        'application-failed',
        `The application threw in ${what} (${promise}). Its state here is of no use any more, so ` +
            'this member has stopped; the log has lost nothing. Mend the cause, and start over.',
        { cause }
    )
}

/** Whether the application returned a promise. A property `then` that is no function is data. */
function isPending(value: unknown): value is PromiseLike<unknown> {
    const isHolder = (typeof value === 'object' && value !== null) || typeof value === 'function'
    try {
        return isHolder && typeof Reflect.get(value, 'then') === 'function'
    } catch {
        return false
    }
}

/**
 * A state machine that mirrors the log.
 *
 * 1. Every entry behind the state that it began with is applied once, in order, one at a time.
 * 2. A state is taken, and taken over, between two entries and never during one.
 * 3. Once the application has thrown, nothing is applied any more.
 */
export class StateMachine<Result = unknown> {
    readonly #application: Application<Result>
    readonly #appliedPosition = new AppliedPosition()
    readonly #onResult: (entry: ApplicationEntry, result: Result) => void
    readonly #watch: SnapshotWatch
    readonly #restoreTimeout: number
    #isCurrent = false
    #failure: KibitzError | null = null
    /** The call of the application that was begun last: the next call waits for its end. */
    #lastCall: Promise<void> = Promise.resolve()
    /** How much was begun and is not over. */
    #callsUnderWay = 0

    /**
     * @param onResult Is told what the application said to an entry.
     * @param restoreTimeout How long `restore` may make no progress, in milliseconds.
     */
    constructor(
        application: Application<Result>,
        onResult: (entry: ApplicationEntry, result: Result) => void,
        watch: SnapshotWatch,
        restoreTimeout: number
    ) {
        this.#application = application
        this.#onResult = onResult
        this.#watch = watch
        this.#restoreTimeout = restoreTimeout
    }

    /** Whether it has a state that follows the log. */
    get isCurrent(): boolean {
        return this.#isCurrent
    }

    /** Whether there will be no state any more. */
    get hasFailed(): boolean {
        return this.#failure !== null
    }

    /** The last entry of the log that is in the state. */
    get applied(): Promised {
        return this.#appliedPosition.position
    }

    /** The log begins here: there is no state but the one that the application begins with. */
    startEmpty(): void {
        this.#isCurrent = true
    }

    /** Entries are missing behind the state: it follows the log no more. */
    markOutdated(): void {
        this.#isCurrent = false
    }

    /** Resolves once an entry is applied. Rejects with what has ended the replica. */
    untilApplied(promise: Promised): Promise<void> {
        return this.#appliedPosition.wait(promise)
    }

    /**
     * Applies the next entry of the log; one that is in the state already is passed over.
     *
     * @returns What to wait for before the next; `null` where there is nothing to wait for.
     */
    apply(entry: LogEntry): Promise<void> | null {
        if (this.#callsUnderWay !== 0 || this.#failure !== null) {
            return this.#inTurn(() => this.#startApplying(entry) ?? Promise.resolve())
        }
        // Mostly nothing else is under way, and an application takes no time: then nobody waits.
        const applying = this.#startApplying(entry)
        return applying === null ? null : this.#trackCall(applying)
    }

    /** Waits for a call that has begun, whether the replica is closed meanwhile or not. */
    #trackCall(applying: Promise<void>): Promise<void> {
        const over = (): void => {
            this.#callsUnderWay--
        }
        this.#callsUnderWay++
        this.#lastCall = applying.then(over, over)
        return applying
    }

    /** Applies an entry; yields what to wait for, or `null`. */
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
            return application.governed?.(entry.government, entry.body)
        }
        const { id, immigrated, body } = entry.body
        if (body === null) {
            return null
        }
        const { promise } = entry
        const applicable = Object.freeze({ promise, publisher: id, immigrated, body })
        const result = application.apply(applicable)
        if (isPending(result)) {
            const settling = Promise.resolve(result)
            return settling.then((settled) => this.#onResult(applicable, settled as Result))
        }
        this.#onResult(applicable, result as Result)
        return null
    }

    /**
     * Takes over a state. Rejects with `application-failed`, or with why the source broke off: then
     * the state is nothing until another one is taken over.
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
     * Hands the state as it stands between two entries to a reader; the next entry is applied when
     * the reader is done. Rejects with `UnreadState` if the application fails, or with what the
     * reader throws: the state is none the worse for it.
     */
    snapshot<T>(purpose: SnapshotPurpose, read: StateReader<T>): Promise<T> {
        return this.#inTurn(() =>
            this.#watch.watch(purpose, (terms) =>
                read(this.applied, readPieces(() => this.#application.snapshot(), terms))
            )
        )
    }

    /** Resolves when nothing of the application is under way any more. Never rejects. */
    async idle(): Promise<void> {
        while (this.#callsUnderWay !== 0) {
            await this.#lastCall
        }
    }

    /** Applies nothing any more. */
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
