import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json, text } from 'node:stream/consumers'
import { type Application, type ApplicationEntry, Colleague, KibitzError } from '../../src/index.js'

/** What is published: a value for a key, or `null` to take it away. */
interface Put {
    readonly key: string
    readonly value: unknown
}

/** The state machine: a function of the entries it is given, and of nothing else. */
class Store implements Application<string> {
    #values = new Map<string, unknown>()

    apply({ promise, body }: ApplicationEntry): string {
        const { key, value } = body as Put
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

    get(key: string): unknown {
        return this.#values.get(key) ?? null
    }
}

/** One member of a replicated key-value service, with its clients on a port of their own. */
class KeyValue {
    readonly #store = new Store()
    readonly #colleague: Colleague<string>
    readonly #server = createServer((request, response) => void this.#serve(request, response))

    constructor(colleagueId: string) {
        const application = this.#store
        this.#colleague = new Colleague({ islandName: 'keyvalue', colleagueId, application })
        // Nobody handles `ended`: a member that cannot go on ends its process.
    }

    /** Listens, then founds the service, or joins it through any member. Yields both addresses. */
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
            // What was refused was not done; of anything else the outcome is not known.
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
                const value = await json(request)
                const { result } = await this.#colleague.publish({ key, value })
                return [200, { promise: result }]
            }
            case 'GET':
                if (!isStale) {
                    // Behind it, this member has applied all that was acknowledged anywhere.
                    await this.#colleague.barrier()
                }
                return [200, { value: this.#store.get(key) }]
            default:
                return [405, null]
        }
    }
}

const [id = '', ...through] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(await new KeyValue(id).start(through))}\n`)
