import type Signal from 'signal'
import { KibitzError } from './errors.js'

/** An error-first callback. */
export type Callback<Result> = (error: Error | null | undefined, result?: Result) => void

/** Calls what is not ours. What it throws stops nothing here: it is thrown once more, alone. */
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
 * Lets no waiter of a signal harm who notifies it, or those who wait behind it, by throwing: a
 * plain Signal forgets them all. The waiters of a Procession's cursors wait on its `pushed`.
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
        // A queue notifies with every item, and mostly nobody waits.
        if (signal.occupied) {
            notifyAll(...values)
        }
    }
    Object.assign(signal, { wait, notify })
}

/** The same promise; ignoring its rejection does not end the process. */
export function quiet<Result>(promise: Promise<Result>): Promise<Result> {
    promise.catch(() => {})
    return promise
}

/**
 * Refuses a callback that is no function.
 *
 * @throws KibitzError `invalid-argument` where the callback is no function.
 */
export function checkCallback(callback: unknown): void {
    if (callback !== undefined && callback !== null && typeof callback !== 'function') {
        throw new KibitzError(
            'invalid-argument',
            'A callback is a function. Nothing was done; pass a function, or none.'
        )
    }
}

/** Tells a checked callback, if there is one, what a promise comes to; the promise stays quiet. */
export function called<Result>(
    promise: Promise<Result>,
    callback: Callback<Result> | null | undefined
): Promise<Result> {
    if (callback !== undefined && callback !== null) {
        promise.then(
            (result) => callSafely(() => callback(null, result)),
            (error) => callSafely(() => callback(error))
        )
    }
    return quiet(promise)
}

/**
 * Gives an error-first operation its second face: without a callback it returns a promise. Who
 * ignores the promise's rejection is not punished for it.
 */
export function promiseOrCallback<Result>(
    operation: (callback: Callback<Result>) => void,
    callback: Callback<Result> | null | undefined
): Promise<Result | undefined> {
    checkCallback(callback)
    if (callback !== undefined && callback !== null) {
        operation((error, result) => callSafely(() => callback(error ?? null, result)))
        return Promise.resolve(undefined)
    }
    const promise = new Promise<Result | undefined>((resolve, reject) => {
        operation((error, result) => {
            if (error === null || error === undefined) {
                resolve(result)
            } else {
                reject(error)
            }
        })
    })
    promise.catch(() => {})
    return promise
}
