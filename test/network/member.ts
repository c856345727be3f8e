import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Kibitzer } from '../../src/kibitzer.js'
import type { Monotonic } from '../../src/monotonic.js'
import { listenHttp } from '../../src/transport/http.js'
import { Keys } from './keys.js'
import type { Observation } from './log.js'
import {
    CALLS, FLOOR, type MemberAnswer, type MemberOrder, type MemberOrdered, type MemberReport,
    STATE
} from './orders.js'

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

/** A service with a Kibitzer inside: keys that hold values, on a machine of its own. */
class Member {
    readonly #kibitzer: Kibitzer
    readonly #keys = new Keys()
    readonly #address: string
    readonly #server = createServer(async (request, response) => {
        const through = new URL(request.url ?? '/', 'http://state').searchParams.get('through')
        response.end(JSON.stringify(await this.#keys.through(through ?? '0/0')))
    })
    #observations: Observation[] = []
    #role = ''

    readonly #isStale: boolean

    constructor(id: string, address: string, isStale: boolean) {
        this.#kibitzer = new Kibitzer({ id, parliamentFloor: FLOOR })
        this.#address = address
        this.#isStale = isStale
    }

    async start(): Promise<void> {
        const { played } = this.#kibitzer
        played.shifter().pump(() => this.#look())
        await listenHttp(this.#kibitzer, { host: this.#address, port: CALLS, insecure: true })
        this.#kibitzer.listen()
        await new Promise<void>((resolve) => {
            this.#server.listen(STATE, this.#address, resolve)
        })
        report({ name: 'ready' })
    }

    /** Ends all that keeps the process alive; if it does not end then, something was left. */
    stop(): void {
        this.#kibitzer.destroy()
        this.#server.close()
        this.#server.closeAllConnections()
        this.#flush()
        if (process.connected) {
            process.disconnect()
        }
    }

    async obey(order: MemberOrder): Promise<MemberAnswer> {
        switch (order.name) {
            case 'found':
                this.#kibitzer.bootstrap(order.republic, this.#properties)
                void this.#follow(false)
                return { name: 'done' }
            case 'join':
                void this.#follow(true)
                await this.#join(order.republic, order.addresses)
                return { name: 'done' }
            case 'write': {
                const { key, value } = order
                const { promise } = await this.#kibitzer.publish({ key, value })
                return { name: 'written', at: promise }
            }
            case 'read': {
                if (!this.#isStale) {
                    const { promise } = await this.#kibitzer.barrier()
                    await this.#keys.until(promise)
                }
                return { name: 'read', value: this.#keys.read(order.key), at: this.#keys.applied }
            }
            case 'stop':
                this.stop()
                return { name: 'done' }
            default:
                return order satisfies never
        }
    }

    get #properties(): { readonly url: string; readonly state: string } {
        return {
            url: `http://${this.#address}:${CALLS}/kibitz`,
            state: `http://${this.#address}:${(this.#server.address() as AddressInfo).port}/`
        }
    }

    /** Asks one member after the other until it is admitted. */
    async #join(republic: string, addresses: readonly string[]): Promise<void> {
        for (let asked = 0; !this.#kibitzer.destroyed; asked++) {
            const url = `http://${addresses[asked % addresses.length]}:${CALLS}/kibitz`
            const taken = await this.#kibitzer.join(republic, { url }, this.#properties)
            if (taken === undefined) {
                return
            }
            await interval()
        }
    }

    /** Applies the log to the state, which a newcomer first takes from somebody who has it. */
    async #follow(isNewcomer: boolean): Promise<void> {
        let lacksState = isNewcomer
        for await (const entry of this.#kibitzer.entries()) {
            if (entry.method === 'government') {
                const { promise, majority, minority, constituents, naturalized } = entry.government
                const { properties } = entry.government
                if (lacksState) {
                    const holders = [...majority, ...minority].map((id) => properties[id])
                    const own = this.#kibitzer.id
                    const others = holders.filter((_, index) =>
                        [...majority, ...minority][index] !== own)
                    this.#keys.restore(promise, await this.#fetchState(promise, others))
                    this.#kibitzer.naturalize()
                    lacksState = false
                }
                const seats = { promise, majority, minority, constituents, naturalized }
                report({ name: 'governed', government: seats })
            }
            this.#see(this.#keys.apply(entry))
        }
    }

    /** Asks one holder after the other until one hands over its state as of an entry. */
    async #fetchState(through: Monotonic, holders: readonly unknown[]): Promise<unknown> {
        for (let asked = 0; !this.#kibitzer.destroyed; asked++) {
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

    #see(observation: Observation): void {
        if (this.#observations.length === 0) {
            setImmediate(() => this.#flush())
        }
        this.#observations.push(observation)
    }

    #flush(): void {
        report({ name: 'seen', observations: this.#observations })
        this.#observations = []
    }

    /** Tells of each new role. Who was exiled is of no use any more, and ends. */
    #look(): void {
        const { role } = this.#kibitzer.paxos.inspect()
        if (role !== this.#role) {
            this.#role = role
            report({ name: 'role', role })
            if (role === 'exile') {
                setImmediate(() => this.stop())
            }
        }
    }
}

function report(what: MemberReport): void {
    // A parent that is gone is heard of elsewhere.
    process.send?.(what, undefined, undefined, () => {})
}

const [id = '', address = '', manner = ''] = process.argv.slice(2)
const member = new Member(id, address, manner === 'stale')
process.on('message', ({ ticket, order }: MemberOrdered) => {
    member.obey(order).then(
        (answer) => report({ name: 'answer', ticket, answer }),
        (error: Error & { readonly code?: string }) => {
            const { code = 'none', message } = error
            report({ name: 'answer', ticket, answer: { name: 'failed', code, message } })
        }
    )
})
process.on('disconnect', () => member.stop())
await member.start()
