import { aborted, onAbort } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import type { PartHost } from './part.js'

/**
 * The wait for a lock: ends with the first of several signals, or after a time limit. Dispose the
 * wait to end the timer and the listeners.
 */
export class LockWait implements Disposable {
    readonly #what: string
    readonly #forget: (() => void)[] = []
    readonly #endTimer: (() => void) | null
    /** The error of the ended wait; `null` while the wait lasts. */
    #end: { readonly error: unknown } | null = null
    /** Rejects the present promise of `until`. */
    #reject: (error: unknown) => void = () => {}

    /**
     * @param name The name of the lock, for the messages.
     * @param timeout The time limit in milliseconds; `null` without a limit.
     */
    constructor(
        name: string, signals: readonly (AbortSignal | null)[], timeout: number | null,
        host: PartHost
    ) {
        this.#what = `The wait for the lock ${name}`
        for (const signal of signals) {
            if (signal !== null) {
                this.#forget.push(onAbort(signal, () => this.#endBy(signal)))
            }
            if (signal?.aborted === true) {
                this.#endBy(signal)
            }
        }
        this.#endTimer = timeout === null ? null : host.after(timeout, () =>
            this.#endWith(new KibitzError('timed-out',
                `${this.#what} has taken ${timeout} ms (option timeout). Nothing was lost; the `
                    + 'request is withdrawn. Try again, or wait longer.')))
    }

    /** Settles like the promise; rejects if the wait ends before. One call at a time. */
    until<Result>(promise: Promise<Result>): Promise<Result> {
        return new Promise((resolve, reject) => {
            this.#reject = reject
            if (this.#end !== null) {
                reject(this.#end.error)
            }
            promise.then(resolve, reject)
        })
    }

    /** Ends the timer and the listeners. */
    [Symbol.dispose](): void {
        this.#endTimer?.()
        for (const forget of this.#forget) {
            forget()
        }
    }

    #endBy(signal: AbortSignal): void {
        const { reason } = signal
        this.#endWith(reason instanceof KibitzError ? reason : aborted(this.#what, signal))
    }

    #endWith(error: unknown): void {
        this.#end ??= { error }
        this.#reject(this.#end.error)
    }
}
