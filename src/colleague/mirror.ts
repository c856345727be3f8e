import { KibitzError } from '../error.js'
import type { Kibitzer, WaitOptions } from '../kibitzer.js'
import { Monotonic } from '../monotonic.js'
import type { LogEntry } from '../paxos/message.js'
import type { Publication } from '../publications.js'
import type { Application } from './application.js'
import { Handover, type Means } from './handover.js'
import type { ColleagueSettings } from './options.js'
import { Replica } from './replica.js'
import { Results } from './results.js'

/** An entry that is in the log, and what the application at this member said to it. */
export interface Applied<Result> extends Publication {
    readonly result: Result
}

/** What the mirror needs of a Kibitzer. */
type Log = Pick<Kibitzer, 'entries' | 'publish' | 'publishAll' | 'barrier' | 'naturalize' | 'paxos'>

/** Follows the log with an application, from the state that it begins with to the end. */
export class Mirror<Result> {
    readonly replica: Replica<Result>
    readonly handover: Handover
    readonly #kibitzer: Log
    readonly #results = new Results<Result>()
    readonly #closed = new AbortController()
    readonly #current: Promise<void>
    #becomeCurrent: () => void = () => {}
    #isFollowing = false

    constructor(
        kibitzer: Log,
        application: Application<Result>,
        means: Means,
        settings: ColleagueSettings
    ) {
        this.#kibitzer = kibitzer
        this.handover = new Handover(means, settings)
        this.replica = new Replica(application, ({ promise, publisher, immigrated }, result) => {
            const { id, immigrated: own } = kibitzer.paxos
            if (publisher === id && immigrated === own) {
                this.#results.put(promise, result)
            }
        })
        this.#current = new Promise((resolve, reject) => {
            this.#becomeCurrent = resolve
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
     */
    async follow(): Promise<void> {
        if (this.#isFollowing) {
            return
        }
        this.#isFollowing = true
        for await (const entry of this.#log()) {
            if (!this.replica.isCurrent) {
                await this.#begin(entry)
            }
            await this.replica.take(entry)
        }
    }

    /** Only its founder sees the first entry of a republic; whoever else comes begins later. */
    async #begin({ promise }: LogEntry): Promise<void> {
        if (promise === '1/0') {
            this.replica.found()
        } else {
            await this.handover.run(promise, this.replica, this.#closed.signal)
            this.#kibitzer.naturalize()
        }
        this.#becomeCurrent()
    }

    /** The log; where an iteration was overrun, from where it was, as long as that is held. */
    async *#log(): AsyncGenerator<LogEntry, void, void> {
        let last: Monotonic | null = null
        for (let from: Monotonic | null = null; ; ) {
            try {
                for await (const entry of this.#kibitzer.entries(from === null ? {} : { from })) {
                    if (last === null || Monotonic.compare(entry.promise, last) > 0) {
                        last = entry.promise
                        yield entry
                    }
                }
                return
            } catch (error) {
                const next = this.#resumption(last)
                if (!(error instanceof KibitzError) || error.code !== 'trimmed' || next === from) {
                    throw error
                }
                from = next
            }
        }
    }

    /** What is in the state already need not be read again. */
    #resumption(last: Monotonic | null): Monotonic | null {
        const { applied } = this.replica
        const isHeld = Monotonic.compare(applied, this.#kibitzer.paxos.committed) <= 0
        return isHeld && (last === null || Monotonic.compare(applied, last) > 0) ? applied : last
    }

    /** Publishes values, each an entry; yields what the application said to each. */
    async publish(
        values: readonly unknown[],
        waiting: WaitOptions
    ): Promise<readonly Applied<Result>[]> {
        // What is published before there is a state could be in the state that comes.
        await this.#current
        const claim = this.#results.claim(values.length)
        try {
            const [value] = values
            const publications =
                values.length === 1
                    ? [await this.#kibitzer.publish(value, waiting)]
                    : await this.#kibitzer.publishAll(values, waiting)
            const promises = publications.map(({ promise }) => promise)
            const results = await this.#results.settle(claim, promises)
            return publications.map((publication, index) =>
                Object.freeze({ ...publication, result: results[index] as Result })
            )
        } catch (error) {
            // The Kibitzer ends with the rest; what has ended them is the better reason.
            this.#closed.signal.throwIfAborted()
            throw error
        } finally {
            this.#results.waive(claim)
        }
    }

    /** Resolves once all that was committed anywhere before the call is applied here. */
    async barrier(waiting: WaitOptions): Promise<Publication> {
        await this.#current
        try {
            const publication = await this.#kibitzer.barrier(waiting)
            await this.replica.reached(publication.promise)
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
