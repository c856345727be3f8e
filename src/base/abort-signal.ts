import { KibitzError } from './errors.js'
import { callSafely, quiet } from './callbacks.js'
import { abortSignal, milliseconds, type OptionTable, readOptions } from './option-table.js'

/** Ends a wait by a signal. The operation itself may still take effect. */
export interface SignalOptions {
    /** Ends the wait with `aborted`. @default none */
    readonly signal?: AbortSignal | null
}

/** Ends a wait. The operation itself may still take effect. */
export interface WaitOptions extends SignalOptions {
    /**
     * Ends the wait with `timed-out`, in milliseconds. @default none; `publishTimeout` for publish,
     * publishAll and barrier of a Colleague
     */
    readonly timeout?: number
}

/** The kinds of the options of a wait for a signal. */
export const SIGNAL_OPTIONS: OptionTable<SignalOptions> = { signal: abortSignal }

/** The kinds of the options of a wait. */
export const WAIT_OPTIONS: OptionTable<WaitOptions> = { ...SIGNAL_OPTIONS, timeout: milliseconds }

/** The ends of a wait. */
export interface WaitLimits {
    readonly signal: AbortSignal | undefined
    /** In milliseconds. */
    readonly timeout: number | undefined
}

/** A wait without an end. */
export const ENDLESS: WaitLimits = Object.freeze({ signal: undefined, timeout: undefined })

/**
 * Reads the limits of a wait.
 *
 * @param subject The waiting call, for the error text: `publish`.
 * @throws KibitzError `invalid-argument`.
 */
export function limitsOf(subject: string, waiting: WaitOptions | null | undefined): WaitLimits {
    if (waiting === undefined || waiting === null) {
        return ENDLESS
    }
    const { signal, timeout } = readOptions(subject, waiting, WAIT_OPTIONS)
    return { signal: signal ?? undefined, timeout }
}

/**
 * Reads the signal of a wait.
 *
 * @param subject The waiting call, for the error text: `enter`.
 * @throws KibitzError `invalid-argument`.
 */
export function signalOf(
    subject: string,
    waiting: SignalOptions | null | undefined
): AbortSignal | undefined {
    return waiting === undefined || waiting === null
        ? undefined
        : (readOptions(subject, waiting, SIGNAL_OPTIONS).signal ?? undefined)
}

/** The waits for a signal. The waits share a listener. */
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

/** The error of a wait that has reached its limit; `null` if another reason has ended the wait. */
export function limitOf(signal: AbortSignal | null | undefined): KibitzError | null {
    const reason: unknown = signal?.reason
    return reason instanceof KibitzError && reason.code === 'timed-out' ? reason : null
}

/**
 * The error of an aborted wait.
 *
 * @param what The wait, as the subject of the message: `The join`.
 */
export function aborted(what: string, signal: AbortSignal | null | undefined): KibitzError {
    const message = `${what} was aborted. Nothing was lost; call again.`
    return limitOf(signal) ?? new KibitzError('aborted', message, { cause: signal?.reason })
}

/**
 * Settles like the promise, or rejects with `aborted` if the signal aborts first. A rejection is
 * safe to ignore.
 */
export function untilAborted<T>(
    promise: Promise<T>,
    signal: AbortSignal,
    what: string
): Promise<T> {
    return quiet(new Promise<T>((resolve, reject) => {
        if (signal.aborted) {
            // A later rejection of the promise must not end the process.
            quiet(promise)
            reject(aborted(what, signal))
            return
        }
        const forget = onAbort(signal, () => reject(aborted(what, signal)))
        promise.then(resolve, reject).finally(forget)
    }))
}
