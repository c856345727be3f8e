import { aborted, onAbort } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import { KibitzError } from '../base/errors.js'

/** A promise that rejects with an error. The rejection is safe to ignore. */
export function rejected(error: KibitzError): Promise<never> {
    return quiet(Promise.reject(error))
}

/** Settles the promise of a waiting caller. */
type Settle<Result> = (outcome: { readonly result: Result } | KibitzError) => void

/** The callers that wait for the same event. Rejections are safe to ignore. */
export class CallerWaits<Result> {
    readonly #what: string
    readonly #waits = new Set<Settle<Result>>()

    constructor(what: string) {
        this.#what = what
    }

    get isEmpty(): boolean {
        return this.#waits.size === 0
    }

    wait(signal: AbortSignal | undefined): Promise<Result> {
        return quiet(new Promise<Result>((resolve, reject) => {
            const giveUp = (): void => {
                this.#waits.delete(settle)
                reject(aborted(this.#what, signal))
            }
            let forget = (): void => {}
            const settle: Settle<Result> = (outcome) => {
                forget()
                if (outcome instanceof KibitzError) {
                    reject(outcome)
                } else {
                    resolve(outcome.result)
                }
            }
            if (signal?.aborted === true) {
                giveUp()
                return
            }
            if (signal !== undefined) {
                forget = onAbort(signal, giveUp)
            }
            this.#waits.add(settle)
        }))
    }

    /**
     * Removes the waiting callers and returns a function that settles them. Later callers wait for
     * the next event.
     */
    take(): Settle<Result> {
        const waits = [...this.#waits]
        this.#waits.clear()
        return (outcome) => {
            for (const settle of waits) {
                settle(outcome)
            }
        }
    }
}
