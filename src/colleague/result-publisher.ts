import {
    limitsOf, onAbort, untilAborted, type WaitLimits, type WaitOptions
} from '../base/abort-signal.js'
import type { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { admitEntries, admitEntry } from '../publisher/limits.js'
import { publishAborted, type Publication } from '../publisher/pending-publishes.js'
import type { Application, ApplicationEntry } from './application.js'
import type { ColleagueSettings } from './options.js'
import { Results } from './results.js'
import { validate } from './validation.js'

/** A committed entry, and the result of the application at this member. */
export interface Applied<Result> extends Publication {
    readonly result: Result
}

/** The methods of a Kibitzer that publish, and the identity of the member. */
type PublishingKibitzer = Pick<Kibitzer, 'paxos' | 'publish' | 'publishAll' | 'waits'>

/** The options of the inner publish: the limit of the time is this publisher's own. */
function signalIn({ signal }: WaitLimits): { readonly signal: AbortSignal } | null {
    return signal === undefined ? null : { signal }
}

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
    readonly #publishTimeout: number
    readonly #application: Application
    readonly #rejectMistake: (method: 'publish' | 'publishAll') => void
    readonly #whenCurrent: Promise<void>
    readonly #closed: AbortSignal
    readonly #results = new Results<Result>()
    #isCurrent = false

    /**
     * @param whenCurrent Resolves once the application has a state that follows the log.
     * @param closed Aborts when the Colleague ends, with the reason.
     * @param rejectMistake Throws if the call would never end.
     */
    constructor(
        kibitzer: PublishingKibitzer,
        { publishTimeout, options }: Pick<ColleagueSettings, 'options' | 'publishTimeout'>,
        whenCurrent: Promise<void>,
        closed: AbortSignal,
        rejectMistake: (method: 'publish' | 'publishAll') => void
    ) {
        this.#kibitzer = kibitzer
        this.#application = options.application
        this.#rejectMistake = rejectMistake
        this.#publishSize = options.publishSize ?? WIRE_LIMITS.bodyBytesMax
        this.#publishTimeout = publishTimeout
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
        this.#rejectMistake('publish')
        const limits = limitsOf('publish', waiting)
        // The copy protects the entry from later changes by the caller.
        const copy = admitEntry(value, this.#publishSize)
        validate(this.#application, [copy])
        return await this.#publish(
            1,
            limits,
            async () => [await this.#kibitzer.publish(copy, signalIn(limits))],
            ([applied]) => applied as Applied<Result>
        )
    }

    /** Publishes values, each as an entry; resolves with one result for each value, in order. */
    async publishAll(
        values: readonly unknown[],
        waiting: WaitOptions | null
    ): Promise<readonly Applied<Result>[]> {
        this.#rejectMistake('publishAll')
        const limits = limitsOf('publishAll', waiting)
        const copies = admitEntries(values, this.#publishSize)
        validate(this.#application, copies)
        return await this.#publish(
            copies.length,
            limits,
            async () => await this.#kibitzer.publishAll(copies, signalIn(limits)),
            (all) => Object.freeze(all)
        )
    }

    #publish<Yield>(
        count: number,
        { signal, timeout = this.#publishTimeout }: WaitLimits,
        publish: () => Promise<readonly Publication[]>,
        yieldOf: (all: Applied<Result>[]) => Yield
    ): Promise<Yield> {
        return new Promise((resolve, reject) => {
            const { waits } = this.#kibitzer
            const wait = waits.enter('publish', timeout, (error) => end(() => reject(error)))
            const forget = signal === undefined || signal.aborted
                ? null
                : onAbort(signal, () => end(() => reject(publishAborted(signal))))
            let isOver = false
            const end = (settle: () => void): void => {
                if (!isOver) {
                    isOver = true
                    waits.leave(wait)
                    forget?.()
                    settle()
                }
            }
            const fail = (error: unknown): void => end(() => reject(error))
            const run = (): void => {
                if (!isOver) {
                    const pass = (all: Applied<Result>[]): void =>
                        end(() => resolve(yieldOf(all)))
                    this.#publishNow(count, publish, fail, pass)
                }
            }
            if (this.#isCurrent) {
                run()
            } else {
                untilSignal(this.#whenCurrent, signal, 'The publish').then(run, fail)
            }
        })
    }

    /** Publishes, and passes the publications on with the results of the application. */
    #publishNow(
        count: number,
        publish: () => Promise<readonly Publication[]>,
        fail: (error: unknown) => void,
        pass: (all: Applied<Result>[]) => void
    ): void {
        const claim = this.#results.claim(count)
        publish().then((publications) => {
            const promises = publications.map(({ promise }) => promise)
            this.#results.collect(claim, promises, (error, results) => {
                if (error !== null) {
                    fail(error)
                    return
                }
                pass(publications.map(({ promise }, index) =>
                    Object.freeze({ promise, result: results[index] as Result })
                ))
            })
        }, (error: unknown) => {
            this.#results.cancel(claim)
            // If the Colleague has ended, its reason says more than the Kibitzer's error.
            const { aborted, reason } = this.#closed
            fail(aborted ? reason : error)
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
