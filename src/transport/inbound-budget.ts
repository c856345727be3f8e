import { KibitzError } from '../base/errors.js'

/** The default of `inboundBytesMax`, in bytes. */
const INBOUND_BYTES_MAX = 64 * 1024 * 1024

/**
 * The memory of a listener for incomplete messages: one limit for all connections together.
 *
 * 1. The granted sizes never exceed the limit in total.
 * 2. Waiting sizes are granted in the order of the requests, as soon as there is room.
 */
export class InboundBudget {
    readonly #bytesMax: number
    readonly #waiting = new Set<{ readonly bytes: number; readonly onGranted: () => void }>()
    #granted = 0

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax
    }

    /** The number of bytes that are granted now. */
    get granted(): number {
        return this.#granted
    }

    /** Grants a size at once, or returns `false` and grants nothing. */
    take(bytes: number): boolean {
        if (this.#waiting.size !== 0 || this.#granted + bytes > this.#bytesMax) {
            return false
        }
        this.#granted += bytes
        return true
    }

    /**
     * Grants a size as soon as there is room, and then calls `onGranted`. Returns the undo of the
     * wait.
     */
    await(bytes: number, onGranted: () => void): () => void {
        const wait = { bytes, onGranted }
        this.#waiting.add(wait)
        return () => {
            if (this.#waiting.delete(wait)) {
                this.#grantWaiting()
            }
        }
    }

    /** Gives a granted size back. */
    release(bytes: number): void {
        this.#granted -= bytes
        this.#grantWaiting()
    }

    #grantWaiting(): void {
        for (const wait of this.#waiting) {
            if (this.#granted + wait.bytes > this.#bytesMax) {
                return
            }
            this.#waiting.delete(wait)
            this.#granted += wait.bytes
            wait.onGranted()
        }
    }
}

/**
 * Makes the budget of a listener from its options.
 *
 * @throws KibitzError `invalid-argument` if `inboundBytesMax` is below `bytesMax`.
 */
export function budgetOf(inboundBytesMax: number | undefined, bytesMax: number): InboundBudget {
    const bytes = inboundBytesMax ?? Math.max(INBOUND_BYTES_MAX, bytesMax)
    if (bytes < bytesMax) {
        throw new KibitzError(
            'invalid-argument',
            `inboundBytesMax (${bytes}) is below bytesMax (${bytesMax}), so the largest message ` +
                'would never arrive. Nothing was started; raise inboundBytesMax.'
        )
    }
    return new InboundBudget(bytes)
}
