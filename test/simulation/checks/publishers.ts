import type { Settlement } from '../../../src/publisher/islander-types.js'
import type { Monotonic } from '../../../src/base/monotonic.js'
import type { LogEntry, UserBody } from '../../../src/paxos/messages/messages.js'
import type { Lost } from '../process.js'
import type { Resident } from '../resident.js'
import { fail, type Property } from '../violation.js'

/** Whether something that a member published is not in its log. */
export function isWaiting({ door }: Pick<Resident, 'door'>): boolean {
    return door.islander.health().waiting > 0
}

type UserEntry = Extract<LogEntry, { method: 'entry' }>

/** Whoever publishes: one incarnation, in one process. */
export interface Publisher {
    readonly id: string
    /** What it published, by ticket less one. `null` is a barrier. */
    readonly published: readonly unknown[]
    /** What has no ticket any more. */
    readonly lost?: readonly Lost[]
}

interface Shelf {
    readonly publisher: Publisher
    /** The promise of the government that exiled the publisher; `null` before that. */
    exiledBy: Monotonic | null
    /** How many of its publishes, barriers included, are known to be in the log. */
    tickets: number
    settled: number
    /** The last cookie in the log. */
    cookie: string
    /** By ticket less one: the promise where its value stands; empty for a barrier. */
    readonly places: Monotonic[]
    readonly barriers: Set<Monotonic>
}

/**
 * What became of each publish: S2, S4, S5.
 *
 * 1. A value in the log was published by whom it names, and is the next one of that publisher.
 * 2. Its cookie is above those before it. An identity is the next of its life, or the first of a
 *    later life; each barrier with an identity is the next publish, too.
 *    No entry of an incarnation follows the government that exiles the incarnation.
 * 3. A publish that a power failure took from its disk has no ticket. It enters the log under its
 *    own identity or never.
 * 4. What is reported as settled stands at the promise that is reported, and is reported once.
 */
export class Publishers {
    readonly #shelves = new Map<Monotonic, Shelf>()
    /** Entries without a body. */
    flushes = 0
    /** Entries whose publisher knows nothing of them. */
    losses = 0
    /** Entries that came after some of their publisher's had been lost. */
    resubmissions = 0

    /** Somebody has been admitted. */
    admit(immigrated: Monotonic, publisher: Publisher): void {
        this.#shelves.set(immigrated, {
            publisher,
            exiledBy: null,
            tickets: 0,
            settled: 0,
            cookie: '0',
            places: [],
            barriers: new Set()
        })
    }

    /** A publisher has come back, and has so many tickets; it does not know of the others. */
    lose(immigrated: Monotonic, tickets: number): void {
        const shelf = this.#shelves.get(immigrated)
        if (shelf !== undefined) {
            shelf.tickets = Math.min(shelf.tickets, tickets)
            shelf.places.length = Math.min(shelf.places.length, tickets)
        }
    }

    /** A government has exiled an incarnation. */
    exile(immigrated: Monotonic, promise: Monotonic): void {
        const shelf = this.#shelves.get(immigrated)
        if (shelf !== undefined) {
            shelf.exiledBy = promise
        }
    }

    /** An entry has entered the log. */
    append({ promise, body }: UserEntry): void {
        const shelf = this.#shelves.get(body.immigrated)
        if (shelf === undefined || shelf.publisher.id !== body.id) {
            fail('S2', `${promise} is by ${body.id} of ${body.immigrated}, who was never admitted`)
        }
        if (shelf.exiledBy !== null) {
            fail('S2', `${promise} is by ${body.id}, whom ${shelf.exiledBy} has exiled`)
        }
        const isNext = checkCookie(shelf.cookie, promise, body)
        shelf.cookie = body.cookie
        if (body.body !== null && !isNext) {
            this.resubmissions++
        }
        if (isLost(shelf.publisher, promise, body)) {
            this.losses++
        } else if (body.body === null) {
            this.flushes++
            shelf.barriers.add(promise)
            placeBarrier(shelf, promise, body)
        } else {
            place(shelf, promise, body)
        }
    }

    /**
     * A publisher is told what became of its publishes.
     *
     * @param isAgain It comes back, and is told once more of what was settled before.
     */
    settle(immigrated: Monotonic, { ticket, promise }: Settlement, isAgain = false): void {
        const shelf = this.#shelves.get(immigrated)
        if (shelf === undefined) {
            fail('S4', `${immigrated} settles and was never admitted`)
        }
        if (ticket !== shelf.settled + 1 && !(isAgain && ticket <= shelf.settled)) {
            fail('S5', `${shelf.publisher.id} settles ${ticket} after ${shelf.settled}`)
        }
        shelf.settled = Math.max(shelf.settled, ticket)
        if (promise === null) {
            fail('S4', `${immigrated} gives ${ticket} up, which no member refuses`)
        }
        const isBarrier = shelf.publisher.published[ticket - 1] === null
        const isThere = isBarrier
            ? shelf.barriers.has(promise)
            : shelf.places[ticket - 1] === promise
        if (!isThere) {
            fail('S4', `${shelf.publisher.id} settles ${ticket} at ${promise}, where it is not`)
        }
    }

    /** A process is told of several. One that has come back is level as it is told of new ones. */
    settleAll(
        immigrated: Monotonic, settlements: readonly Settlement[], memory: { again: unknown }
    ): void {
        const before = this.settledOf(immigrated)
        for (const settlement of settlements) {
            this.settle(immigrated, settlement, memory.again !== null)
        }
        if (this.settledOf(immigrated) > before) {
            memory.again = null
        }
    }

    /** The highest cookie in the log of each of these. */
    cookies(incarnations: readonly Monotonic[]): ReadonlyMap<Monotonic, string> {
        return new Map(incarnations.map((immigrated) =>
            [immigrated, this.#shelves.get(immigrated)?.cookie ?? '0']))
    }

    /** How many publishes of somebody are settled. */
    settledOf(immigrated: Monotonic): number {
        return this.#shelves.get(immigrated)?.settled ?? 0
    }
}

/** The life and the number of a cookie. The life of a plain cookie is 0. */
function numbersOf(cookie: string): readonly [life: number, number: number] {
    const words = cookie.split('/').map((word) => Number.parseInt(word, 16))
    return words.length === 1 ? [0, words[0] ?? 0] : [words[0] ?? 0, words[1] ?? 0]
}

/** Whether a cookie comes right behind the last one of its publisher; fails if it may not come. */
function checkCookie(last: string, promise: Monotonic, { id, cookie }: UserBody): boolean {
    const [[lastLife, lastNumber], [life, number]] = [numbersOf(last), numbersOf(cookie)]
    const isAfter = life > lastLife || (life === lastLife && number > lastNumber)
    if (!isAfter) {
        fail('S4', `${promise} has the cookie ${cookie} of ${id}, who is at ${last}`)
    }
    const isNext = number === (life === lastLife ? lastNumber + 1 : 1)
    if (life !== 0 && !isNext) {
        fail('S5', `${promise} has the cookie ${cookie} of ${id}, who is at ${last}: a gap`)
    }
    return isNext
}

/** Whether an entry is a publish that its publisher has lost; fails if it holds another value. */
function isLost({ lost = [] }: Publisher, promise: Monotonic, { id, cookie, body }: UserBody):
boolean {
    const [life, number] = numbersOf(cookie)
    for (const { first, values } of lost) {
        const [itsLife, from] = numbersOf(first)
        if (life === itsLife && number >= from && number < from + values.length) {
            const value = values[number - from]
            if (JSON.stringify(value) !== JSON.stringify(body)) {
                fail('S4', `${promise} holds ${JSON.stringify(body)} of ${id} under ${cookie}, ` +
                    `which was the identity of ${JSON.stringify(value)}`)
            }
            return true
        }
    }
    return false
}

/** A barrier with an identity is the next publish of its publisher. */
function placeBarrier(shelf: Shelf, promise: Monotonic, { id, cookie }: UserBody): void {
    if (!cookie.includes('/')) {
        return
    }
    const next = shelf.publisher.published[shelf.tickets]
    if (next !== null) {
        fail('S5', `${promise} is a barrier of ${id}, which should publish ${JSON.stringify(next)}`)
    }
    shelf.tickets++
    shelf.places.push('')
}

/** What it means that a value is not the one that comes next: it comes twice, early, or never. */
function misplacement(published: readonly unknown[], tickets: number, text: string): Property {
    const index = published.findIndex((value) => JSON.stringify(value) === text)
    return index === -1 ? 'S2' : index < tickets ? 'S4' : 'S5'
}

function place(shelf: Shelf, promise: Monotonic, { id, body }: UserBody): void {
    const { published } = shelf.publisher
    const { places } = shelf
    let ticket = shelf.tickets
    while (ticket < published.length && published[ticket] === null) {
        places.push('')
        ticket++
    }
    const next = published[ticket]
    if (next !== body && JSON.stringify(next) !== JSON.stringify(body)) {
        const text = JSON.stringify(body)
        fail(misplacement(published, shelf.tickets, text), `${promise} holds ${text} of ${id}, ` +
            `which should publish ${JSON.stringify(next)}`)
    }
    shelf.tickets = ticket + 1
    places.push(promise)
}
