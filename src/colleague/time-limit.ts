import type { KibitzError } from '../base/errors.js'

/**
 * Waits for work, until the time limit passes or a signal aborts.
 *
 * @param begin Begins the work. The signal aborts if the wait ends first.
 * @param ends The signals that end the wait.
 * @param late Creates the error for a wait of `limitMs` milliseconds.
 */
export function withinTimeLimit(
    begin: (signal: AbortSignal) => unknown,
    ends: readonly AbortSignal[],
    limitMs: number,
    late: () => KibitzError
): Promise<unknown> {
    return new Promise((resolve, reject) => {
        for (const end of ends) {
            end.throwIfAborted()
        }
        const controller = new AbortController()
        const conclude = (settle: () => void): void => {
            clearTimeout(timer)
            for (const end of ends) {
                end.removeEventListener('abort', onEnd)
            }
            settle()
        }
        const abort = (reason: unknown): void =>
            conclude(() => {
                controller.abort(reason)
                reject(reason)
            })
        const onEnd = (event: Event): void => abort((event.target as AbortSignal).reason)
        const timer = setTimeout(() => abort(late()), limitMs)
        for (const end of ends) {
            end.addEventListener('abort', onEnd, { once: true })
        }
        // An exception of `begin` counts as a rejection.
        new Promise((ended) => {
            ended(begin(controller.signal))
        }).then(
            (result) => conclude(() => resolve(result)),
            (error) => conclude(() => reject(error))
        )
    })
}
