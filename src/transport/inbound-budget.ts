import { KibitzError } from '../base/errors.js'

/** Bytes of messages that are not whole yet, of all connections, if no option says otherwise. */
const INBOUND_BYTES_MAX = 64 * 1024 * 1024

/**
 * The memory that a listener gives to messages that are not whole yet: one bound for the total of
 * all connections.
 *
 * 1. The sum of the granted sizes never exceeds the bound.
 * 2. A size that waits is granted in the order of the requests, as soon as there is room.
 */
export class InboundBudget {
    readonly #bytesMax: number
    readonly #waiting = new Set<{ readonly bytes: number; readonly onGranted: () => void }>()
    #granted = 0

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax
    }

    /** How many bytes are granted now. */
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

    /** Grants a size when there is room, and then calls back. Returns the undo of the wait. */
    await(bytes: number, onGranted: () => void): () => void {
        const wait = { bytes, onGranted }
        this.#waiting.add(wait)
        return () => {
            if (this.#waiting.delete(wait)) {
                this.#serve()
            }
        }
    }

    /** Returns a granted size. */
    release(bytes: number): void {
        this.#granted -= bytes
        this.#serve()
    }

    #serve(): void {
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
 * The budget of a listener, from its options.
 *
 * @throws KibitzError `invalid-argument` if the largest message finds no room.
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
