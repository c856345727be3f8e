import type { Government } from '../../src/paxos/messages/messages.js'
import { nullGovernment, parliament } from '../../src/paxos/membership/government.js'
import { Log } from '../../src/paxos/log/log.js'
import type { Immigration } from '../../src/paxos/messages/proposals.js'
import type { Entry, GovernmentBody, UserBody } from '../../src/paxos/messages/messages.js'

/** What a publisher `0` that immigrated at `1/0` put into the log. */
export function userBody(cookie: string, body: unknown = cookie): UserBody {
    return { id: '0', cookie, immigrated: '1/0', body }
}

/** A government's body that changes nothing but what is said. */
export function governmentBody(promise: string, change: Partial<GovernmentBody>): GovernmentBody {
    return {
        promise, majority: [], minority: [], immigrate: null, naturalize: null, exile: null,
        promote: null, demote: null, map: {}, ...change
    }
}

/** A chain of users' entries behind an origin; each body is its promise, and a mark. */
export function entries(origin: string, promises: readonly string[], mark = ''): Entry[] {
    return promises.map((promise, index) => {
        const previous = promises[index - 1] ?? origin
        return { promise, previous, body: userBody(promise, `${promise}${mark}`) }
    })
}

/** `g/1` through `g/count`. */
export function numbers(government: number, count: number): string[] {
    return Array.from({ length: count }, (_, index) => {
        return `${government}/${(index + 1).toString(16)}`
    })
}

/** A log that holds a chain and has committed so many of its entries. */
export function logOf(origin: string, chain: readonly Entry[], committed: number): Log {
    const log = new Log(origin)
    for (const entry of chain) {
        log.append(entry)
    }
    log.commitThrough(committed)
    return log
}

/** The promises a log holds, the committed ones and the suffix. */
export function held(log: Log): { committed: string[], suffix: string[] } {
    const all: string[] = []
    for (let position = log.first; position <= log.head; position++) {
        all.push(log.promiseAt(position))
    }
    const count = log.committed - log.first + 1
    return { committed: all.slice(0, count), suffix: all.slice(count) }
}

/** Seats by name: `0 1|2|3 4`, majority, minority, constituents. */
export function governmentOf(seats: string, change: Partial<Government> = {}): Government {
    const [majority = [], minority = [], constituents = []] = seats
        .split('|')
        .map((rank) => rank.split(' ').filter((id) => id !== ''))
    const everyone = [...parliament({ majority, minority }), ...constituents].sort()
    const immigrated = everyone.map((id) => [id, `${Number.parseInt(id, 16) + 1}/0`] as const)
    return {
        ...nullGovernment('republic'),
        promise: '20/0',
        majority, minority, constituents,
        naturalized: everyone,
        properties: Object.fromEntries(everyone.map((id) => [id, `at ${id}`])),
        immigrated: {
            promise: Object.fromEntries(immigrated),
            id: Object.fromEntries(immigrated.map(([id, promise]) => [promise, id]))
        },
        ...change
    }
}

/** A member that asks for admission. */
export function arrival(id: string, naturalized = false): Immigration {
    return { id, cookie: 7, properties: `at ${id}`, naturalized }
}
