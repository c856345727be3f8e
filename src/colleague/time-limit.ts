import type { KibitzError } from '../base/errors.js'

/**
 * The result of work that may never end, unless a time limit or a signal ends the wait.
 *
 * @param begin Begins the work. Its signal aborts if the wait ends first.
 * @param ends The signals that end the wait.
 * @param late The error after `limitMs` milliseconds.
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
        // Work that throws is as good as work that rejects.
        new Promise((ended) => {
            ended(begin(controller.signal))
        }).then(
            (result) => conclude(() => resolve(result)),
            (error) => conclude(() => reject(error))
        )
    })
}
