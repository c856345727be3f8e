import { onAbort } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'

/**
 * A signal that aborts with the first of several signals, or after a time limit. `release` ends the
 * timer and the listeners; `AbortSignal.any` would keep them as long as the longest signal lives.
 */
export class WaitSignal implements Disposable {
    readonly #controller = new AbortController()
    readonly #forget: (() => void)[] = []
    readonly #timer: NodeJS.Timeout | null

    /**
     * @param what The wait, as the subject of the message of `timed-out`.
     * @param timeout The time limit in milliseconds; `null` without a limit.
     */
    constructor(what: string, signals: readonly (AbortSignal | null)[], timeout: number | null) {
        for (const signal of signals.filter((each) => each !== null)) {
            if (signal.aborted) {
                this.#controller.abort(signal.reason)
            } else {
                this.#forget.push(onAbort(signal, () => this.#controller.abort(signal.reason)))
            }
        }
        this.#timer = timeout === null ? null : setTimeout(() => {
            this.#controller.abort(new KibitzError('timed-out',
                `${what} has taken ${timeout} ms (option timeout). Nothing was lost; the request `
                    + 'is withdrawn. Try again, or wait longer.'))
        }, timeout)
    }

    get signal(): AbortSignal {
        return this.#controller.signal
    }

    /** Ends the timer and the listeners. */
    [Symbol.dispose](): void {
        clearTimeout(this.#timer ?? undefined)
        for (const forget of this.#forget) {
            forget()
        }
    }
}
