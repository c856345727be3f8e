import type { KibitzError } from '../base/errors.js'

/** The calls that wait for the republic. */
export type WaitKind =
    'publish' | 'barrier' | 'start' | 'join' | 'leave' | 'cede' | 'exile' | 'move'

/** A waiting call: an element of a list. */
export class Wait {
    readonly kind: WaitKind
    readonly since: number
    /** The instant of the limit; infinite without a limit. */
    readonly deadline: number
    readonly expire: (error: KibitzError) => void
    /** The list that holds the call; `null` after the call has left. */
    list: WaitList | null = null
    before: Wait | null = null
    after: Wait | null = null

    constructor(
        kind: WaitKind, since: number, deadline: number, expire: (error: KibitzError) => void
    ) {
        this.kind = kind
        this.since = since
        this.deadline = deadline
        this.expire = expire
    }
}

/** Waiting calls with the same limit, in the order of their starts, and so of their deadlines. */
export class WaitList {
    first: Wait | null = null
    #last: Wait | null = null

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
