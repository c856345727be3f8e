/**
 * Waits, for between half and all of a delay that doubles from one time to the next up to a bound:
 * whoever was refused together does not come back together. Rejects with why the signal aborted.
 */
export class RetryDelay {
    readonly #firstMs: number
    readonly #lastMs: number
    readonly #random: () => number
    #times = 0

    /** @param random From 0 up to 1. */
    constructor(firstMs: number, lastMs: number, random: () => number) {
        this.#firstMs = firstMs
        this.#lastMs = lastMs
        this.#random = random
    }

    /** How long the next wait is, in milliseconds. */
    next(): number {
        const delayMs = Math.min(this.#lastMs, this.#firstMs * 2 ** this.#times)
        this.#times = Math.min(this.#times + 1, 32)
        return Math.ceil((delayMs * (1 + this.#random())) / 2)
    }

    /** Waits for that long. */
    wait(signal: AbortSignal): Promise<void> {
        return pause(this.next(), signal)
    }
}

/** Waits for so many milliseconds. Rejects with why the signal aborted. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const onAbort = (): void => {
            clearTimeout(timer)
            reject(signal.reason)
        }
        const timer = setTimeout(() => {
            signal.removeEventListener('abort', onAbort)
            resolve()
        }, delayMs)
        signal.addEventListener('abort', onAbort, { once: true })
    })
}
