import { text } from 'node:stream/consumers'
import { Colleague } from '../../src/colleague/colleague.js'
import type { Application, ApplicationEntry } from '../../src/colleague/application.js'
import type { KibitzError } from '../../src/base/errors.js'
import type { Kibitzer } from '../../src/member/kibitzer.js'
import type { Monotonic } from '../../src/base/monotonic.js'
import { CALLS, FLOOR, KEYS } from './orders.js'
import { type Assignment, later, type Reading, REPUBLIC, type Service } from './service.js'
import '../support/silence.js'

/** What a snapshot holds. */
interface State {
    readonly applied: Monotonic
    readonly values: readonly [string, string][]
}

/** The state machine. */
class Store implements Application<unknown, null> {
    #values = new Map<string, string>()
    /** The last entry that was applied. */
    applied: Monotonic = '0/0'

    apply({ promise, body }: ApplicationEntry): null {
        const { key, value } = body as Assignment
        this.#values.set(key, value)
        this.applied = promise
        return null
    }

    snapshot(): string {
        const state: State = { applied: this.applied, values: [...this.#values] }
        return JSON.stringify(state)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const { applied, values }: State = JSON.parse(await text(chunks))
        this.applied = applied
        this.#values = new Map(values)
    }

    read(key: string): string | null {
        return this.#values.get(key) ?? null
    }
}

/** The same service with a Colleague inside: admission and states are the Colleague's. */
export class Guild implements Service {
    readonly kibitzer: Kibitzer
    readonly #address: string
    readonly #store = new Store()
    readonly #colleague: Colleague<unknown, null>

    /** Calls back if the Colleague stops by itself. */
    constructor(id: string, address: string, onEnd: (error: KibitzError) => void) {
        this.#colleague = new Colleague({
            islandName: 'network',
            islandId: REPUBLIC,
            colleagueId: id,
            application: this.#store,
            parliamentFloor: FLOOR,
            source: 'any'
        })
        this.#colleague.ended.catch(onEnd)
        this.kibitzer = this.#colleague.kibitzer
        this.#address = address
    }

    async start(): Promise<void> {
        await this.#colleague.listen({ host: this.#address, port: CALLS, keys: KEYS })
    }

    async found(): Promise<void> {
        await this.#colleague.bootstrap()
    }

    async join(addresses: readonly string[]): Promise<void> {
        await this.#colleague.join({ through: addresses.map((address) => `${address}:${CALLS}`) })
    }

    async write(key: string, value: string): Promise<Monotonic> {
        const { promise } = await this.#colleague.publish({ key, value })
        return promise
    }

    async read(key: string): Promise<Reading> {
        const { promise } = await this.#colleague.barrier()
        return { value: this.#store.read(key), at: later(promise, this.#store.applied) }
    }

    stop(): void {
        this.#colleague.destroy()
    }
}
