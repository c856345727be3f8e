/** An error-first callback. */
export type Outward<Result> = (error: Error | null | undefined, result?: Result) => void

/**
 * Gives an error-first operation its second face: without a callback it returns a promise. Who
 * ignores the promise's rejection is not punished for it.
 */
export function outward<Result>(
    operation: (callback: Outward<Result>) => void,
    callback: Outward<Result> | undefined
): Promise<Result | undefined> {
    if (callback !== undefined) {
        operation(callback)
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
