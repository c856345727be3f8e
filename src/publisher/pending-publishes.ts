import { KibitzError } from '../base/errors.js'
import type { Settlement } from './islander-types.js'
import type { Monotonic } from '../base/monotonic.js'
import { Fifo } from '../base/queues.js'
import { onAbort } from '../base/abort-signal.js'
import { Wait } from '../member/wait-list.js'
import type { Waits } from '../member/waits.js'

/** The result of a publish. */
export interface Publication {
    /** The promise of the entry in the log. */
    readonly promise: Monotonic
}

/** The result of a call: one publication, or a list. */
export type Published = Publication | readonly Publication[]

/** The tickets of one call. */
interface Tickets {
    readonly first: number
    readonly count: number
    /** Whether the result is a list. If not, the call has one ticket. */
    readonly isList: boolean
    /** About the number of bytes of the values. */
    readonly weight: number
    readonly signal: AbortSignal | undefined
    /** In milliseconds. @default none */
    readonly timeout?: number | undefined
    /** Whether another call has waited since the same turn of the event loop. @default false */
    readonly isSameTurn?: boolean
    /** @default 'publish' */
    readonly kind?: 'publish' | 'barrier'
    /** Whether the call is among the waits of the member already. @default false */
    readonly isEntered?: boolean
}

/** The promise of one call, for one ticket or for successive tickets. */
class Waiting extends Wait {
    /** The first and the last ticket. */
    readonly first: number
    readonly last: number
    readonly weight: number
    readonly publication: Promise<Published>
    readonly resolve: (result: Published) => void
    readonly reject: (error: KibitzError) => void
    /** The publications that have appeared, in order; `null` if the result is no list. */
    readonly appeared: Publication[] | null
    /** Whether the promise is settled already: the wait was aborted, or a value was given up. */
    isOver = false
    /** Removes the listener of the signal; `null` without a signal. */
    unlisten: (() => void) | null = null
    readonly #end: (waiting: Waiting, error: KibitzError) => void

    /** @param end Ends a wait. */
    constructor(
        { kind = 'publish', first, count, weight, isList }: Tickets,
        end: (waiting: Waiting, error: KibitzError) => void
    ) {
        super(kind)
        this.first = first
        this.last = first + count - 1
        this.weight = weight
        this.publication = new Promise(keepSettlers)
        this.resolve = lastSettlers.resolve
        this.reject = lastSettlers.reject
        this.appeared = isList ? [] : null
        this.#end = end
    }

    override expire(error: KibitzError): void {
        this.#end(this, error)
    }
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
function keepSettlers(resolve: Waiting['resolve'], reject: Waiting['reject']): void {
    lastSettlers.resolve = resolve
    lastSettlers.reject = reject
}

/** The promises of publishes that have not appeared in the log. Tickets settle in ticket order. */
export class PendingPublishes {
    /** In the order of the tickets. */
    readonly #waiting = new Fifo<Waiting>()
    #size = 0
    #weight = 0
    #waits: Waits | null = null
    readonly #end = (waiting: Waiting, error: KibitzError): void => this.#endWait(waiting, error)

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
     */
    wait(tickets: Tickets): Promise<Published> {
        const { count, weight, signal, timeout, isSameTurn = false } = tickets
        const waiting = new Waiting(tickets, this.#end)
        if (signal !== undefined) {
            // A signal that takes no listener throws here, before any change.
            waiting.unlisten = onAbort(signal, () => {
                this.#endWait(waiting, publishAborted(signal))
            })
        }
        if (tickets.isEntered !== true) {
            this.#waits?.addInner(waiting, timeout, isSameTurn)
        }
        this.#waiting.push(waiting)
        this.#size += count
        this.#weight += weight
        return waiting.publication
    }

    /** Ends a wait. The entries may still appear, and count against the limits until then. */
    #endWait(waiting: Waiting, error: KibitzError): void {
        waiting.isOver = true
        this.#forget(waiting)
        rejectQuietly(waiting, error)
    }

    #forget(waiting: Waiting): void {
        waiting.unlisten?.()
        this.#waits?.leave(waiting)
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
            const publication = promise === null ? null : Object.freeze({ promise })
            if (publication !== null) {
                waiting.appeared?.push(publication)
            }
            this.#size--
            if (refused !== undefined && !waiting.isOver) {
                this.#endWait(waiting, undeliverable(refused))
            }
            if (ticket === waiting.last) {
                this.#waiting.shift()
                this.#weight -= waiting.weight
                const { appeared, isOver } = waiting
                const result = appeared === null ? publication : Object.freeze(appeared)
                if (!isOver && result !== null) {
                    this.#forget(waiting)
                    waiting.resolve(result)
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

/** Rejects a promise. The handler is added only now, because most promises resolve. */
function rejectQuietly({ publication, reject }: Waiting, error: KibitzError): void {
    publication.catch(nothing)
    reject(error)
}
