import { callSafely } from '../base/callbacks.js'
import { KibitzError } from '../base/errors.js'
import { isPending } from '../colleague/application-calls.js'

function failed(part: string, cause: unknown): KibitzError {
    return new KibitzError('application-failed',
        `The part ${part} threw. Its state may be incomplete, so this member stops; the log has `
            + 'lost no entry, and the other parts are not harmed. Correct the cause and restart.',
        { cause })
}

/**
 * Runs a call of a part.
 *
 * @throws KibitzError `application-failed` after an exception; the message names the part.
 */
export function named(part: string, call: () => unknown): unknown {
    const fail = (cause: unknown): never => {
        throw failed(part, cause)
    }
    try {
        const returned = call()
        return isPending(returned) ? Promise.resolve(returned).catch(fail) : returned
    } catch (cause) {
        return fail(cause)
    }
}

/** Calls a function after a time, in milliseconds. Returns the end of the timer. */
export function after(ms: number, call: () => void): () => void {
    const timer = setTimeout(() => callSafely(call), Math.max(ms, 1))
    // The Colleague keeps the process, and a lease does not.
    timer.unref?.()
    return () => clearTimeout(timer)
}

/** The calls that wait for the end of `apply`. */
export class AfterApply {
    #calls: (() => void)[] = []
    #wake: () => void = () => {}

    /** Runs the calls outside of `apply`, in the context of the caller of this method. */
    async run(closed: AbortSignal): Promise<void> {
        while (!closed.aborted) {
            if (this.#calls.length === 0) {
                await new Promise<void>((resolve) => {
                    this.#wake = resolve
                })
            }
            for (const call of this.#calls.splice(0)) {
                callSafely(call)
            }
        }
    }

    /** Adds a call. */
    add(call: () => void): void {
        this.#calls.push(call)
        this.#wake()
    }
}
