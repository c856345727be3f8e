import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json, text } from 'node:stream/consumers'
import {
    addresses, type Application, type ApplicationEntry, Colleague, KibitzError
} from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { DISK_FAILED, type Page, PATIENCE_MS, type PodPlan } from './words.js'

/** How long a client waits for a publish or a barrier, in milliseconds. */
const SERVE_MS = 5_000

/** A list of texts. */
class List implements Application<unknown, number> {
    values: string[] = []

    /** Rejects the poison before it enters the log: `apply` would stop every pod. */
    validate(body: unknown): void {
        if (typeof body !== 'string') {
            throw new TypeError('a value is a text')
        }
    }

    apply({ body }: ApplicationEntry): number {
        if (typeof body !== 'string') {
            throw new Error('the log contains a value that is no text')
        }
        return this.values.push(body) - 1
    }

    snapshot(): string {
        return JSON.stringify(this.values)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.values = JSON.parse(await text(chunks)) as string[]
    }
}

const plan = JSON.parse(process.argv[2] ?? '') as PodPlan
const application = new List()
const colleague = new Colleague<unknown, number>({
    islandName: 'week', colleagueId: plan.id, application,
    journal: new FileJournal(plan.folder), patience: PATIENCE_MS, parliamentFloor: 3,
    ...plan.options
})
colleague.ended.catch((error: unknown) => {
    if (error instanceof KibitzError && error.code === 'journal-failed') {
        process.exit(DISK_FAILED)
    }
    throw error
})

async function serve(request: IncomingMessage): Promise<[number, unknown]> {
    const signal = AbortSignal.timeout(SERVE_MS)
    if (request.method === 'POST') {
        const value = await json(request) as string
        const { result } = await colleague.publish(value, { signal })
        return [200, result]
    }
    if (request.method === 'DELETE') {
        const id = request.url?.slice(1) ?? ''
        await (id === '' ? colleague.leave() : colleague.exile(id))
        return [200, 'left']
    }
    const { promise: barrier } = await colleague.barrier({ signal })
    const from = Number(request.url?.slice(1))
    const { values } = application
    const { options } = colleague.kibitzer.paxos
    const { folder } = plan
    const { length } = values
    return [200, { folder, barrier, length, values: values.slice(from), options } satisfies Page]
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await serve(request).catch((error: unknown) => {
        const code = error instanceof KibitzError ? error.code : String(error)
        return [code === 'invalid-argument' ? 400 : 503, code] as const
    })
    response.writeHead(status).end(JSON.stringify(body))
}

const server = createServer((request, response) => {
    void answer(request, response)
}).listen(plan.clientPort, '127.0.0.1')

process.once('SIGTERM', async () => {
    server.close()
    await colleague.stop()
    server.closeAllConnections()
    process.exit()
})

await colleague.start({
    port: plan.port,
    through: () => addresses(...readFileSync(plan.contacts, 'utf8').trim().split('\n'))(),
    founders: plan.founders
})
