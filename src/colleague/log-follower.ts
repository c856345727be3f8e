import { signalOf, untilAborted, type WaitOptions } from '../member/log-iterator.js'
import { KibitzError } from '../base/errors.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { Monotonic } from '../base/monotonic.js'
import { MemberLogger } from '../base/member-logger.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { admitEntries, admitEntry } from '../member/options.js'
import { endOfWait, type Publication } from '../publisher/pending-publishes.js'
import { onAbort } from '../base/abort-signal.js'
import type { KeptState } from '../member/member-journal.js'
import type { Application, ApplicationEntry } from './application.js'
import { PeriodicSnapshots } from './periodic-snapshots.js'
import { StateTransfer, type TransferParts } from './state-transfer.js'
import { Naturalization } from './naturalization.js'
import type { ColleagueSettings } from './options.js'
import { StateMachine } from './state-machine.js'
import { Results } from './results.js'
import type { SnapshotWatch } from './state-health.js'

/** An entry that is in the log, and what the application at this member said to it. */
export interface Applied<Result> extends Publication {
    readonly result: Result
}

/** What the mirror needs of a Kibitzer. */
type Log = Pick<Kibitzer, 'entries' | 'id' | 'naturalize' | 'paxos' | 'snapshot' | 'status'> &
    Pick<Kibitzer, 'publish' | 'publishAll' | 'barrier'>

/** What a member has come back with from its journal; `null` where it has none, or nothing. */
export type Recovering = Promise<KeptState | null>

/** Follows the log with an application, from the state that it begins with to the end. */
export class LogFollower<Result> {
    readonly stateMachine: StateMachine<Result>
    handover: StateTransfer
    readonly periodicSnapshots: PeriodicSnapshots
    readonly naturalization: Naturalization
    readonly #logger: MemberLogger
    readonly #kibitzer: Log
    readonly #means: TransferParts
    readonly #settings: ColleagueSettings
    readonly #results = new Results<Result>()
    readonly #closed = new AbortController()
    readonly #current: Promise<void>
    readonly #publishSize: number
    #becomeCurrent: () => void = () => {}
    #isFollowing = false
    #isCurrent = false
    /** The application has once fallen so far behind that it missed entries. */
    #hasLapsed = false
    /** The journal is given a state that was taken over when the application has come so far. */
    #owedFrom: Monotonic = '0/0'

    constructor(
        kibitzer: Log,
        application: Application<Result>,
        means: TransferParts,
        settings: ColleagueSettings,
        watch: SnapshotWatch
    ) {
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.#kibitzer = kibitzer
        this.#publishSize = settings.options.publishSize ?? WIRE_LIMITS.bodyBytesMax
        this.#means = means
        this.#settings = settings
        this.handover = new StateTransfer(means, settings)
        const note = ({ promise, publisher, immigrated }: ApplicationEntry, result: Result) => {
            const { id, immigrated: own } = kibitzer.paxos
            if (publisher === id && immigrated === own) {
                this.#results.put(promise, result)
            }
        }
        this.stateMachine = new StateMachine(application, note, watch, settings.restoreTimeout)
        this.periodicSnapshots = new PeriodicSnapshots(kibitzer, this.stateMachine, settings)
        const { signal } = this.#closed
        this.naturalization = new Naturalization(kibitzer, this.periodicSnapshots, settings, signal)
        this.#current = new Promise((resolve, reject) => {
            this.#becomeCurrent = () => {
                this.#isCurrent = true
                resolve()
            }
            this.#closed.signal.addEventListener('abort', () => reject(this.#closed.signal.reason))
        })
        this.#current.catch(() => {})
    }

    /** Whether there was a state that followed the log; it may be taken over anew since. */
    get wasCurrent(): boolean {
        return this.#isCurrent
    }

    /** Resolves once there is a state that follows the log. Rejects with what has ended it. */
    get current(): Promise<void> {
        return this.#current
    }

    /**
     * Follows the log to its end; once. Rejects with `stateless`, `application-failed`, or with
     * what has closed it.
     *
     * The application never stops the member by being slow: if it falls further behind than entries
     * are kept for it (rule 4 of `History`), it takes over the state of a member that is ahead.
     *
     * @param recovering Where this member comes back: settled when all of its journal is in.
     */
    async follow(recovering: Recovering | null): Promise<void> {
        if (this.#isFollowing) {
            return
        }
        this.#isFollowing = true
        for (let state = recovering; ; state = null) {
            try {
                await this.#read(state)
                return
            } catch (error) {
                this.#lapse(error)
            }
        }
    }

    /** Reads the log to its end. Entries are kept until the application has applied them. */
    async #read(recovering: Recovering | null): Promise<void> {
        const log = this.#kibitzer.entries({ isApplication: true })
        // Entries are kept for it from when it is first asked: before anything comes.
        const first = log.next()
        first.catch(() => {})
        try {
            await this.#recall(recovering)
            for (let next = await first; next.done !== true; next = await log.next()) {
                const taking = this.#take(next.value)
                if (taking !== null) {
                    await taking
                }
            }
        } finally {
            log.return().catch(() => {})
        }
    }

    /** Takes over the state that the journal has kept. */
    async #recall(recovering: Recovering | null): Promise<void> {
        const kept = await recovering
        if (kept !== null) {
            const state = Object.assign(kept.state, { failure: null })
            await this.stateMachine.restore(kept.promise, state)
            this.naturalization.declare()
            this.#becomeCurrent()
        }
    }

    /**
     * The application has missed entries, so its state follows the log no more. The state of
     * another member does: the application takes that over, as a newcomer does, however often it
     * must ask.
     */
    #lapse(error: unknown): void {
        const code = error instanceof KibitzError ? error.code : null
        const isLapse = code === 'trimmed' || (code === 'stateless' && this.#hasLapsed)
        if (!isLapse || this.#closed.signal.aborted) {
            throw error
        }
        const { applied } = this.stateMachine
        this.#logger.warn('lapse', { code, applied, committed: this.#kibitzer.paxos.committed })
        this.#hasLapsed = true
        this.stateMachine.lapse()
        // The member itself may lead.
        const source = this.#settings.source === 'leader' ? 'any' : this.#settings.source
        this.handover = new StateTransfer(this.#means, { ...this.#settings, source })
    }

    #take(entry: LogEntry): Promise<void> | null {
        return this.stateMachine.isCurrent && !this.naturalization.isOwed
            ? this.stateMachine.take(entry)
            : this.#takeAsNewcomer(entry)
    }

    async #takeAsNewcomer(entry: LogEntry): Promise<void> {
        if (!this.stateMachine.isCurrent) {
            await this.#begin(entry)
        }
        await this.stateMachine.take(entry)
        const isReached = Monotonic.compare(entry.promise, this.#owedFrom) >= 0
        if (this.naturalization.isOwed && isReached) {
            this.naturalization.pay()
        }
    }

    /** Only its founder sees the first entry of a republic; whoever else comes begins later. */
    async #begin({ promise }: LogEntry): Promise<void> {
        if (promise === '1/0' && !this.#hasLapsed) {
            this.stateMachine.found()
            this.naturalization.declare()
        } else {
            await this.handover.run(promise, this.stateMachine, this.#closed.signal)
            // The snapshot would hold the entries that came meanwhile, were they not applied.
            const { applied } = this.stateMachine
            const { committed } = this.#kibitzer.paxos
            this.#owedFrom = Monotonic.compare(applied, committed) > 0 ? applied : committed
            this.#results.skip(applied)
            this.naturalization.owe()
        }
        this.#becomeCurrent()
    }

    /** Publishes a value; yields what the application said to it. */
    async publish(value: unknown, waiting: WaitOptions | null): Promise<Applied<Result>> {
        const signal = signalOf('publish', waiting)
        // A copy: what the caller changes later is not published.
        const admitted = admitEntry(value, this.#publishSize)
        return await this.#publish(
            1,
            signal,
            async () => [await this.#kibitzer.publish(admitted, { signal: signal ?? null })],
            ([applied]) => applied as Applied<Result>
        )
    }

    /** Publishes values, each an entry; yields what the application said to each. */
    async publishAll(
        values: readonly unknown[],
        waiting: WaitOptions | null
    ): Promise<readonly Applied<Result>[]> {
        const signal = signalOf('publishAll', waiting)
        const admitted = admitEntries(values, this.#publishSize)
        return await this.#publish(
            admitted.length,
            signal,
            async () => await this.#kibitzer.publishAll(admitted, { signal: signal ?? null }),
            (all) => Object.freeze(all)
        )
    }

    /** The promise, unless a signal aborts first. */
    #heeding<T>(promise: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
        return signal === undefined ? promise : untilAborted(promise, signal, what)
    }

    #publish<Yield>(
        count: number,
        signal: AbortSignal | undefined,
        publish: () => Promise<readonly Publication[]>,
        conclude: (all: Applied<Result>[]) => Yield
    ): Promise<Yield> {
        if (!this.#isCurrent) {
            // What is published before there is a state could be in the state that comes.
            return this.#heeding(this.#current, signal, 'The publish').then(
                () => this.#publish(count, signal, publish, conclude)
            )
        }
        const claim = this.#results.claim(count)
        return new Promise((resolve, reject) => {
            const fail = (error: unknown): void => {
                forget?.()
                this.#results.waive(claim)
                // The Kibitzer ends with the rest; what has ended them is the better reason.
                const { aborted, reason } = this.#closed.signal
                reject(aborted ? reason : error)
            }
            const forget = signal === undefined || signal.aborted
                ? null
                : onAbort(signal, () => reject(endOfWait(signal)))
            publish().then((publications) => {
                const promises = publications.map(({ promise }) => promise)
                this.#results.settle(claim, promises, (error, results) => {
                    forget?.()
                    if (error !== null) {
                        reject(error)
                        return
                    }
                    resolve(conclude(publications.map(({ promise }, index) =>
                        Object.freeze({ promise, result: results[index] as Result })
                    )))
                })
            }, fail)
        })
    }

    /** Resolves once all that was committed anywhere before the call is applied here. */
    async barrier(waiting: WaitOptions | null): Promise<Publication> {
        const signal = signalOf('barrier', waiting)
        await this.#heeding(this.#current, signal, 'The barrier')
        try {
            const publication = await this.#kibitzer.barrier({ signal: signal ?? null })
            const reached = this.stateMachine.reached(publication.promise)
            await this.#heeding(reached, signal, 'The barrier')
            return publication
        } catch (error) {
            this.#closed.signal.throwIfAborted()
            throw error
        }
    }

    /** Applies nothing any more, and breaks the promises of who waits. */
    close(reason: KibitzError): void {
        this.stateMachine.close(reason)
        this.#results.close(reason)
        this.#closed.abort(reason)
    }
}
