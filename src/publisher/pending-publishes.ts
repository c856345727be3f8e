import { KibitzError } from '../base/errors.js'
import type { Settlement } from './islander-types.js'
import type { Monotonic } from '../base/monotonic.js'
import { Fifo } from '../base/queues.js'
import { onAbort } from '../base/abort-signal.js'
import type { Wait } from '../member/wait-list.js'
import type { Waits } from '../member/waits.js'

/** The result of a publish. */
export interface Publication {
    /** The promise of the entry in the log. */
    readonly promise: Monotonic
}

/** The promise of one call, for one ticket or for successive tickets. */
interface Waiting {
    readonly first: number
    /** The last ticket. */
    readonly last: number
    readonly weight: number
    readonly signal: AbortSignal | undefined
    /** The publications that have appeared, in order; `null` before the first one. */
    appeared: Publication[] | null
    /** Whether the promise is settled already: the wait was aborted, or a value was given up. */
    isOver: boolean
    /** Resolves the promise with the result of `resultOf`. */
    readonly resolve: (result: unknown) => void
    readonly reject: (error: KibitzError) => void
    readonly resultOf: (publications: readonly Publication[]) => unknown
    readonly publication: Promise<unknown>
    /** Removes the listener of the signal; `null` without a signal. */
    unlisten: (() => void) | null
    /** The call among the waits of the member; `null` if the call is not among them. */
    wait: Wait | null
}

/** The tickets of one call. */
interface Tickets {
    readonly first: number
    readonly count: number
    /** About the number of bytes of the values. */
    readonly weight: number
    readonly signal: AbortSignal | undefined
    /** In milliseconds. @default none */
    readonly timeout?: number | undefined
    /** @default 'publish' */
    readonly kind?: 'publish' | 'barrier'
}

/** The error of a publish after an abort of its signal. */
export function publishAborted(signal: AbortSignal): KibitzError {
    return new KibitzError(
        'aborted',
        'The wait for a publish was aborted. The entry may still appear in the log; look there ' +
            'before publishing it again.',
        { cause: signal.reason }
    )
}

/** The error of a publish after three refusals of the value. */
function undeliverable(status: string): KibitzError {
    return new KibitzError(
        'undeliverable',
        `The leader, or a proxy on the way, has refused a published value with ${status} three ` +
            'times. The value is not in the log and will not appear; other values of the same ' +
            'call may. Publish another value, or correct the route, then publish the value again.'
    )
}

function nothing(): void {}

/** The functions that settle the promise made last. */
const lastSettlers: { -readonly [Key in 'resolve' | 'reject']: Waiting[Key] } = {
    resolve: nothing, reject: nothing
}

/** Stores the functions. A shared function saves one closure for each publish. */
function keepSettlers<Result>(resolve: (result: Result) => void, reject: Waiting['reject']): void {
    // The promise resolves with the result of `resultOf`, of type Result.
    lastSettlers.resolve = resolve as Waiting['resolve']
    lastSettlers.reject = reject
}

/** The promises of publishes that have not appeared in the log. Tickets settle in ticket order. */
export class PendingPublishes {
    /** In the order of the tickets. */
    readonly #waiting = new Fifo<Waiting>()
    #size = 0
    #weight = 0
    #waits: Waits | null = null

    /** From now on, enters each call among the waits of the member. */
    watch(waits: Waits): void {
        this.#waits = waits
    }

    /**
     * About the number of bytes of the waiting publishes. The values of one call count until all of
     * them have appeared.
     */
    get weight(): number {
        return this.#weight
    }

    /** The number of waiting publishes. */
    get size(): number {
        return this.#size
    }

    /**
     * Makes a promise for `count` tickets from `first` on. A rejection is safe to ignore. If the
     * signal aborts, the promise rejects with `aborted`; the entries may still appear in the log,
     * and count against the limits until then.
     *
     * @param resultOf Makes the result of the promise from the publications.
     */
    wait<Result>(
        { first, count, weight, signal, timeout, kind = 'publish' }: Tickets,
        resultOf: (publications: readonly Publication[]) => Result
    ): Promise<Result> {
        const last = first + count - 1
        const publication: Promise<Result> = new Promise(keepSettlers)
        const waiting: Waiting = {
            first, last, weight, signal, appeared: null, isOver: false,
            ...lastSettlers, resultOf, publication, unlisten: null, wait: null
        }
        if (signal !== undefined) {
            // A signal that takes no listener throws here, before any change.
            waiting.unlisten = onAbort(signal, () => {
                this.#endWait(waiting, publishAborted(signal))
            })
        }
        waiting.wait = this.#waits?.enterInner(
            kind, timeout, (error) => this.#endWait(waiting, error)
        ) ?? null
        this.#waiting.push(waiting)
        this.#size += count
        this.#weight += weight
        return publication
    }

    /** Ends a wait. The entries may still appear, and count against the limits until then. */
    #endWait(waiting: Waiting, error: KibitzError): void {
        waiting.isOver = true
        this.#forget(waiting)
        rejectQuietly(waiting, error)
    }

    #forget(waiting: Waiting): void {
        waiting.unlisten?.()
        this.#waits?.leave(waiting.wait)
    }

    /**
     * Resolves the promises whose entries have appeared; rejects the promises of values that were
     * given up.
     *
     * @returns The number of resolved promises.
     */
    settle(settlements: readonly Settlement[]): number {
        let kept = 0
        for (const { ticket, promise, refused } of settlements) {
            const waiting = this.#waiting.peek()
            if (waiting === undefined || waiting.first > ticket) {
                // The ticket has no promise: it was published before a restart.
                continue
            }
            const appeared = addPublication(waiting, promise)
            this.#size--
            if (refused !== undefined && !waiting.isOver) {
                this.#endWait(waiting, undeliverable(refused))
            }
            if (ticket === waiting.last) {
                this.#waiting.shift()
                this.#weight -= waiting.weight
                if (!waiting.isOver) {
                    this.#forget(waiting)
                    waiting.resolve(waiting.resultOf(appeared))
                    kept++
                }
            }
        }
        return kept
    }

    /** Rejects all promises. */
    reject(error: KibitzError): void {
        this.#size = 0
        this.#weight = 0
        const waiting: Waiting[] = []
        for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
            waiting.push(next)
        }
        for (const one of waiting) {
            if (!one.isOver) {
                this.#forget(one)
                rejectQuietly(one, error)
            }
        }
    }
}

/** Adds a publication. Most calls have one ticket, so the list is made at the first one. */
function addPublication(waiting: Waiting, promise: Monotonic | null): readonly Publication[] {
    if (promise === null) {
        return waiting.appeared ?? []
    }
    const publication = Object.freeze({ promise })
    if (waiting.appeared === null) {
        waiting.appeared = [publication]
    } else {
        waiting.appeared.push(publication)
    }
    return waiting.appeared
}

/** Rejects a promise. The handler is added only now, because most promises resolve. */
function rejectQuietly({ publication, reject }: Waiting, error: KibitzError): void {
    publication.catch(nothing)
    reject(error)
}
