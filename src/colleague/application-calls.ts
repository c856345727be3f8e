import { AsyncLocalStorage } from 'node:async_hooks'
import { KibitzError } from '../base/errors.js'
import type { Application } from './application.js'

/** The methods of a Colleague that wait for the application. */
export type GuardedMethod = 'publish' | 'publishAll' | 'barrier' | 'read'

/** A call of the application, and everything that the call begins. */
interface ApplicationCall {
    hasEnded: boolean
}

/** Whether the application returned a promise. A property `then` that is no function is data. */
export function isPending(value: unknown): value is PromiseLike<unknown> {
    const isHolder = (typeof value === 'object' && value !== null) || typeof value === 'function'
    try {
        return isHolder && typeof Reflect.get(value, 'then') === 'function'
    } catch {
        return false
    }
}

function isAsync(method: unknown): boolean {
    return Object.prototype.toString.call(method) === '[object AsyncFunction]'
}

/**
 * Calls `apply` and `governed` of the application, and notices a publish from inside such a call:
 * the publish would wait for the call, and the call for the publish.
 *
 * An asynchronous application costs about 0.2 µs an entry here. A synchronous application costs
 * nothing: the storage that follows a call through its promises exists only if a method is an
 * `async` function, or has returned a promise.
 */
export class ApplicationCalls {
    #isRunning = false
    #storage: AsyncLocalStorage<ApplicationCall> | null = null

    constructor({ apply, governed }: Pick<Application, 'apply' | 'governed'>) {
        if (isAsync(apply) || isAsync(governed)) {
            this.#storage = new AsyncLocalStorage()
        }
    }

    /** Runs a call. A returned thenable becomes a promise, and is asked once. */
    run(call: () => unknown): unknown {
        const own: ApplicationCall = { hasEnded: false }
        let result: unknown
        this.#isRunning = true
        try {
            result = this.#storage === null ? call() : this.#storage.run(own, call)
        } finally {
            this.#isRunning = false
        }
        if (!isPending(result)) {
            own.hasEnded = true
            return result
        }
        this.#storage ??= new AsyncLocalStorage()
        const end = (): void => {
            own.hasEnded = true
        }
        const pending = Promise.resolve(result)
        pending.then(end, end)
        return pending
    }

    /**
     * Refuses a call of the Colleague from inside a call of the application.
     *
     * @throws KibitzError `invalid-argument`.
     */
    rejectInside(method: GuardedMethod): void {
        if (this.#isRunning || this.#storage?.getStore()?.hasEnded === false) {
            throw new KibitzError(
                'invalid-argument',
                `${method} was called inside apply or governed. The ${method} would wait for the `
                    + `application, and the application for the ${method}, forever. Nothing was `
                    + 'published. Return a result from apply, and call '
                    + `${method} where the result arrives: after await colleague.publish(…).`
            )
        }
    }
}
