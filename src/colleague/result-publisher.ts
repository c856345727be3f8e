import { onAbort, signalOf, untilAborted, type WaitOptions } from '../base/abort-signal.js'
import type { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { admitEntries, admitEntry } from '../publisher/limits.js'
import { publishAborted, type Publication } from '../publisher/pending-publishes.js'
import type { ApplicationEntry } from './application.js'
import { Results } from './results.js'

/** A committed entry, and the result of the application at this member. */
export interface Applied<Result> extends Publication {
    readonly result: Result
}

/** The methods of a Kibitzer that publish, and the identity of the member. */
type PublishingKibitzer = Pick<Kibitzer, 'paxos' | 'publish' | 'publishAll'>

/** The promise, or the error `aborted` if the signal aborts first. */
export function untilSignal<T>(
    promise: Promise<T>,
    signal: AbortSignal | undefined,
    what: string
): Promise<T> {
    return signal === undefined ? promise : untilAborted(promise, signal, what)
}

/**
 * Publishes values, and returns the results of the application at this member.
 *
 * 1. A publish waits until the application has a state that follows the log. Otherwise the state
 *    that this member takes over could already contain the published entry, and no result would
 *    ever come.
 * 2. A publish resolves after the application at this member has applied the entry.
 */
export class ResultPublisher<Result> {
    readonly #kibitzer: PublishingKibitzer
    readonly #publishSize: number
    readonly #whenCurrent: Promise<void>
    readonly #closed: AbortSignal
    readonly #results = new Results<Result>()
    #isCurrent = false

    /**
     * @param publishSize The largest value, in bytes of its JSON. @default the limit of the wire
     * @param whenCurrent Resolves once the application has a state that follows the log.
     * @param closed Aborts when the Colleague ends, with the reason.
     */
    constructor(
        kibitzer: PublishingKibitzer,
        publishSize: number | undefined,
        whenCurrent: Promise<void>,
        closed: AbortSignal
    ) {
        this.#kibitzer = kibitzer
        this.#publishSize = publishSize ?? WIRE_LIMITS.bodyBytesMax
        this.#whenCurrent = whenCurrent
        this.#closed = closed
        whenCurrent.then(
            () => {
                this.#isCurrent = true
            },
            () => {}
        )
    }

    /** Publishes a value; resolves with the promise of the entry and the application's result. */
    async publish(value: unknown, waiting: WaitOptions | null): Promise<Applied<Result>> {
        const signal = signalOf('publish', waiting)
        // The copy protects the entry from later changes by the caller.
        const copy = admitEntry(value, this.#publishSize)
        return await this.#publish(
            1,
            signal,
            async () => [await this.#kibitzer.publish(copy, { signal: signal ?? null })],
            ([applied]) => applied as Applied<Result>
        )
    }

    /** Publishes values, each as an entry; resolves with one result for each value, in order. */
    async publishAll(
        values: readonly unknown[],
        waiting: WaitOptions | null
    ): Promise<readonly Applied<Result>[]> {
        const signal = signalOf('publishAll', waiting)
        const copies = admitEntries(values, this.#publishSize)
        return await this.#publish(
            copies.length,
            signal,
            async () => await this.#kibitzer.publishAll(copies, { signal: signal ?? null }),
            (all) => Object.freeze(all)
        )
    }

    #publish<Yield>(
        count: number,
        signal: AbortSignal | undefined,
        publish: () => Promise<readonly Publication[]>,
        yieldOf: (all: Applied<Result>[]) => Yield
    ): Promise<Yield> {
        if (!this.#isCurrent) {
            return untilSignal(this.#whenCurrent, signal, 'The publish').then(
                () => this.#publish(count, signal, publish, yieldOf)
            )
        }
        const claim = this.#results.claim(count)
        return new Promise((resolve, reject) => {
            const fail = (error: unknown): void => {
                forget?.()
                this.#results.cancel(claim)
                // If the Colleague has ended, its reason says more than the Kibitzer's error.
                const { aborted, reason } = this.#closed
                reject(aborted ? reason : error)
            }
            const forget = signal === undefined || signal.aborted
                ? null
                : onAbort(signal, () => reject(publishAborted(signal)))
            publish().then((publications) => {
                const promises = publications.map(({ promise }) => promise)
                this.#results.collect(claim, promises, (error, results) => {
                    forget?.()
                    if (error !== null) {
                        reject(error)
                        return
                    }
                    resolve(yieldOf(publications.map(({ promise }, index) =>
                        Object.freeze({ promise, result: results[index] as Result })
                    )))
                })
            }, fail)
        })
    }

    /** Takes the result of an applied entry, if this incarnation of the member published it. */
    onResult({ promise, publisher, immigrated }: ApplicationEntry, result: Result): void {
        const { id, immigrated: own } = this.#kibitzer.paxos
        if (publisher === id && immigrated === own) {
            this.#results.add(promise, result)
        }
    }

    /** The application has taken over a state that contains the entries through a promise. */
    skipThrough(promise: Monotonic): void {
        this.#results.skipThrough(promise)
    }

    /** All publishes that wait for a result reject with the reason. */
    close(reason: KibitzError): void {
        this.#results.close(reason)
    }
}
