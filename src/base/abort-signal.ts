import { KibitzError } from './errors.js'
import { callSafely } from './callbacks.js'

/** What waits for one signal, behind the one listener that the signal has. */
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
 * Calls back once when a signal aborts. All that waits for a signal shares one listener: to add a
 * listener takes a signal as long as the signal has listeners.
 *
 * @returns Ends the wait. A signal for which nothing waits has no listener.
 * @throws KibitzError `invalid-argument` where the signal takes no listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
    const waiting = waits.get(signal) ?? listen(signal)
    const { callbacks, listener } = waiting
    // Each wait counts by itself, even if two waits share a function.
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
