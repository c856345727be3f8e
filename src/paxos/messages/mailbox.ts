import Procession from 'procession'
import { Monotonic } from '../../base/monotonic.js'
import type { Communique, Properties, Request } from './messages.js'


/** Whose answers are awaited. */
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
    /** The position of the last entry it carries, in the sender's log. */
    readonly last: number
    /** How many entries the request carries; absent if none. */
    readonly entries?: number
}

/**
 * The engine's post: what goes out, and which answers are awaited. An answer counts once, and
 * only while it is awaited; so one that comes twice or too late changes nothing.
 */
export class Mailbox {
    readonly outbox: Procession<Communique> = new Procession()
    #cookie = '0'
    readonly #calls = new Map<string, Call>()

    /** Puts a request into the outbox, in a communique of its own. */
    send(call: Call, properties: Properties, request: Request): void {
        this.#cookie = Monotonic.increment(this.#cookie, 0)
        this.#calls.set(this.#cookie, call)
        this.outbox.push({
            cookie: this.#cookie,
            envelopes: [{ to: call.to, properties, request }],
            responses: {}
        })
    }

    /** The call that an answer belongs to, awaited no longer. */
    take(cookie: string): Call | null {
        const call = this.#calls.get(cookie) ?? null
        this.#calls.delete(cookie)
        return call
    }

    /** Gives up the calls sent before an instant. */
    expire(before: number): readonly Call[] {
        const expired: Call[] = []
        for (const [cookie, call] of this.#calls) {
            if (call.sentAt >= before) {
                // Calls are kept in the order in which they were sent.
                break
            }
            this.#calls.delete(cookie)
            expired.push(call)
        }
        return expired
    }

    /** Awaits no answer any more. */
    forget(): void {
        this.#calls.clear()
    }

    /** The cookies of the calls whose answers are awaited, oldest first. */
    unanswered(): readonly string[] {
        return [...this.#calls.keys()]
    }

    /** All that depends on what was sent. What is still in the outbox is left out. */
    state(): CorrespondenceState {
        return { cookie: this.#cookie, calls: [...this.#calls] }
    }

    /** Goes on from where another one was. Whoever reads the outbox goes on reading it. */
    recall({ cookie, calls }: CorrespondenceState): void {
        this.#cookie = cookie
        for (const [sent, call] of calls) {
            this.#calls.set(sent, call)
        }
    }
}
