import { onAbort } from '../base/abort-signal.js'

/**
 * Computes growing pauses between attempts. The delay doubles with each attempt, up to a maximum;
 * each pause is a random part, between half and all, of the delay. So callers that failed at the
 * same time do not retry at the same time.
 */
export class RetryDelay {
    readonly #firstMs: number
    readonly #lastMs: number
    readonly #random: () => number
    #times = 0

    /** @param random Returns a number in [0, 1). */
    constructor(firstMs: number, lastMs: number, random: () => number) {
        this.#firstMs = firstMs
        this.#lastMs = lastMs
        this.#random = random
    }

    /** The next pause, in milliseconds. Each call doubles the delay. */
    next(): number {
        const delayMs = Math.min(this.#lastMs, this.#firstMs * 2 ** this.#times)
        this.#times = Math.min(this.#times + 1, 32)
        return Math.ceil((delayMs * (1 + this.#random())) / 2)
    }

    /** Waits for the next pause. If the signal aborts, rejects with its reason. */
    wait(signal: AbortSignal): Promise<void> {
        return pause(this.next(), signal)
    }
}

/** Waits for some milliseconds. If the signal aborts, rejects with its reason. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const timer = setTimeout(() => {
            forget()
            resolve()
        }, delayMs)
        const forget = onAbort(signal, () => {
            clearTimeout(timer)
            reject(signal.reason)
        })
    })
}
