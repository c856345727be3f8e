import type { MemberLogger } from '../base/member-logger.js'

/** A wait of this length is reported, in milliseconds. */
const REPORTED_MS = 5_000
/** The next report of the same wait comes after this time, in milliseconds. */
const REPEATED_MS = 60_000

/**
 * Reports a long wait: one line in the log after five seconds, and one each minute from then on.
 * A line has the reason that was noted last.
 */
export class LongWait {
    readonly #logger: MemberLogger
    readonly #subject: string
    readonly #now: () => number
    readonly #begunAt: number
    #reason: () => string | null = () => null
    #timer: NodeJS.Timeout

    /** @param subject The call that waits: `start`. */
    constructor(logger: MemberLogger, subject: string, now: () => number) {
        this.#logger = logger
        this.#subject = subject
        this.#now = now
        this.#begunAt = now()
        this.#timer = setTimeout(() => this.#report(), REPORTED_MS)
        this.#timer.unref()
    }

    /** The reason for the wait: a text, or a function that is called at the time of the report. */
    note(reason: string | (() => string)): void {
        this.#reason = typeof reason === 'function' ? reason : () => reason
    }

    /** The wait is over. */
    end(): void {
        clearTimeout(this.#timer)
    }

    #report(): void {
        const waitedMs = this.#now() - this.#begunAt
        this.#logger.warn('wait', { call: this.#subject, waitedMs, reason: this.#reason() })
        this.#timer = setTimeout(() => this.#report(), REPEATED_MS)
        this.#timer.unref()
    }
}
