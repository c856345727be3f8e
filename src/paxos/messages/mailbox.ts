import Procession from 'procession'
import { Monotonic } from '../../base/monotonic.js'
import type { Communique, Properties, Request } from './messages.js'


/** The written form of a mailbox: the last cookie, and the calls under way. */
export interface CorrespondenceState {
    readonly cookie: string
    readonly calls: readonly (readonly [string, Call])[]
}

/** A request under way. */
export interface Call {
    readonly to: string
    readonly immigrated: Monotonic
    readonly method: Request['method']
    readonly sentAt: number
    /** The position of the last entry that the request carries, in the sender's log. */
    readonly last: number
    /** How many entries the request carries; absent if none. */
    readonly entries?: number
}

/**
 * Outgoing requests, and the calls without an answer yet.
 *
 * 1. An answer counts once. A repeated or late answer changes nothing.
 */
export class Mailbox {
    readonly outbox: Procession<Communique> = new Procession()
    #cookie = '0'
    readonly #calls = new Map<string, Call>()

    /** Puts a request, as a communique, into the outbox. */
    send(call: Call, properties: Properties, request: Request): void {
        this.#cookie = Monotonic.increment(this.#cookie, 0)
        this.#calls.set(this.#cookie, call)
        this.outbox.push({
            cookie: this.#cookie,
            envelopes: [{ to: call.to, properties, request }],
            responses: {}
        })
    }

    /** Takes the call of an answer; `null` if no call awaits the answer. */
    take(cookie: string): Call | null {
        const call = this.#calls.get(cookie) ?? null
        this.#calls.delete(cookie)
        return call
    }

    /** Gives up the calls from before an instant. */
    expire(before: number): readonly Call[] {
        const expired: Call[] = []
        for (const [cookie, call] of this.#calls) {
            if (call.sentAt >= before) {
                // The calls are in the order of sending.
                break
            }
            this.#calls.delete(cookie)
            expired.push(call)
        }
        return expired
    }

    /** Gives up all calls. */
    forget(): void {
        this.#calls.clear()
    }

    /** The cookies of the calls under way, oldest first. */
    unanswered(): readonly string[] {
        return [...this.#calls.keys()]
    }

    /** The written form, without the contents of the outbox. */
    state(): CorrespondenceState {
        return { cookie: this.#cookie, calls: [...this.#calls] }
    }

    /** Takes over a written form. The outbox stays the same object: its reader goes on. */
    recall({ cookie, calls }: CorrespondenceState): void {
        this.#cookie = cookie
        for (const [sent, call] of calls) {
            this.#calls.set(sent, call)
        }
    }
}
