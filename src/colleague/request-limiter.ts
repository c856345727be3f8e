import type { Clock } from '../base/clock.js'
import { aborted, signalOf, type WaitOptions, onAbort } from '../base/abort-signal.js'
import { KibitzError, misuse } from '../base/errors.js'
import { count, type OptionTable } from '../base/option-table.js'
import { quiet } from '../base/callbacks.js'

/** How many requests are served, and how many wait for it. */
export interface TurnstileOptions {
    /** How many requests are served at a time. @default 64 */
    readonly requestsActive?: number
    /** How many more may wait; others are refused as `overloaded`. @default 1024 */
    readonly requestsWaiting?: number
}

/** What each of these options may be. */
export const TURNSTILE_OPTIONS: OptionTable<TurnstileOptions> = {
    requestsActive: count(1_000_000),
    requestsWaiting: count(1_000_000)
}

/** The requests of a Colleague, as of now. Ages are in milliseconds, and 0 where nobody is. */
export interface TurnstileHealth {
    readonly waiting: number
    readonly active: number
    /** How many were refused since the start, because too many waited. */
    readonly refused: number
    /** How many have been served since the start, well or badly. */
    readonly served: number
    /** How long the oldest of those that wait has waited. */
    readonly waitingMs: number
    /** How long the oldest of those being served has been served. */
    readonly activeMs: number
}

/** A request: since when it waits, or is served. */
interface LimitedRequest {
    at: number
}

/** Where nobody says so. */
const ACTIVE_DEFAULT = 64
const WAITING_DEFAULT = 1024

/**
 * Serves so many requests at a time, lets so many more wait, in their order, and refuses the rest
 * at once: overload is seen and answered while there is room to answer it.
 */
export class Turnstile {
    readonly #clock: Clock
    readonly #activeMax: number
    readonly #waitingMax: number
    /** The oldest is first, here and among those who wait. */
    readonly #active = new Set<LimitedRequest>()
    readonly #waiting = new Map<LimitedRequest, (end: KibitzError | null) => void>()
    #refused = 0
    #served = 0
    #closedBy: KibitzError | null = null

    constructor(clock: Clock, options: TurnstileOptions) {
        this.#clock = clock
        this.#activeMax = options.requestsActive ?? ACTIVE_DEFAULT
        this.#waitingMax = options.requestsWaiting ?? WAITING_DEFAULT
    }

    /**
     * Serves a request when its turn comes, and yields what the work yields.
     *
     * @param work What serves it. What it throws is its caller's.
     * @param signal Gives up a place among those who wait.
     * Rejects with `overloaded` where too many wait, `aborted`, or with what has ended all.
     */
    enter<Result>(
        work: () => Result | Promise<Result>,
        waiting: WaitOptions | null = {}
    ): Promise<Result> {
        return quiet(this.#enter(work, waiting))
    }

    async #enter<Result>(
        work: () => Result | Promise<Result>,
        waiting: WaitOptions | null
    ): Promise<Result> {
        if (typeof work !== 'function') {
            misuse('invalid-argument', 'The work is no function. Nothing was done; pass one.')
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

    /** Whom it serves, and for how long. */
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

    /** Lets nobody in any more; who waits is told why. What is being served is not disturbed. */
    close(reason: KibitzError): void {
        this.#closedBy ??= reason
        for (const conclude of this.#waiting.values()) {
            conclude(reason)
        }
    }

    /** Resolves once it is among those being served. */
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

    /** One has left, so one may enter. */
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
