import type Signal from 'signal'
import { KibitzError } from './errors.js'

/** An error-first callback. */
export type Callback<Result> = (error: Error | null | undefined, result?: Result) => void

/**
 * Calls a function of the application or of a dependency. If the function throws, the caller of
 * `callSafely` goes on, and a microtask throws the same error again as an uncaught exception.
 */
export function callSafely(call: () => void): void {
    try {
        call()
    } catch (error) {
        queueMicrotask(() => {
            throw error
        })
    }
}

/**
 * Isolates the waiters of a signal: an exception in one waiter affects neither the caller of
 * `notify` nor the other waiters. A plain Signal loses its remaining waiters at an exception. To
 * isolate the cursors of a Procession, pass its signal `pushed`.
 */
export function isolateListeners<Values extends unknown[]>(signal: Signal<Values>): void {
    const plain = signal.wait.bind(signal) as (...given: unknown[]) => unknown
    const wait = (...given: unknown[]): unknown => {
        const timeout = typeof given[0] === 'number' ? [given.shift()] : []
        const [target, method] = given as [object, string]
        const call = (...values: unknown[]): void => {
            const waiter = typeof target === 'function' ? target : Reflect.get(target, method)
            Reflect.apply(waiter, target, values)
        }
        return plain(...timeout, (...values: unknown[]) => callSafely(() => call(...values)))
    }
    const notifyAll = signal.notify.bind(signal)
    const notify = (...values: Values): void => {
        // A queue notifies at every push, and usually the signal has no waiter.
        if (signal.occupied) {
            notifyAll(...values)
        }
    }
    Object.assign(signal, { wait, notify })
}

/** Returns the same promise. If the caller ignores the rejection, Node does not end the process. */
export function quiet<Result>(promise: Promise<Result>): Promise<Result> {
    promise.catch(() => {})
    return promise
}

/**
 * Rejects a callback that is not a function. `undefined` and `null` mean that there is no callback.
 *
 * @throws KibitzError `invalid-argument` if the callback is not a function.
 */
export function checkCallback(callback: unknown): void {
    if (callback !== undefined && callback !== null && typeof callback !== 'function') {
        throw new KibitzError(
            'invalid-argument',
            'A callback is a function. Nothing was done; pass a function, or none.'
        )
    }
}

/**
 * Runs an error-first operation for a caller with a callback or for a caller that wants a promise.
 * If a callback is given, returns nothing. Ignoring a rejection is safe. An operation without an
 * error must yield a result, unless `Result` contains `undefined`.
 *
 * @throws KibitzError `invalid-argument` if the callback is not a function.
 */
export function promiseOrCallback<Result>(
    operation: (callback: Callback<Result>) => void,
    callback?: null
): Promise<Result>
export function promiseOrCallback<Result>(
    operation: (callback: Callback<Result>) => void,
    callback: Callback<Result> | null | undefined
): Promise<Result> | undefined
export function promiseOrCallback<Result>(
    operation: (callback: Callback<Result>) => void,
    callback?: Callback<Result> | null
): Promise<Result> | undefined {
    checkCallback(callback)
    if (callback !== undefined && callback !== null) {
        operation((error, result) => callSafely(() => callback(error ?? null, result)))
        return undefined
    }
    const promise = new Promise<Result>((resolve, reject) => {
        operation((error, result) => {
            if (error === null || error === undefined) {
                resolve(result as Result)
            } else {
                reject(error)
            }
        })
    })
    promise.catch(() => {})
    return promise
}

/** Calls an error-first callback once when a promise settles. */
export function passResult<Result>(
    promise: Promise<Result>,
    callback: (error?: Error | null, result?: Result) => void
): void {
    promise.then(
        (result) => callback(null, result),
        (error) => callback(error)
    )
}

/**
 * Like `promiseOrCallback`, for an operation that returns a promise.
 */
export function promiseOrCall<Result>(
    start: () => Promise<Result>,
    callback: Callback<Result> | null | undefined
): Promise<Result> | undefined {
    const run = (done: Callback<Result>): void => passResult(start(), done)
    return promiseOrCallback(run, callback)
}
