import { onAbort } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import type { PartHost } from './part.js'

/**
 * A signal that aborts with the first of several signals, or after a time limit. `release` ends the
 * timer and the listeners; `AbortSignal.any` would keep them as long as the longest signal lives.
 */
export class WaitSignal implements Disposable {
    readonly #controller = new AbortController()
    readonly #forget: (() => void)[] = []
    readonly #endTimer: (() => void) | null

    /**
     * @param what The wait, as the subject of the message of `timed-out`.
     * @param timeout The time limit in milliseconds; `null` without a limit.
     */
    constructor(
        what: string, signals: readonly (AbortSignal | null)[], timeout: number | null,
        host: PartHost
    ) {
        for (const signal of signals.filter((each) => each !== null)) {
            if (signal.aborted) {
                this.#controller.abort(signal.reason)
            } else {
                this.#forget.push(onAbort(signal, () => this.#controller.abort(signal.reason)))
            }
        }
        this.#endTimer = timeout === null ? null : host.after(timeout, () => {
            this.#controller.abort(new KibitzError('timed-out',
                `${what} has taken ${timeout} ms (option timeout). Nothing was lost; the request `
                    + 'is withdrawn. Try again, or wait longer.'))
        })
    }

    get signal(): AbortSignal {
        return this.#controller.signal
    }

    /** Ends the timer and the listeners. */
    [Symbol.dispose](): void {
        this.#endTimer?.()
        for (const forget of this.#forget) {
            forget()
        }
    }
}
