import type { Clock } from '../base/clock.js'
import { aborted, signalOf, type SignalOptions, onAbort } from '../base/abort-signal.js'
import { KibitzError, misuse } from '../base/errors.js'
import { count, type OptionTable } from '../base/option-table.js'
import { quiet } from '../base/callbacks.js'

/** The limits of a Turnstile. */
export interface TurnstileOptions {
    /** The number of requests that are served at the same time. @default 64 */
    readonly requestsActive?: number
    /** The number of requests that may wait; a further one is `overloaded`. @default 1024 */
    readonly requestsWaiting?: number
}

/** The allowed values of each option. */
export const TURNSTILE_OPTIONS: OptionTable<TurnstileOptions> = {
    requestsActive: count(1_000_000),
    requestsWaiting: count(1_000_000)
}

/** The requests through a Turnstile at one instant. */
export interface TurnstileHealth {
    /** Number of requests that wait. */
    readonly waiting: number
    /** Number of requests that are served now. */
    readonly active: number
    /** Number of requests that were `overloaded` since the start. */
    readonly refused: number
    /** Number of requests that have ended since the start, with success or failure. */
    readonly served: number
    /** The age of the oldest waiting request, in milliseconds; 0 if no request waits. */
    readonly waitingMs: number
    /** The age of the oldest request that is served now, in milliseconds; 0 if there is none. */
    readonly activeMs: number
}

/** A request. `at` is the begin of its wait, or the begin of its service. */
interface LimitedRequest {
    at: number
}

const ACTIVE_DEFAULT = 64
const WAITING_DEFAULT = 1024

/**
 * Limits the requests that are served at the same time. Further requests wait in order; if too many
 * wait, a request is refused at once with `overloaded`. So an overloaded member still answers.
 */
export class Turnstile {
    readonly #clock: Clock
    readonly #activeMax: number
    readonly #waitingMax: number
    /** Both collections are ordered by age, the oldest request first. */
    readonly #active = new Set<LimitedRequest>()
    readonly #waiting = new Map<LimitedRequest, (end: KibitzError | null) => void>()
    readonly #closing = new AbortController()
    #refused = 0
    #served = 0
    #closedBy: KibitzError | null = null

    constructor(clock: Clock, options: TurnstileOptions) {
        this.#clock = clock
        this.#activeMax = options.requestsActive ?? ACTIVE_DEFAULT
        this.#waitingMax = options.requestsWaiting ?? WAITING_DEFAULT
    }

    /** Aborts when the Colleague stops, with the reason: the Colleague serves no request after. */
    get closed(): AbortSignal {
        return this.#closing.signal
    }

    /**
     * Runs `work` when fewer than `requestsActive` requests are served, and settles like `work`.
     * Rejects with `overloaded` if too many requests wait, with `aborted` if the signal ends the
     * wait, or with the reason for which the Colleague has stopped.
     *
     * @param work Serves the request.
     * @param waiting The signal that ends the wait. A signal does not end `work`.
     */
    enter<Result>(
        work: () => Result | Promise<Result>,
        waiting: SignalOptions | null = {}
    ): Promise<Result> {
        return quiet(this.#enter(work, waiting))
    }

    async #enter<Result>(
        work: () => Result | Promise<Result>,
        waiting: SignalOptions | null
    ): Promise<Result> {
        if (typeof work !== 'function') {
            misuse('invalid-argument', 'The work is no function. Nothing was done.')
        }
        const signal = signalOf('enter', waiting)
        if (this.#closedBy !== null) {
            throw this.#closedBy
        }
        if (signal?.aborted === true) {
            throw aborted('The request', signal)
        }
        const visit = { at: this.#clock.now() }
        if (this.#active.size < this.#activeMax) {
            this.#active.add(visit)
        } else {
            await this.#wait(visit, signal)
        }
        try {
            return await work()
        } finally {
            this.#active.delete(visit)
            this.#served++
            this.#admitNext()
        }
    }

    /** The requests at this instant. */
    health(): TurnstileHealth {
        const now = this.#clock.now()
        const [active] = this.#active
        const [waiting] = this.#waiting.keys()
        return Object.freeze({
            waiting: this.#waiting.size,
            active: this.#active.size,
            refused: this.#refused,
            served: this.#served,
            waitingMs: waiting === undefined ? 0 : now - waiting.at,
            activeMs: active === undefined ? 0 : now - active.at
        })
    }

    /** Rejects all waiting and later requests with the reason. Requests being served continue. */
    close(reason: KibitzError): void {
        this.#closedBy ??= reason
        for (const conclude of this.#waiting.values()) {
            conclude(reason)
        }
        this.#closing.abort(this.#closedBy)
    }

    /** Resolves when the request may be served. */
    #wait(visit: LimitedRequest, signal: AbortSignal | undefined): Promise<void> {
        if (this.#waiting.size >= this.#waitingMax) {
            this.#refused++
            return Promise.reject(this.#overload())
        }
        return new Promise((resolve, reject) => {
            const conclude = (end: KibitzError | null): void => {
                forget()
                this.#waiting.delete(visit)
                if (end === null) {
                    visit.at = this.#clock.now()
                    this.#active.add(visit)
                    resolve()
                } else {
                    reject(end)
                }
            }
            const onAborted = (): void => conclude(aborted('The request', signal))
            const forget = signal === undefined ? () => {} : onAbort(signal, onAborted)
            this.#waiting.set(visit, conclude)
        })
    }

    /** Called when a request has ended: the oldest waiting request begins. */
    #admitNext(): void {
        const [next] = this.#waiting.values()
        next?.(null)
    }

    #overload(): KibitzError {
        return new KibitzError(
            'overloaded',
            `${this.#activeMax} requests are being served and ${this.#waitingMax} wait (options ` +
                'requestsActive and requestsWaiting, or questionsActive and questionsWaiting for ' +
                'the questions of members). Nothing was done; try again later.'
        )
    }
}
