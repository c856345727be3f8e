import { createServer } from 'node:http'
import { Kibitzer } from '../../src/member/kibitzer.js'
import type { Monotonic } from '../../src/base/monotonic.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import { Keys } from './keys.js'
import { CALLS, FLOOR, KEYS, STATE } from './orders.js'
import { type Reading, REPUBLIC, type Service } from './service.js'
import '../support/silence.js'

/** How long another member may take to hand over its state, in milliseconds. */
const STATE_MS = 2000
/** How long one that was not admitted waits before it asks again, in milliseconds. */
const ASK_AGAIN_MS = 200

/** Resolves when it is worth asking again. */
function interval(): Promise<void> {
    return new Promise((resolve) => {
        // Such a timer alone keeps no process alive, and the channel to the parent does.
        AbortSignal.timeout(ASK_AGAIN_MS).addEventListener('abort', () => resolve())
    })
}

/** A service with nothing but a Kibitzer inside: what it takes over it asks for by itself. */
export class Plain implements Service {
    readonly kibitzer: Kibitzer
    readonly #address: string
    readonly #isStale: boolean
    readonly #keys = new Keys()
    readonly #server = createServer(async (request, response) => {
        const through = new URL(request.url ?? '/', 'http://state').searchParams.get('through')
        response.end(JSON.stringify(await this.#keys.through(through ?? '0/0')))
    })

    /** With reads behind a barrier, or, to try the checkers, of whatever is there. */
    constructor(id: string, address: string, isStale: boolean) {
        this.kibitzer = new Kibitzer({ id, parliamentFloor: FLOOR })
        this.#address = address
        this.#isStale = isStale
    }

    async start(): Promise<void> {
        await listenTcp(this.kibitzer, { host: this.#address, port: CALLS, keys: KEYS })
        this.kibitzer.listen()
        await new Promise<void>((resolve) => {
            this.#server.listen(STATE, this.#address, resolve)
        })
    }

    found(): Promise<void> {
        this.kibitzer.bootstrap(REPUBLIC, this.#properties)
        void this.#follow(false)
        return Promise.resolve()
    }

    /** Asks one member after the other until it is admitted. */
    async join(addresses: readonly string[]): Promise<void> {
        void this.#follow(true)
        for (let asked = 0; !this.kibitzer.destroyed; asked++) {
            const url = `tcp://${addresses[asked % addresses.length]}:${CALLS}`
            const taken = await this.kibitzer.join(REPUBLIC, { url }, this.#properties)
            if (taken === undefined) {
                return
            }
            await interval()
        }
    }

    async write(key: string, value: string): Promise<Monotonic> {
        const { promise } = await this.kibitzer.publish({ key, value })
        return promise
    }

    async read(key: string): Promise<Reading> {
        if (!this.#isStale) {
            const { promise } = await this.kibitzer.barrier()
            await this.#keys.until(promise)
        }
        return { value: this.#keys.read(key), at: this.#keys.applied }
    }

    stop(): void {
        this.kibitzer.destroy()
        this.#server.close()
        this.#server.closeAllConnections()
    }

    get #properties(): { readonly url: string; readonly state: string } {
        return {
            url: `tcp://${this.#address}:${CALLS}`,
            state: `http://${this.#address}:${STATE}/`
        }
    }

    /** Applies the log to the state. A newcomer first takes the state from another member. */
    async #follow(isNewcomer: boolean): Promise<void> {
        let lacksState = isNewcomer
        for await (const entry of this.kibitzer.entries()) {
            if (lacksState && entry.method === 'government') {
                const { promise, majority, minority, properties } = entry.government
                const holders = [...majority, ...minority].map((id) => properties[id])
                this.#keys.restore(promise, await this.#fetchState(promise, holders))
                this.kibitzer.naturalize()
                lacksState = false
            }
            this.#keys.apply(entry)
        }
    }

    /** Asks one holder after the other until one hands over its state as of an entry. */
    async #fetchState(through: Monotonic, holders: readonly unknown[]): Promise<unknown> {
        for (let asked = 0; !this.kibitzer.destroyed; asked++) {
            const { state } = holders[asked % holders.length] as { readonly state: string }
            try {
                const url = new URL(`?through=${through}`, state)
                const response = await fetch(url, { signal: AbortSignal.timeout(STATE_MS) })
                return await response.json()
            } catch {
                await interval()
            }
        }
        return []
    }
}
