import type { Monotonic } from '../../../src/base/monotonic.js'
import { demand } from '../violation.js'

/** By immigration promise: the highest cookie of that publisher in the log. */
export type Cookies = ReadonlyMap<Monotonic, string>

/**
 * Who is who, and how far each publisher has come, as every member has to know it.
 *
 * 1. An incarnation is one process, for ever: S7.
 * 2. Who is at a government has the cookies that the log before it holds: S4. What it would take
 *    twice shows only later, if it ever leads.
 */
export class Roll {
    readonly #processes = new Map<Monotonic, number>()
    /** By the promise of a government. */
    readonly #cookies = new Map<Monotonic, Cookies>()

    /** A process acts as an incarnation. */
    bear(immigrated: Monotonic, process: number): void {
        const bearer = this.#processes.get(immigrated) ?? process
        demand(bearer === process, 'S7', () =>
            `Process ${process} takes itself for ${immigrated}, which is process ${bearer}`)
        this.#processes.set(immigrated, bearer)
    }

    /** A government has entered the log. */
    note(promise: Monotonic, cookies: Cookies): void {
        this.#cookies.set(promise, cookies)
    }

    /** A member has come to a government, and has so many cookies. */
    compare(
        id: string,
        promise: Monotonic,
        cookieOf: (immigrated: Monotonic) => string | undefined
    ): void {
        for (const [immigrated, cookie] of this.#cookies.get(promise) ?? []) {
            const said = cookieOf(immigrated)
            demand(said === cookie, 'S4', () =>
                `${id} has the cookie ${said} of ${immigrated} as of ${promise}, not ${cookie}`)
        }
    }
}
