/** The longest wait for the application and the transport at the end, in milliseconds. */
export const END_LIMIT_MS = 10_000

/**
 * Waits for the last parts of a Colleague that run the user's code: a call of the application, and
 * the transport. A part that never ends does not hold up the end of the Colleague.
 *
 * @returns Whether all parts ended within the time limit. Never rejects.
 */
export function untilEnded(parts: readonly Promise<unknown>[]): Promise<boolean> {
    return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), END_LIMIT_MS)
        void Promise.allSettled(parts).then(() => {
            clearTimeout(timer)
            resolve(true)
        })
    })
}
