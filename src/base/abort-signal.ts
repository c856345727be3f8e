import { KibitzError } from './errors.js'
import { callSafely } from './callbacks.js'

/** The waits for one signal. All of them share one listener. */
interface Waiting {
    readonly callbacks: Set<() => void>
    readonly listener: () => void
}

const waits = new WeakMap<AbortSignal, Waiting>()

function listen(signal: AbortSignal): Waiting {
    const callbacks = new Set<() => void>()
    const listener = (): void => {
        waits.delete(signal)
        for (const callback of callbacks) {
            callSafely(callback)
        }
        callbacks.clear()
    }
    try {
        signal.addEventListener('abort', listener, { once: true })
    } catch (cause) {
        throw new KibitzError(
            'invalid-argument',
            'The signal does not take a listener. Nothing was done; pass an AbortSignal.',
            { cause }
        )
    }
    return { callbacks, listener }
}

/**
 * Calls a function once when a signal aborts. All waits for a signal share one listener, because
 * the cost of adding a listener grows with the number of listeners that the signal already has.
 *
 * @returns A function that ends the wait. After the last wait has ended, the signal has no
 * listener.
 * @throws KibitzError `invalid-argument` if the signal takes no listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
    const waiting = waits.get(signal) ?? listen(signal)
    const { callbacks, listener } = waiting
    // Each wait has an entry of its own, even if two waits pass the same function.
    const call = (): void => callback()
    waits.set(signal, waiting)
    callbacks.add(call)
    return () => {
        callbacks.delete(call)
        if (callbacks.size === 0 && waits.get(signal) === waiting) {
            waits.delete(signal)
            callSafely(() => signal.removeEventListener('abort', listener))
        }
    }
}
