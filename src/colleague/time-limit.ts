import { onAbort } from '../base/abort-signal.js'
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
            for (const forget of forgets) {
                forget()
            }
            settle()
        }
        const abort = (reason: unknown): void =>
            conclude(() => {
                controller.abort(reason)
                reject(reason)
            })
        const timer = setTimeout(() => abort(late()), limitMs)
        const forgets = ends.map((end) => onAbort(end, () => abort(end.reason)))
        // An exception of `begin` counts as a rejection.
        new Promise((ended) => {
            ended(begin(controller.signal))
        }).then(
            (result) => conclude(() => resolve(result)),
            (error) => conclude(() => reject(error))
        )
    })
}
