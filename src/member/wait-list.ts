import type { KibitzError } from '../base/errors.js'

/** The calls that wait for the republic. */
export type WaitKind =
    'publish' | 'barrier' | 'start' | 'join' | 'leave' | 'cede' | 'exile' | 'move'

/** A waiting call: an element of a list. */
export abstract class Wait {
    readonly kind: WaitKind
    /** The start, in milliseconds since the epoch. */
    since = 0
    /** The list that holds the call; `null` before the call has entered and after it has left. */
    list: WaitList | null = null
    before: Wait | null = null
    after: Wait | null = null

    constructor(kind: WaitKind) {
        this.kind = kind
    }

    /** The instant of the limit; infinite without a limit. */
    get deadline(): number {
        return this.since + (this.list?.limit ?? Number.POSITIVE_INFINITY)
    }

    /** Ends the call with an error after the limit. The call has left by then. */
    abstract expire(error: KibitzError): void
}

/** A waiting call that a function ends. */
export class CalledWait extends Wait {
    readonly expire: (error: KibitzError) => void

    constructor(kind: WaitKind, expire: (error: KibitzError) => void) {
        super(kind)
        this.expire = expire
    }
}

/** Waiting calls with the same limit, in the order of their starts, and so of their deadlines. */
export class WaitList {
    first: Wait | null = null
    /** The limit of each call, in milliseconds; infinite without a limit. */
    readonly limit: number
    #last: Wait | null = null

    constructor(limit: number) {
        this.limit = limit
    }

    /** Adds a call at the end. */
    add(wait: Wait): void {
        wait.list = this
        wait.before = this.#last
        if (this.#last === null) {
            this.first = wait
        } else {
            this.#last.after = wait
        }
        this.#last = wait
    }

    /** Removes a call of this list. */
    remove(wait: Wait): void {
        const { before, after } = wait
        if (before === null) {
            this.first = after
        } else {
            before.after = after
        }
        if (after === null) {
            this.#last = before
        } else {
            after.before = before
        }
        wait.list = null
        wait.before = null
        wait.after = null
    }
}
