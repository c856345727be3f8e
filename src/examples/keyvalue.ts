import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json, text } from 'node:stream/consumers'
import {
    type Application, type ApplicationEntry, Colleague, type Json, KibitzError
} from '../index.js'

const USAGE = `\
node keyvalue.mjs ID [PEERS ...]

  ID      the name of this member: a, for example
  PEERS   the address "peers" that a running member has printed; any member will do.
          Without PEERS the member founds a new service, so give none to the first member alone.

The member prints two addresses. Members reach it under "peers", clients under "clients":
  curl -X PUT -d '"blue"' http://CLIENTS/colour    publishes a value; null removes it
  curl http://CLIENTS/colour                       reads the newest acknowledged value
  curl http://CLIENTS/colour?stale                 reads the state of this member at once
  curl http://PEERS/health                         shows the health of this member
`

/** A published entry: a value for a key. The value \`null\` removes the key. */
interface Put {
    readonly key: string
    readonly value: Json
}

/** The state machine. The state depends on the applied entries only. */
class Store implements Application<Put, string> {
    #values = new Map<string, Json>()

    apply({ promise, body: { key, value } }: ApplicationEntry<Put>): string {
        if (value === null) {
            this.#values.delete(key)
        } else {
            this.#values.set(key, value)
        }
        return promise
    }

    snapshot(): string {
        return JSON.stringify([...this.#values])
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.#values = new Map(JSON.parse(await text(chunks)))
    }

    get(key: string): Json {
        return this.#values.get(key) ?? null
    }
}

/** A member of a replicated key-value service. Clients use a second port. */
class KeyValue {
    readonly #store = new Store()
    readonly #colleague: Colleague<Put, string>
    readonly #server = createServer((request, response) => void this.#serve(request, response))

    constructor(colleagueId: string) {
        const application = this.#store
        this.#colleague = new Colleague({ islandName: 'keyvalue', colleagueId, application })
        // If the member stops by itself, `ended` rejects without a handler: the process ends.
    }

    /** Listens, then founds the service or joins it through a member. Returns both addresses. */
    async start(through: readonly string[]): Promise<object> {
        const { properties } = await this.#colleague.listen()
        await (through.length === 0
            ? this.#colleague.bootstrap()
            : this.#colleague.join({ through }))
        await once(this.#server.listen(0, '127.0.0.1'), 'listening')
        const { port } = this.#server.address() as AddressInfo
        return { peers: properties['url'], clients: `http://127.0.0.1:${port}` }
    }

    async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://keyvalue')
        const isStale = searchParams.has('stale')
        try {
            const [status, body] = await this.#colleague.requests.enter(() =>
                this.#answer(request, pathname.slice(1), isStale)
            )
            response.writeHead(status, { 'content-type': 'application/json' })
            response.end(JSON.stringify(body))
        } catch (error) {
            // An overloaded member did nothing. After another error the entry may still appear.
            const code = error instanceof KibitzError ? error.code : null
            response.writeHead(code === 'overloaded' ? 503 : code === null ? 400 : 500).end()
        }
    }

    async #answer(
        request: IncomingMessage,
        key: string,
        isStale: boolean
    ): Promise<[status: number, body: unknown]> {
        switch (request.method) {
            case 'PUT': {
                const value = (await json(request)) as Json
                const { result } = await this.#colleague.publish({ key, value })
                return [200, { promise: result }]
            }
            case 'GET':
                if (!isStale) {
                    // After the barrier, the state contains every acknowledged entry.
                    await this.#colleague.barrier()
                }
                return [200, { value: this.#store.get(key) }]
            default:
                return [405, null]
        }
    }
}

const [id = '', ...through] = process.argv.slice(2)
if (id === '' || id.startsWith('-')) {
    process.stdout.write(USAGE)
    process.exitCode = id === '--help' ? 0 : 2
} else {
    process.stdout.write(`${JSON.stringify(await new KeyValue(id).start(through))}\n`)
}
