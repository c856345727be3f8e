import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Application, type ApplicationEntry, Colleague, KibitzError } from '../../src/index.js'

/** What a client asks for; only who wants a lease anew brings no token. */
interface Order {
    readonly kind: 'acquire' | 'renew' | 'release'
    readonly name: string
    readonly ttlMs: number
    readonly token: string | null
}

/** That time has passed since a tick was applied. */
type Tick = { readonly kind: 'tick'; readonly since: string; readonly elapsedMs: number }

/** A lease. Its token is the promise of the entry that gave it: tokens rise for ever. */
interface Lease {
    readonly token: string
    /** In log time. */
    readonly expiresMs: number
}

/**
 * Leases that end by log time, of which every member has the same idea, whatever its clock says.
 *
 * Log time goes on by ticks alone: "since I applied that tick, so many milliseconds have passed
 * here". A tick that names another than the last one is stale and counts nothing. A tick is applied
 * after it was committed, so log time never runs ahead of time, as long as no clock *runs* fast;
 * what hour a clock shows does not matter. And who holds a lease counts it from before it asked:
 * so it ends for its holder before it ends here. A holder that sleeps through that end is stopped
 * by the token alone: let what the lock protects refuse a token below the highest it has seen.
 */
class Locks implements Application<Lease | null> {
    #state = { leases: {} as Record<string, Lease>, timeMs: 0, tick: '0/0' }
    /** When this process saw the last tick; no part of the state. */
    #tickedAt = performance.now()

    apply({ promise, body }: ApplicationEntry): Lease | null {
        const order = body as Order | Tick
        if (order.kind === 'tick') {
            if (order.since === this.#state.tick) {
                this.#state.timeMs += order.elapsedMs
                this.#state.tick = promise
                this.#tickedAt = performance.now()
            }
            return null
        }
        const held = this.#held(order.name)
        if (order.kind === 'acquire' ? held !== null : held?.token !== order.token) {
            return null
        }
        if (order.kind === 'release') {
            Reflect.deleteProperty(this.#state.leases, order.name)
            return held
        }
        const token = held?.token ?? promise
        const lease = { token, expiresMs: this.#state.timeMs + order.ttlMs }
        this.#state.leases[order.name] = lease
        return lease
    }

    #held(name: string): Lease | null {
        const lease = Object.hasOwn(this.#state.leases, name) ? this.#state.leases[name] : null
        return lease && lease.expiresMs > this.#state.timeMs ? lease : null
    }

    snapshot(): string {
        return JSON.stringify(this.#state)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.#state = JSON.parse(await text(chunks))
        this.#tickedAt = performance.now()
    }

    /** What this member knows of the passing of time. */
    tick(): Tick {
        const elapsedMs = Math.floor(performance.now() - this.#tickedAt)
        return { kind: 'tick', since: this.#state.tick, elapsedMs }
    }
}

const [id = '', ...through] = process.argv.slice(2)
const locks = new Locks()
const colleague = new Colleague({ islandName: 'lock', colleagueId: id, application: locks })

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lock')
    const [, kind = '', name = ''] = pathname.split('/')
    const token = searchParams.get('token')
    const ttlMs = Number(searchParams.get('ttl'))
    if (!['acquire', 'renew', 'release'].includes(kind) || !(ttlMs >= 0)) {
        response.writeHead(400).end()
        return
    }
    const order = { kind, name, token, ttlMs }
    try {
        const { result } = await colleague.requests.enter(() => colleague.publish(order))
        response.writeHead(result === null ? 409 : 200).end(JSON.stringify(result))
    } catch (error) {
        const isRefused = error instanceof KibitzError && error.code === 'overloaded'
        response.writeHead(isRefused ? 503 : 500).end()
    }
}

const { properties } = await colleague.listen()
await (through.length === 0 ? colleague.bootstrap() : colleague.join({ through }))
setInterval(() => {
    if (colleague.kibitzer.status().role === 'leader') {
        void colleague.publish(locks.tick())
    }
}, 100)
const server = createServer((request, response) => void serve(request, response))
await once(server.listen(0, '127.0.0.1'), 'listening')
const clients = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
process.stdout.write(`${JSON.stringify({ peers: properties['url'], clients })}\n`)
