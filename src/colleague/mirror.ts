import { signalOf, untilAborted, type WaitOptions } from '../entries.js'
import { KibitzError } from '../error.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import type { Kibitzer } from '../kibitzer.js'
import { Monotonic } from '../monotonic.js'
import type { LogEntry } from '../paxos/message.js'
import { admitEntries, admitEntry } from '../options.js'
import { endOfWait, type Publication } from '../publications.js'
import { onAbort } from '../signals.js'
import type { KeptState } from '../keeper.js'
import type { Application, ApplicationEntry } from './application.js'
import { Archive } from './archive.js'
import { Handover, type Means } from './handover.js'
import { Naturalization } from './naturalization.js'
import type { ColleagueSettings } from './options.js'
import { Replica } from './replica.js'
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
export class Mirror<Result> {
    readonly replica: Replica<Result>
    readonly handover: Handover
    readonly archive: Archive
    readonly naturalization: Naturalization
    readonly #kibitzer: Log
    readonly #results = new Results<Result>()
    readonly #closed = new AbortController()
    readonly #current: Promise<void>
    readonly #publishSize: number
    #becomeCurrent: () => void = () => {}
    #isFollowing = false
    #isCurrent = false
    /** The last entry that was read. */
    #last: Monotonic | null = null

    constructor(
        kibitzer: Log,
        application: Application<Result>,
        means: Means,
        settings: ColleagueSettings,
        watch: SnapshotWatch
    ) {
        this.#kibitzer = kibitzer
        this.#publishSize = settings.options.publishSize ?? WIRE_LIMITS.bodyWeightMax
        this.handover = new Handover(means, settings)
        const note = ({ promise, publisher, immigrated }: ApplicationEntry, result: Result) => {
            const { id, immigrated: own } = kibitzer.paxos
            if (publisher === id && immigrated === own) {
                this.#results.put(promise, result)
            }
        }
        this.replica = new Replica(application, note, watch, settings.restoreTimeout)
        this.archive = new Archive(kibitzer, this.replica, settings)
        const { signal } = this.#closed
        this.naturalization = new Naturalization(kibitzer, this.archive, settings, signal)
        this.#current = new Promise((resolve, reject) => {
            this.#becomeCurrent = () => {
                this.#isCurrent = true
                resolve()
            }
            this.#closed.signal.addEventListener('abort', () => reject(this.#closed.signal.reason))
        })
        this.#current.catch(() => {})
    }

    /** Resolves once there is a state that follows the log. Rejects with what has ended it. */
    get current(): Promise<void> {
        return this.#current
    }

    /**
     * Follows the log to its end; once. Rejects with `stateless`, `application-failed`, `trimmed`,
     * or with what has closed it.
     *
     * @param recovering Where this member comes back: settled when all of its journal is in.
     */
    async follow(recovering: Recovering | null): Promise<void> {
        if (this.#isFollowing) {
            return
        }
        this.#isFollowing = true
        if (recovering !== null) {
            await this.#catchUp(recovering)
        }
        for (let from = this.#last; ; ) {
            try {
                await this.#read(from)
                return
            } catch (error) {
                const next = this.#resumption()
                if (!(error instanceof KibitzError) || error.code !== 'trimmed' || next === from) {
                    throw error
                }
                from = next
            }
        }
    }

    /**
     * Takes over the state in the journal, and all that came behind it. What the journal brings is
     * held back, however much it is, until that state is there: it may be trimmed by then.
     */
    async #catchUp(recovering: Recovering): Promise<void> {
        const over = new AbortController()
        const { signal } = over
        const log = this.#kibitzer.entries({ backlog: Number.MAX_SAFE_INTEGER, signal })
        // It begins to hold back when it is first asked, and that is before anything comes.
        let next = log.next()
        next.catch(() => {})
        try {
            const kept = await recovering
            if (kept !== null) {
                const source = Object.assign(kept.state, { failure: null })
                await this.replica.restore(kept.promise, source)
                this.#last = kept.promise
                this.naturalization.declare()
                this.#becomeCurrent()
            }
            const { committed } = this.#kibitzer.paxos
            while (Monotonic.compare(this.#last ?? '0/0', committed) < 0) {
                const { value, done } = await next
                if (done === true) {
                    return
                }
                next = log.next()
                next.catch(() => {})
                await this.#take(value)
            }
        } finally {
            over.abort()
        }
    }

    /** Reads the log to its end, or until more has come than an iteration may hold back. */
    async #read(from: Monotonic | null): Promise<void> {
        for await (const entry of this.#kibitzer.entries(from === null ? {} : { from })) {
            if (this.#last !== null && Monotonic.compare(entry.promise, this.#last) <= 0) {
                continue
            }
            const taking = this.#take(entry)
            if (taking !== null) {
                await taking
            }
        }
    }

    #take(entry: LogEntry): Promise<void> | null {
        this.#last = entry.promise
        return this.replica.isCurrent && !this.naturalization.isOwed
            ? this.replica.take(entry)
            : this.#takeAsNewcomer(entry)
    }

    async #takeAsNewcomer(entry: LogEntry): Promise<void> {
        if (!this.replica.isCurrent) {
            await this.#begin(entry)
        }
        await this.replica.take(entry)
        const isReached = Monotonic.compare(entry.promise, this.replica.applied) >= 0
        if (this.naturalization.isOwed && isReached) {
            this.naturalization.pay()
        }
    }

    /** Only its founder sees the first entry of a republic; whoever else comes begins later. */
    async #begin({ promise }: LogEntry): Promise<void> {
        if (promise === '1/0') {
            this.replica.found()
            this.naturalization.declare()
        } else {
            await this.handover.run(promise, this.replica, this.#closed.signal)
            this.naturalization.owe()
        }
        this.#becomeCurrent()
    }

    /** From where the log is read on; what is in the state already need not be read again. */
    #resumption(): Monotonic | null {
        const { applied } = this.replica
        const last = this.#last
        const isHeld = Monotonic.compare(applied, this.#kibitzer.paxos.committed) <= 0
        return isHeld && (last === null || Monotonic.compare(applied, last) > 0) ? applied : last
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
            const reached = this.replica.reached(publication.promise)
            await this.#heeding(reached, signal, 'The barrier')
            return publication
        } catch (error) {
            this.#closed.signal.throwIfAborted()
            throw error
        }
    }

    /** Applies nothing any more, and breaks the promises of who waits. */
    close(reason: KibitzError): void {
        this.replica.close(reason)
        this.#results.close(reason)
        this.#closed.abort(reason)
    }
}
