import Signal from 'signal'

/** The longest wait for the next event of a run, in milliseconds. */
const STALL_MS = 30_000

/** The waits of one run. Each wait ends when its condition holds, or when the run fails. */
export class RunWait {
    readonly #moved = new Signal()
    readonly #watchdog: NodeJS.Timeout
    #failure: Error | null = null

    /** @param onStall Is called if no event arrives within 30 s. */
    constructor(onStall: (reason: Error) => void) {
        this.#watchdog = setTimeout(() => {
            const stalled = `The demo has received no event for ${STALL_MS / 1000} seconds.`
            const cause = 'The republic has lost its majority, or this machine is too busy.'
            onStall(new Error(`${stalled} ${cause}`))
        }, STALL_MS)
    }

    /** The first failure of the run; `null` if there is none. */
    get failure(): Error | null {
        return this.#failure
    }

    /** Ends every wait with an error. The first error counts. */
    fail(reason: Error): void {
        this.#failure ??= reason
        this.#moved.notify()
    }

    /** Checks every condition again: an event has arrived. */
    notify(): void {
        this.#watchdog.refresh()
        this.#moved.notify()
    }

    /** Waits for a condition; throws the failure of the run. */
    async until(isReached: () => boolean): Promise<void> {
        for (;;) {
            if (this.#failure !== null) {
                throw this.#failure
            }
            if (isReached()) {
                return
            }
            await new Promise<void>((resolve) => {
                this.#moved.wait(() => resolve())
            })
        }
    }

    /** Stops the timer. */
    end(): void {
        clearTimeout(this.#watchdog)
    }
}
