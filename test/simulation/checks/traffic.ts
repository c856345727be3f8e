import type { Monotonic } from '../../../src/base/monotonic.js'
import type { Request } from '../../../src/paxos/messages/messages.js'
import type { Options } from '../plan.js'
import type { Resident } from '../resident.js'
import { fail } from '../violation.js'

/** A call that has left. */
export interface Outing {
    readonly route: Route
    readonly at: number
    /** It is answered, or so old that it was given up. */
    isOver: boolean
}

/** What is under way from one member to another, oldest first, and some that is not any more. */
interface Route {
    outings: Outing[]
    /** How many of these, from the first on, are over. */
    done: number
    /** How many are not over. */
    count: number
}

/** How many calls each member has under way to each other: S12, and what L3 is reckoned from. */
export class Traffic {
    /** How many calls there were. */
    calls = 0
    readonly #options: Options
    readonly #routes = new Map<Resident, Map<Monotonic, Route>>()

    constructor(options: Options) {
        this.#options = options
    }

    #routeOf(from: Resident, to: Monotonic): Route {
        let routes = this.#routes.get(from)
        if (routes === undefined) {
            routes = new Map()
            this.#routes.set(from, routes)
        }
        let route = routes.get(to)
        if (route === undefined) {
            route = { outings: [], done: 0, count: 0 }
            routes.set(to, route)
        }
        return route
    }

    /**
     * A member asks another.
     *
     * @param now The member's own time: by that it gives up what is not answered.
     */
    send(from: Resident, { to }: Request, now: number): Outing {
        this.calls++
        const { window, timeout } = this.#options
        const route = this.#routeOf(from, to.immigrated)
        forget(route, now - timeout)
        const outing = { route, at: now, isOver: false }
        route.outings.push(outing)
        route.count++
        if (route.count > 2 * window + 2) {
            fail('S12', `${from.id} has ${route.count} calls under way to ${to.id}`)
        }
        return outing
    }

    /** An answer has come, or a call was given up. */
    answer(outing: Outing): void {
        if (!outing.isOver) {
            outing.isOver = true
            outing.route.count--
        }
    }
}

/**
 * Forgets what is over, and what was said before an instant. Calls leave in another order if one of
 * them waits for the disk.
 */
function forget(route: Route, before: number): void {
    const { outings } = route
    for (let index = route.done; index < outings.length; index++) {
        const outing = outings[index]
        if (outing !== undefined && !outing.isOver && outing.at < before) {
            outing.isOver = true
            route.count--
        }
    }
    while (outings[route.done]?.isOver === true) {
        route.done++
    }
    if (route.done > 64) {
        outings.splice(0, route.done)
        route.done = 0
    }
}
