import type Signal from 'signal'

/** An error-first callback. */
export type Outward<Result> = (error: Error | null | undefined, result?: Result) => void

/** Calls what is not ours. What it throws stops nothing here: it is thrown once more, alone. */
export function apart(call: () => void): void {
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
export function sturdy<Values extends unknown[]>(signal: Signal<Values>): void {
    const plain = signal.wait.bind(signal) as (...given: unknown[]) => unknown
    const wait = (...given: unknown[]): unknown => {
        const timeout = typeof given[0] === 'number' ? [given.shift()] : []
        const [target, method] = given as [object, string]
        const call = (...values: unknown[]): void => {
            const waiter = typeof target === 'function' ? target : Reflect.get(target, method)
            Reflect.apply(waiter, target, values)
        }
        return plain(...timeout, (...values: unknown[]) => apart(() => call(...values)))
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

/**
 * Gives an error-first operation its second face: without a callback it returns a promise. Who
 * ignores the promise's rejection is not punished for it.
 */
export function outward<Result>(
    operation: (callback: Outward<Result>) => void,
    callback: Outward<Result> | undefined
): Promise<Result | undefined> {
    if (callback !== undefined) {
        operation((error, result) => apart(() => callback(error ?? null, result)))
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
