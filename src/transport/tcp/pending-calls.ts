import { KibitzError } from '../../base/errors.js'
import { ID_MAX } from './frame.js'

/** The error of a call without an answer. */
export function unreachable(what: string): KibitzError {
    return new KibitzError('unreachable', what)
}

/** A call that waits for its answer. */
export interface PendingCall {
    /** The envelope as JSON, until it is sent. */
    text: string
    /** Who is meant, where the envelope says so. */
    readonly to: string | null
    readonly signal: AbortSignal
    readonly resolve: (answer: unknown) => void
    readonly reject: (error: unknown) => void
}

/** The calls of one line that wait, each under a number of its own. Each is settled once. */
export class PendingCalls {
    readonly #asked = new Map<number, PendingCall>()
    #ids = 0

    /** How many wait. */
    get size(): number {
        return this.#asked.size
    }

    /** All that wait, in their order. */
    get all(): readonly (readonly [id: number, asked: PendingCall])[] {
        return [...this.#asked]
    }

    /** Adds one, and yields its number. */
    add(asked: PendingCall): number {
        this.#ids = this.#ids === ID_MAX ? 1 : this.#ids + 1
        this.#asked.set(this.#ids, asked)
        return this.#ids
    }

    /** Takes one away, if it still waits. Whoever takes it has to settle it. */
    take(id: number): PendingCall | undefined {
        const asked = this.#asked.get(id)
        this.#asked.delete(id)
        return asked
    }

    /** Rejects those that nobody waits for any more. */
    drop(): void {
        for (const [id, { signal, reject }] of this.#asked) {
            if (signal.aborted) {
                this.#asked.delete(id)
                reject(signal.reason)
            }
        }
    }

    /** Rejects all. */
    rejectAll(error: unknown): void {
        const asked = [...this.#asked.values()]
        this.#asked.clear()
        for (const { reject } of asked) {
            reject(error)
        }
    }
}
