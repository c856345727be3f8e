import { untilAborted } from '../../base/abort-signal.js'

/** Lets one task at a time run for a route, in the order of the calls. */
export class Turns {
    /** The end of all tasks of a route so far. A route without a task has no entry. */
    readonly #ends = new Map<string, Promise<void>>()

    /**
     * Runs a task after all earlier tasks of the route. A task that has not begun leaves the queue
     * when its signal aborts.
     *
     * @throws KibitzError `aborted` or `timed-out` before the task; the errors of the task.
     */
    take<T>(route: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
        const before = this.#ends.get(route) ?? Promise.resolve()
        const result = untilAborted(before, signal, 'The call').then(task)
        const ended: Promise<void> = Promise.allSettled([before, result]).then(() => {
            if (this.#ends.get(route) === ended) {
                this.#ends.delete(route)
            }
        })
        this.#ends.set(route, ended)
        return result
    }
}
