import { AsyncLocalStorage } from 'node:async_hooks'
import { KibitzError } from '../base/errors.js'
import type { Application } from './application.js'

/** The methods of a Colleague that wait for the application. */
export type GuardedMethod = 'publish' | 'publishAll' | 'barrier' | 'read'

/** A call of the application, and everything that the call begins. */
interface ApplicationCall {
    /** The calls of the application of one Colleague. */
    readonly of: ApplicationCalls
    hasEnded: boolean
    /** The call of another application that has begun this call, and that went on then. */
    outer: ApplicationCall | null
}

/**
 * Follows the calls of all applications of the process through their promises; `null` as long as no
 * application is asynchronous. Node keeps each storage forever, and each further storage makes
 * every promise of the process slower: so all applications share one.
 */
let storage: AsyncLocalStorage<ApplicationCall> | null = null

/**
 * Forgets all calls, so that promises cost no more than before the first asynchronous call. The
 * next one begins the following again. For trials, which end all members between two runs.
 */
export function forgetCalls(): void {
    storage?.disable()
}

/** The first call of a chain that has not ended. */
function goesOn(chain: ApplicationCall | null): ApplicationCall | null {
    let call = chain
    while (call?.hasEnded === true) {
        call = call.outer
    }
    return call
}

/** The innermost call that goes on and that has begun the present code; `null` without one. */
function openCall(): ApplicationCall | null {
    const first = goesOn(storage?.getStore() ?? null)
    // The calls that have ended leave the chain, so the chain stays as short as the nesting.
    for (let call = first; call !== null; call = call.outer) {
        call.outer = goesOn(call.outer)
    }
    return first
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
    #isAsync = false

    constructor({ apply, governed }: Pick<Application, 'apply' | 'governed'>) {
        if (isAsync(apply) || isAsync(governed)) {
            this.#becomeAsync()
        }
    }

    /** Runs a call. A returned thenable becomes a promise, and is asked once. */
    run(call: () => unknown): unknown {
        const own: ApplicationCall = {
            of: this, hasEnded: false, outer: this.#isAsync ? openCall() : null
        }
        let result: unknown
        this.#isRunning = true
        try {
            result = this.#isAsync && storage !== null ? storage.run(own, call) : call()
        } finally {
            this.#isRunning = false
        }
        if (!isPending(result)) {
            own.hasEnded = true
            return result
        }
        this.#becomeAsync()
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
        if (this.#isRunning || this.#isInside()) {
            throw new KibitzError(
                'invalid-argument',
                `${method} was called inside apply or governed. The ${method} would wait for the `
                    + `application, and the application for the ${method}, forever. Nothing was `
                    + 'published. Return a result from apply, and call '
                    + `${method} where the result arrives: after await colleague.publish(…).`
            )
        }
    }

    #becomeAsync(): void {
        this.#isAsync = true
        storage ??= new AsyncLocalStorage()
    }

    /** Whether a call of this application that goes on has begun the present code. */
    #isInside(): boolean {
        for (let call = openCall(); call !== null; call = call.outer) {
            if (call.of === this) {
                return true
            }
        }
        return false
    }
}
