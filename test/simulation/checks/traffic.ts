import type { Monotonic } from '../../../src/monotonic.js'
import type { Request } from '../../../src/paxos/message.js'
import type { Options } from '../plan.js'
import type { Resident } from '../resident.js'
import { demand } from '../violation.js'

/** Whoever tells the time. */
interface Now {
    readonly now: number
}

/** How many calls each member has under way to each other: S12, and what L3 is reckoned from. */
export class Traffic {
    /** How many calls there were. */
    calls = 0
    readonly #time: Now
    readonly #options: Options
    readonly #underWay = new Map<Resident, Map<Monotonic, { request: Request; at: number }[]>>()

    constructor(time: Now, options: Options) {
        this.#time = time
        this.#options = options
    }

    #callsOf(from: Resident, to: Monotonic): { request: Request; at: number }[] {
        const calls = this.#underWay.get(from) ?? new Map()
        this.#underWay.set(from, calls)
        const list = calls.get(to) ?? []
        calls.set(to, list)
        return list
    }

    /** A member asks another. */
    send(from: Resident, request: Request): void {
        this.calls++
        const { now } = this.#time
        const { window, timeout } = this.#options
        const list = this.#callsOf(from, request.to.immigrated)
        // What is half a timeout old may have been given up, by a clock that runs ahead.
        while (list[0] !== undefined && list[0].at < now - timeout / 2) {
            list.shift()
        }
        list.push({ request, at: now })
        demand(list.length <= 2 * (window + 2), 'S12', () =>
            `${from.id} has ${list.length} calls under way to ${request.to.id}`)
    }

    /** An answer has come. */
    answer(from: Resident, request: Request): void {
        const list = this.#callsOf(from, request.to.immigrated)
        const index = list.findIndex((call) => call.request === request)
        if (index !== -1) {
            list.splice(index, 1)
        }
    }
}
