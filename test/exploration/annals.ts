import { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { demand } from './violation.js'
import type { Teller } from './walk.js'

interface Page {
    readonly parent: number
    readonly depth: number
    readonly entry: LogEntry | null
    readonly promise: Monotonic
    /** What users have published up to here, oldest first. */
    readonly published: readonly string[]
}

/** More than the tickets of a member. */
const TICKETS = 10

/** The value that a member publishes: its id and a number, which rises with each restart too. */
export function bodyOf(id: string, restarts: number, ticket: number): string {
    return `${id}${restarts * TICKETS + ticket}`
}

/** Whether a member has published a value with a ticket, before or after a restart. */
export function hasTicket(body: string, id: string, ticket: number): boolean {
    return body.startsWith(id) && Number(body.slice(1)) % TICKETS === ticket
}

function isLater(body: string, published: readonly string[]): boolean {
    const [id = ''] = body
    const before = published.filter((other) => other.startsWith(id)).map((other) => other.slice(1))
    return before.every((ticket) => Number(ticket) < Number(body.slice(1)))
}

/**
 * Every log that any member has in any state, as a tree in which logs that begin alike share
 * their beginning; a log is the number of its last page. What one log can show is checked as it
 * grows:
 *
 * 1. It is a chain, and its numbers leave nothing out.
 * 2. A publish is in it at most once, and after what its publisher published before.
 */
export class Annals {
    readonly #pages: Page[] = []
    readonly #children = new Map<string, number>()
    readonly #teller: Teller

    /** Begins with the log that everybody has. */
    constructor(teller: Teller, promise: Monotonic) {
        this.#teller = teller
        this.#pages.push({ parent: -1, depth: 0, entry: null, promise, published: [] })
    }

    #page(log: number): Page {
        const page = this.#pages[log]
        demand(page !== undefined, 'is a log', () => `there is no log ${log}`)
        return page
    }

    /** How many entries a log has behind the beginning. */
    depthOf(log: number): number {
        return this.#page(log).depth
    }

    /** What users have published in a log. */
    publishedIn(log: number): readonly string[] {
        return this.#page(log).published
    }

    /** The promises of a log behind the beginning, and what they number. */
    tell(log: number): string {
        const { parent, promise, entry } = this.#page(log)
        const body = entry?.method === 'entry' ? `=${entry.body.body}` : ''
        return parent === -1 ? promise : `${this.tell(parent)} ${promise}${body}`
    }

    /** The log that a log is once an entry is added. */
    extend(log: number, entry: LogEntry): number {
        const key = `${log}>${this.#teller.numberOf(entry)}`
        const known = this.#children.get(key)
        if (known !== undefined) {
            return known
        }
        const page = this.#page(log)
        const { promise, previous, body } = entry
        const expected = Monotonic.increment(page.promise, 'majority' in body ? 0 : 1)
        demand(previous === page.promise && promise === expected, 'a chain', () =>
            `${promise} after ${previous} is delivered behind ${this.tell(log)}`)
        const isFlush = 'majority' in body || body.body === null
        const added = isFlush ? [] : [String(body.body)]
        for (const each of added) {
            demand(isLater(each, page.published), 'once, in order', () =>
                `${each} is delivered at ${promise} behind ${this.tell(log)}`)
        }
        const published = [...page.published, ...added]
        this.#pages.push({ parent: log, depth: page.depth + 1, entry, promise, published })
        this.#children.set(key, this.#pages.length - 1)
        return this.#pages.length - 1
    }

    /** Whether one of two logs is the beginning of the other. */
    agree(one: number, other: number): boolean {
        const isShorter = this.depthOf(one) <= this.depthOf(other)
        const short = isShorter ? one : other
        let long = isShorter ? other : one
        while (this.depthOf(long) > this.depthOf(short)) {
            long = this.#page(long).parent
        }
        return short === long
    }
}
