import type { PartHost } from './part.js'

/** The longest wait of one timer, in milliseconds: a day. */
const WAIT_MS_MAX = 86_400_000

/** The members that do not lead wait so much longer at most, in milliseconds. */
const STAGGER_MS = 1000

/** The pause after a failed publish, in milliseconds. */
const RETRY_MS = 1000

/** The times of one cron expression, on the wall clock of this member. */
export class Schedule {
    readonly #host: PartHost
    readonly #next: (after: Date) => Date | null
    readonly #hasFired: (at: Date) => boolean
    readonly #fire: (at: Date) => Promise<unknown>
    #endTimer: () => void = () => {}
    #isStopped = false

    /**
     * @param next The first time after a time.
     * @param hasFired Whether the log already holds a time.
     * @param fire Publishes a time.
     */
    constructor(
        host: PartHost, next: (after: Date) => Date | null, hasFired: (at: Date) => boolean,
        fire: (at: Date) => Promise<unknown>
    ) {
        this.#host = host
        this.#next = next
        this.#hasFired = hasFired
        this.#fire = fire
        this.#waitFor(next(new Date()))
    }

    /** Ends the schedule. */
    stop(): void {
        this.#isStopped = true
        this.#endTimer()
    }

    #waitFor(at: Date | null): void {
        if (at === null || this.#isStopped || this.#host.closed.aborted) {
            return
        }
        const left = at.getTime() - Date.now()
        this.#endTimer = this.#host.after(Math.min(Math.max(left, 1), WAIT_MS_MAX), () => {
            if (at.getTime() > Date.now()) {
                this.#waitFor(at)
            } else {
                const { isLeader, random } = this.#host
                this.#onTime(at, isLeader ? 0 : STAGGER_MS * (0.5 + random() / 2))
            }
        })
    }

    #onTime(at: Date, staggerMs: number): void {
        const onward = (): void => this.#waitFor(this.#next(at))
        const attempt = (): void => {
            if (this.#hasFired(at)) {
                onward()
            } else {
                this.#fire(at).then(onward, () => {
                    this.#endTimer = this.#host.after(RETRY_MS, attempt)
                })
            }
        }
        this.#endTimer = staggerMs === 0 ? () => {} : this.#host.after(staggerMs, attempt)
        if (staggerMs === 0) {
            attempt()
        }
    }
}
