import { limitsOf, onAbort, type WaitOptions } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { Monotonic } from '../base/monotonic.js'
import { MemberLogger } from '../base/member-logger.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import type { Publication } from '../publisher/pending-publishes.js'
import { readsOf } from '../member/member-parts.js'
import type { Reading, ReadOptions } from '../member/reads.js'
import type { KeptState } from '../member/recover-options.js'
import type { Application, ApplicationEntry } from './application.js'
import type { GuardedMethod } from './application-calls.js'
import { messageOf } from './discovery.js'
import { PeriodicSnapshots } from './periodic-snapshots.js'
import { StateTransfer, type TransferParts } from './state-transfer.js'
import { Naturalization } from './naturalization.js'
import type { ColleagueSettings } from './options.js'
import { StateMachine } from './state-machine.js'
import { notStarted } from './stop-reasons.js'
import { ResultPublisher, untilSignal } from './result-publisher.js'
import type { SnapshotWatch } from './state-health.js'

/** The methods of a Kibitzer that a LogFollower calls. */
type FollowedKibitzer = Pick<
    Kibitzer,
    | 'entries' | 'id' | 'naturalize' | 'paxos' | 'snapshot' | 'status'
    | 'publish' | 'publishAll' | 'barrier' | 'waits'
>

/** The snapshot that the journal holds; `null` if the journal holds no snapshot. */
export type Recovering = Promise<KeptState | null>

/**
 * Applies the log to the application of this member.
 *
 * 1. The founder of a republic begins with the application's own state. A member that returns with
 *    a journal begins with the snapshot in the journal. Every other member begins with the state of
 *    another member, and naturalizes after that.
 * 2. The application never stops the member by being slow. If the application falls further behind
 *    than the history keeps entries for the application (rule 4 of `History`), the member takes
 *    over the state of a member that is ahead.
 */
export class LogFollower<Result> {
    readonly stateMachine: StateMachine<Result>
    stateTransfer: StateTransfer
    readonly periodicSnapshots: PeriodicSnapshots
    readonly naturalization: Naturalization
    readonly publisher: ResultPublisher<Result>
    /** Whether the Colleague has begun to listen. */
    hasBegun = false
    readonly #logger: MemberLogger
    readonly #kibitzer: FollowedKibitzer
    readonly #transferParts: TransferParts
    readonly #settings: ColleagueSettings
    readonly #closed = new AbortController()
    readonly #whenCurrent: Promise<void>
    #resolveCurrent: () => void = () => {}
    #isFollowing = false
    #isCurrent = false
    /** Whether the application has ever fallen so far behind that entries were dropped. */
    #hasMissedEntries = false
    /** After a state transfer: the entry from which on the journal can take a snapshot. */
    #snapshotFrom: Monotonic = '0/0'

    constructor(
        kibitzer: FollowedKibitzer,
        application: Application<unknown, Result>,
        transferParts: TransferParts,
        settings: ColleagueSettings,
        watch: SnapshotWatch
    ) {
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.#kibitzer = kibitzer
        this.#transferParts = transferParts
        this.#settings = settings
        this.stateTransfer = new StateTransfer(transferParts, settings)
        const onResult = (entry: ApplicationEntry, result: Result): void =>
            this.publisher.onResult(entry, result)
        this.stateMachine = new StateMachine(application, onResult, watch, settings.restoreTimeout)
        this.periodicSnapshots = new PeriodicSnapshots(kibitzer, this.stateMachine, settings)
        const { signal } = this.#closed
        this.naturalization = new Naturalization(kibitzer, this.periodicSnapshots, settings, signal)
        this.#whenCurrent = new Promise((resolve, reject) => {
            this.#resolveCurrent = () => {
                this.#isCurrent = true
                resolve()
            }
            onAbort(signal, () => reject(signal.reason))
        })
        this.#whenCurrent.catch(() => {})
        const check = (method: 'publish' | 'publishAll'): void => this.#rejectMistake(method)
        this.publisher = new ResultPublisher(
            kibitzer, settings, this.#whenCurrent, signal, check
        )
    }

    /**
     * Whether the application has ever had a state that follows the log. The value stays `true`
     * while the member takes over a newer state.
     */
    get wasCurrent(): boolean {
        return this.#isCurrent
    }

    /**
     * Resolves once the application has a state that follows the log. If `close` comes first,
     * rejects with the reason given to `close`.
     */
    get whenCurrent(): Promise<void> {
        return this.#whenCurrent
    }

    /**
     * Applies the log until the Kibitzer ends. A second call does nothing. Rejects with `stateless`
     * if no member provides a state, with `application-failed`, or with the reason for `close`.
     *
     * @param recovering Of a member that returns with a journal: resolves when the engine has read
     * the whole journal. `null` for every other member.
     */
    async follow(recovering: Recovering | null): Promise<void> {
        if (this.#isFollowing) {
            return
        }
        this.#isFollowing = true
        for (let state = recovering; ; state = null) {
            try {
                await this.#followLog(state)
                return
            } catch (error) {
                this.#onMissedEntries(error)
            }
        }
    }

    /** Reads the log to its end. The history keeps each entry until the entry is applied. */
    async #followLog(recovering: Recovering | null): Promise<void> {
        const log = this.#kibitzer.entries({ isApplication: true })
        // The history keeps entries for this reader from the first call of `next` on. So the call
        // comes before the journal delivers the first entry.
        const first = log.next()
        first.catch(() => {})
        try {
            await this.#restoreFromJournal(recovering)
            for (let next = await first; next.done !== true; next = await log.next()) {
                const applying = this.#apply(next.value)
                if (applying !== null) {
                    await applying
                }
            }
        } finally {
            log.return().catch(() => {})
        }
    }

    /** Restores the application from the snapshot in the journal. */
    async #restoreFromJournal(recovering: Recovering | null): Promise<void> {
        const snapshot = await recovering
        if (snapshot !== null) {
            const state = Object.assign(snapshot.state, { failure: null })
            await this.stateMachine.restore(snapshot.promise, state)
            this.naturalization.naturalize()
            this.#resolveCurrent()
        }
    }

    /**
     * If the application has missed entries, prepares to take over the state of another member, as
     * a newcomer does. After that, `stateless` is not final either: the member asks without limit.
     * Throws every other error again.
     */
    #onMissedEntries(error: unknown): void {
        const code = error instanceof KibitzError ? error.code : null
        const mayRetry = code === 'trimmed' || (code === 'stateless' && this.#hasMissedEntries)
        if (!mayRetry || this.#closed.signal.aborted) {
            throw error
        }
        const { applied } = this.stateMachine
        const { committed } = this.#kibitzer.paxos
        this.#logger.warn('missedEntries', { code, applied, committed })
        this.#hasMissedEntries = true
        this.stateMachine.markOutdated()
        // The member may be the leader.
        const source = this.#settings.source === 'leader' ? 'any' : this.#settings.source
        this.stateTransfer = new StateTransfer(this.#transferParts, { ...this.#settings, source })
    }

    #apply(entry: LogEntry): Promise<void> | null {
        return this.stateMachine.isCurrent && !this.naturalization.isSnapshotMissing
            ? this.stateMachine.apply(entry)
            : this.#applyAsNewcomer(entry)
    }

    async #applyAsNewcomer(entry: LogEntry): Promise<void> {
        if (!this.stateMachine.isCurrent) {
            await this.#initializeState(entry)
        }
        await this.stateMachine.apply(entry)
        const isReached = Monotonic.compare(entry.promise, this.#snapshotFrom) >= 0
        if (this.naturalization.isSnapshotMissing && isReached) {
            this.naturalization.storeSnapshot()
        }
    }

    /**
     * Gives the application its first state. Entry `1/0`, the first entry of a republic, is in the
     * log of the founder only: the log of every other member begins with a later entry.
     */
    async #initializeState({ promise }: LogEntry): Promise<void> {
        if (promise === '1/0' && !this.#hasMissedEntries) {
            this.stateMachine.startEmpty()
            this.naturalization.naturalize()
        } else {
            await this.stateTransfer.run(promise, this.stateMachine, this.#closed.signal)
            // A snapshot for the journal also contains the committed entries that the application
            // has not applied. So the snapshot waits for the entries of the transfer's time.
            const { applied } = this.stateMachine
            const { committed } = this.#kibitzer.paxos
            this.#snapshotFrom = Monotonic.compare(applied, committed) > 0 ? applied : committed
            this.publisher.skipThrough(applied)
            this.naturalization.requireSnapshot()
        }
        this.#resolveCurrent()
    }

    /**
     * Refuses a call before `start`. Refuses, and logs, a call from inside the application: the
     * call would never end.
     */
    #rejectMistake(method: GuardedMethod): void {
        if (!this.hasBegun && !this.#closed.signal.aborted) {
            throw notStarted(method)
        }
        try {
            this.stateMachine.rejectInside(method)
        } catch (error) {
            // The application may ignore the rejection.
            this.#logger.error('mistake', { message: messageOf(error) })
            throw error
        }
    }

    /** See `Colleague.barrier`. */
    async barrier(waiting: WaitOptions | null): Promise<Publication> {
        this.#rejectMistake('barrier')
        const { waits } = this.#kibitzer
        const { signal, timeout = this.#settings.publishTimeout } = limitsOf('barrier', waiting)
        return await new Promise((resolve, reject) => {
            const wait = waits.enter('barrier', timeout, reject)
            const leave = (): void => waits.leave(wait)
            this.passBarrier(signal).finally(leave).then(resolve, reject)
        })
    }

    /** Resolves once every entry that was committed at any member before the call is applied. */
    async passBarrier(signal: AbortSignal | undefined): Promise<Publication> {
        await untilSignal(this.#whenCurrent, signal, 'The barrier')
        try {
            const publication = await this.#kibitzer.barrier({ signal: signal ?? null })
            const applied = this.stateMachine.untilApplied(publication.promise)
            await untilSignal(applied, signal, 'The barrier')
            return publication
        } catch (error) {
            this.#closed.signal.throwIfAborted()
            throw error
        }
    }

    /** Resolves once the state of the application fulfils the conditions of a read. */
    async read(options: ReadOptions | null): Promise<Reading> {
        try {
            this.#rejectMistake('read')
            return await readsOf(this.#kibitzer).read(options, this.stateMachine)
        } catch (error) {
            this.#closed.signal.throwIfAborted()
            throw error
        }
    }

    /** Applies no further entry. All waiting calls reject with the reason. */
    close(reason: KibitzError): void {
        this.stateMachine.close(reason)
        this.publisher.close(reason)
        this.#closed.abort(reason)
    }
}
