/** Hands on what a promise comes to, error first. */
export function passResult<Result>(
    promise: Promise<Result>,
    callback: (error?: Error | null, result?: Result) => void
): void {
    promise.then(
        (result) => callback(null, result),
        (error) => callback(error)
    )
}

/** The same promise; who ignores its rejection is not punished for it. */
export function quiet<Result>(promise: Promise<Result>): Promise<Result> {
    promise.catch(() => {})
    return promise
}
