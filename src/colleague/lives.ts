import { quiet } from '../base/callbacks.js'
import { Clock } from '../base/clock.js'
import { KibitzError } from '../base/errors.js'
import { Lifecycle } from './lifecycle.js'
import { type ColleagueOptions, type ColleagueSettings, readSettings } from './options.js'
import { Turnstile } from './request-limiter.js'
import { readStart, type StartOptions, type StartRequest } from './start-options.js'
import { destroyed, exiled } from './stop-reasons.js'
import type { Attach } from './transport.js'

/** Whether an error of a start stops the Colleague. */
function isFinal({ code }: KibitzError): boolean {
    return code === 'application-failed' || code === 'stateless' || code.startsWith('journal-')
}

/**
 * The lives of a Colleague. A Colleague has one life, except if `start` finds that the republic has
 * exiled the member: then the journal moves aside, and a second life begins as a newcomer.
 */
export class Lives<Result> {
    /** Serves the requests of clients, in every life. */
    readonly requests: Turnstile
    /** Settles with the end of the last life. */
    readonly ended: Promise<void>
    /** The parts of the present life. */
    current: Lifecycle<Result>
    readonly #clock: Clock
    #settings: ColleagueSettings
    /** Whether another life follows an exile. */
    #rejoins = false
    /** Whether the owner has ended the Colleague. No life begins afterwards. */
    #isDestroyed = false
    #resolveEnded: (ended: Promise<void> | undefined) => void = () => {}

    /** @throws KibitzError `invalid-argument` if an option is missing or unusable. */
    constructor(options: ColleagueOptions<unknown, Result>) {
        this.#settings = readSettings(options)
        const { options: given } = this.#settings
        this.#clock = new Clock(given.Date, () => this.current.kibitzer.paxos)
        this.requests = new Turnstile(this.#clock, given)
        this.ended = new Promise((resolve) => {
            this.#resolveEnded = resolve
        })
        this.current = this.#begin()
    }

    /** Checks the options of a start. @throws KibitzError `invalid-argument`. */
    readStart(options: StartOptions): StartRequest {
        const { colleagueId, options: { journal } } = this.#settings
        return readStart(options, colleagueId, journal !== undefined, this.current.attachment)
    }

    /**
     * Starts the member, in a second life if the republic has exiled the member. The second life
     * takes the transport of the first one.
     */
    async start(
        request: StartRequest,
        attach: (transport: Attach) => Promise<unknown>
    ): Promise<void> {
        const transport = this.current.transport ?? request.attach
        for (;;) {
            const life = this.current
            const { journal } = this.#settings.options
            this.#rejoins = request.rejoin && typeof journal?.setAside === 'function'
            try {
                if (life.attachment === null) {
                    await attach(transport)
                }
                await life.membership.start(request)
                this.#rejoins = false
                return
            } catch (error) {
                const isExile = error instanceof KibitzError && error.code === 'exiled'
                if (isExile) {
                    life.fail(exiled())
                } else if (error instanceof KibitzError && isFinal(error)) {
                    life.fail(error)
                }
                if (!this.#rejoins || !isExile) {
                    this.#rejoins = false
                    throw error
                }
            }
            await this.#renew(life)
        }
    }

    /**
     * Settles like the promise of a start. If the promise rejects because the Colleague has stopped
     * by itself, the caller of `start` learns the reason here: then an unhandled rejection of this
     * promise ends the process, and `ended` does not. The caller may ignore any other rejection.
     */
    tell(starting: Promise<void>): Promise<void> {
        const told = starting.catch((error: unknown) => {
            quiet(this.current.failure === null ? told : this.ended)
            throw error
        })
        return told
    }

    /**
     * Ends the present life, and every later life. Between two lives there is no life to end: then
     * `ended` resolves, because the exile of the first life has not stopped the Colleague.
     */
    destroy(): void {
        const isBetween = this.#rejoins && this.current.failure?.code === 'exiled'
        this.#isDestroyed = true
        if (isBetween) {
            this.requests.close(destroyed())
            this.#resolveEnded(undefined)
        }
        this.current.destroy()
    }

    #begin(): Lifecycle<Result> {
        const isLast = (): boolean => !this.#rejoins || life.failure?.code !== 'exiled'
        const onStop = (reason: KibitzError): void => {
            if (isLast()) {
                this.requests.close(reason)
            }
        }
        const life: Lifecycle<Result> =
            new Lifecycle(this.#settings, this.requests, this.#clock, onStop)
        const end = (): void => {
            if (isLast()) {
                this.#resolveEnded(life.ended)
            }
        }
        life.ended.then(end, end)
        return life
    }

    /**
     * Moves the journal of the exiled member aside, and begins the next life. Rejects with
     * `destroyed` if the Colleague is destroyed meanwhile.
     */
    async #renew(life: Lifecycle<Result>): Promise<void> {
        await life.ended.catch(() => {})
        this.#rejectDestroyed()
        try {
            const { options } = this.#settings
            const journal = await options.journal?.setAside?.('exiled') ?? options.journal
            this.#settings = {
                ...this.#settings,
                options: { ...options, ...(journal === undefined ? {} : { journal }) }
            }
            this.#rejectDestroyed()
            this.current = this.#begin()
        } catch (error) {
            this.requests.close(exiled())
            this.#resolveEnded(life.ended)
            throw error
        }
    }

    #rejectDestroyed(): void {
        if (this.#isDestroyed) {
            throw destroyed()
        }
    }
}
