import Procession from 'procession'
import { Monotonic } from '../../base/monotonic.js'
import type { Properties, Request, Response } from './messages.js'

/** A request with its destination. */
export interface Envelope {
    readonly to: string
    readonly properties: Properties
    readonly request: Request
}

/** One round of requests. The engine puts one envelope into each, so no answer delays another. */
export interface Communique {
    readonly cookie: string
    readonly envelopes: readonly Envelope[]
    readonly responses: Responses
}

/** The responses by id. The shell adds the responses; `null` stands for a failed call. */
export type Responses = Record<string, Response | null>

/** The calls without an answer, and the last cookie. */
export interface CorrespondenceState {
    readonly cookie: string
    readonly calls: readonly (readonly [string, Call])[]
}

/** A request that waits for an answer. */
export interface Call {
    readonly to: string
    readonly immigrated: Monotonic
    readonly method: Request['method']
    readonly sentAt: number
    /** The position of the request's last entry, in the sender's log. */
    readonly last: number
    /** The number of entries in the request; absent if there are none. */
    readonly entries?: number
}

/**
 * Outgoing requests, and the calls without an answer. An answer counts once, and only while the
 * call waits for an answer. A second or late answer changes nothing.
 */
export class Mailbox {
    readonly outbox: Procession<Communique> = new Procession()
    #cookie = '0'
    readonly #calls = new Map<string, Call>()

    /** Puts a request into the outbox, as a communique with one envelope. */
    send(call: Call, properties: Properties, request: Request): void {
        this.#cookie = Monotonic.increment(this.#cookie, 0)
        this.#calls.set(this.#cookie, call)
        this.outbox.push({
            cookie: this.#cookie,
            envelopes: [{ to: call.to, properties, request }],
            responses: {}
        })
    }

    /** Returns the call with a cookie, and removes the call; `null` if no such call waits. */
    take(cookie: string): Call | null {
        const call = this.#calls.get(cookie) ?? null
        this.#calls.delete(cookie)
        return call
    }

    /** The number of calls to an incarnation that were sent before an instant. */
    countBefore(immigrated: Monotonic, instant: number): number {
        let count = 0
        for (const call of this.#calls.values()) {
            if (call.sentAt >= instant) {
                // The map holds the calls in the order of sending.
                break
            }
            if (call.immigrated === immigrated) {
                count++
            }
        }
        return count
    }

    /** Removes the calls that were sent before an instant, and returns the calls. */
    expire(before: number): readonly Call[] {
        const expired: Call[] = []
        for (const [cookie, call] of this.#calls) {
            if (call.sentAt >= before) {
                // The map holds the calls in the order of sending.
                break
            }
            this.#calls.delete(cookie)
            expired.push(call)
        }
        return expired
    }

    /** Removes all calls. */
    forget(): void {
        this.#calls.clear()
    }

    /** The cookies of the calls without an answer, oldest first. */
    unanswered(): readonly string[] {
        return [...this.#calls.keys()]
    }

    /** The state, for `recall`. The content of the outbox is not part of the state. */
    state(): CorrespondenceState {
        return { cookie: this.#cookie, calls: [...this.#calls] }
    }

    /** Takes over the calls and the cookie of a state. Readers of the outbox keep their place. */
    recall({ cookie, calls }: CorrespondenceState): void {
        this.#cookie = cookie
        for (const [sent, call] of calls) {
            this.#calls.set(sent, call)
        }
    }
}
