import { KibitzError } from '../../base/errors.js'
import { ID_MAX } from './frame.js'

/** The error of a call without an answer. */
export function unreachable(what: string): KibitzError {
    return new KibitzError('unreachable', what)
}

/** The error of a call to an address that speaks HTTP and no frames. The call was not received. */
export class NotFrames extends KibitzError {
    constructor() {
        super('unreachable', 'The addressee speaks HTTP and no frames. Call it by HTTP.')
    }
}

/** A call without an answer. */
export interface PendingCall {
    /** The envelope as JSON; empty once sent. */
    text: string
    /** The id of the addressee, if the envelope names one. */
    readonly to: string | null
    readonly signal: AbortSignal
    readonly resolve: (answer: unknown) => void
    readonly reject: (error: unknown) => void
}

/** The calls without an answer on one connection, each with an id. Each call is settled once. */
export class PendingCalls {
    readonly #calls = new Map<number, PendingCall>()
    #lastId = 0

    /** The number of calls. */
    get size(): number {
        return this.#calls.size
    }

    /** All calls, in the order of their start. */
    get all(): readonly (readonly [id: number, call: PendingCall])[] {
        return [...this.#calls]
    }

    /** Adds a call. Returns the id of the call. */
    add(call: PendingCall): number {
        this.#lastId = this.#lastId === ID_MAX ? 1 : this.#lastId + 1
        this.#calls.set(this.#lastId, call)
        return this.#lastId
    }

    /**
     * Removes a call and returns it; `undefined` if no call has this id. The caller of `take` must
     * settle the call.
     */
    take(id: number): PendingCall | undefined {
        const call = this.#calls.get(id)
        this.#calls.delete(id)
        return call
    }

    /** Rejects the calls whose signal has aborted. */
    rejectAborted(): void {
        for (const [id, { signal, reject }] of this.#calls) {
            if (signal.aborted) {
                this.#calls.delete(id)
                reject(signal.reason)
            }
        }
    }

    /** Rejects all calls. */
    rejectAll(error: unknown): void {
        const call = [...this.#calls.values()]
        this.#calls.clear()
        for (const { reject } of call) {
            reject(error)
        }
    }
}
