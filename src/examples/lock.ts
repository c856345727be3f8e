import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Application, type ApplicationEntry, Colleague, KibitzError } from '../index.js'

const USAGE = `\
node lock.mjs ID [PEERS ...]

  ID      the name of this member: a, for example
  PEERS   the address "peers" that a running member has printed; any member will do.
          Without PEERS the member founds a new service, so give none to the first member alone.

The member prints two addresses. Members reach it under "peers", clients under "clients":
  curl -X POST 'http://CLIENTS/acquire/NAME?ttl=5000'              answers 200 and a lease, or 409
  curl -X POST 'http://CLIENTS/renew/NAME?ttl=5000&token=TOKEN'    prolongs a lease
  curl -X POST 'http://CLIENTS/release/NAME?ttl=0&token=TOKEN'     ends a lease
`

/** A request of a client. \`token\` is \`null\` in a request for a new lease. */
interface Order {
    readonly kind: 'acquire' | 'renew' | 'release'
    readonly name: string
    readonly ttlMs: number
    readonly token: string | null
}

/** The milliseconds that have passed since a tick was applied. */
type Tick = { readonly kind: 'tick'; readonly since: string; readonly elapsedMs: number }

/** A lease. The token is the promise of the entry that gave the lease, so tokens only rise. */
interface Lease {
    readonly token: string
    /** In log time. */
    readonly expiresMs: number
}

/**
 * Leases that end by log time. Every member has the same log time, whatever the clocks show.
 *
 * 1. Only ticks advance log time. A tick says: since the leader applied tick `since`, `elapsedMs`
 *    milliseconds have passed at the leader. If `since` is not the last tick, the tick is stale and
 *    adds nothing.
 * 2. The leader measures `elapsedMs` before the commit of the tick. So log time never runs ahead of
 *    real time, unless a clock runs fast.
 * 3. A holder counts the lease from an instant before the request. So the lease ends for the holder
 *    before the lease ends in the log.
 * 4. If a holder sleeps through the end of the lease, the token stops the holder: the protected
 *    resource refuses a token below the highest token that the resource has seen.
 */
class Locks implements Application<Order | Tick, Lease | null> {
    #state = { leases: {} as Record<string, Lease>, timeMs: 0, tick: '0/0' }
    /** The local instant of the last applied tick. Not part of the state. */
    #tickedAt = performance.now()

    apply({ promise, body: order }: ApplicationEntry<Order | Tick>): Lease | null {
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

    /** The next tick: the time since the last tick by the local clock. */
    tick(): Tick {
        const elapsedMs = Math.floor(performance.now() - this.#tickedAt)
        return { kind: 'tick', since: this.#state.tick, elapsedMs }
    }
}

function isKind(kind: string): kind is Order['kind'] {
    return ['acquire', 'renew', 'release'].includes(kind)
}

/** Answers a client's request. */
async function serve(
    colleague: Colleague<Order | Tick, Lease | null>,
    request: IncomingMessage,
    response: ServerResponse
): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lock')
    const [, kind = '', name = ''] = pathname.split('/')
    const token = searchParams.get('token')
    const ttlMs = Number(searchParams.get('ttl'))
    if (!isKind(kind) || !(ttlMs >= 0)) {
        response.writeHead(400).end()
        return
    }
    const order: Order = { kind, name, token, ttlMs }
    try {
        const { result } = await colleague.requests.enter(() => colleague.publish(order))
        response.writeHead(result === null ? 409 : 200).end(JSON.stringify(result))
    } catch (error) {
        const isRefused = error instanceof KibitzError && error.code === 'overloaded'
        response.writeHead(isRefused ? 503 : 500).end()
    }
}

/** Starts a member, and prints the addresses of the member. */
async function start(id: string, through: readonly string[]): Promise<void> {
    const locks = new Locks()
    const colleague = new Colleague({ islandName: 'lock', colleagueId: id, application: locks })
    const { properties } = await colleague.listen()
    await (through.length === 0 ? colleague.bootstrap() : colleague.join({ through }))
    setInterval(() => {
        if (colleague.kibitzer.status().role === 'leader') {
            // After a lost tick, leases end later: the next tick covers the time of the lost tick.
            colleague.publish(locks.tick()).catch(() => {})
        }
    }, 100)
    const server = createServer((request, response) => void serve(colleague, request, response))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const clients = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    process.stdout.write(`${JSON.stringify({ peers: properties['url'], clients })}\n`)
}

const [id = '', ...through] = process.argv.slice(2)
if (id === '' || id.startsWith('-')) {
    process.stdout.write(USAGE)
    process.exitCode = id === '--help' ? 0 : 2
} else {
    await start(id, through)
}
