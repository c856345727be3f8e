import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { connectHttp, handler } from '../../src/transport/http/http.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import { type Measured, type Pace, payload, press } from './load.js'
import { until } from './republic.js'
import { timedJournal } from './timed-journal.js'
import '../support/silence.js'

/** A service with a Kibitzer inside, in a process of its own. */
interface Resident {
    readonly kibitzer: Kibitzer
    readonly server: Server
    /** Where the others reach it. */
    readonly address: string
}

/** What members call each other over. */
export type Transport = 'http' | 'tcp'

/** Where a member is: its service, and its Kibitzer. */
export interface Whereabouts {
    readonly url: string
    readonly address: string
}

/** What a leader has taken. */
export interface Taken {
    readonly batches: number
    readonly entries: number
}

/** What a journal has written: its synchronizations, and its bytes. */
export interface Written {
    readonly commits: number
    readonly size: number
}

let resident: Resident | null = null

function here(): Resident {
    if (resident === null) {
        throw new Error('This process is no member.')
    }
    return resident
}

/** The service's own route: what is posted is published, and answered when it is in the log. */
function serve(kibitzer: Kibitzer): Server {
    const kibitz = handler(kibitzer)
    return createServer((request, response) => {
        if (request.url === '/kibitz') {
            kibitz(request, response)
            return
        }
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
            kibitzer.publish(JSON.parse(Buffer.concat(chunks).toString())).then(
                ({ promise }) => response.end(promise),
                () => response.writeHead(503).end()
            )
        })
    })
}

function listen(server: Server): Promise<string> {
    return new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => {
            resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
        })
    })
}

async function start({ id, transport, folder, flushMs }: {
    readonly id: string
    readonly transport: Transport
    /** Where it keeps its journal. @default it keeps none */
    readonly folder?: string
    /** Its journal is a timer. @default it is not */
    readonly flushMs?: number
}): Promise<Whereabouts> {
    const disk = folder === undefined ? null : new FileJournal(folder)
    const journal = flushMs === undefined ? disk : timedJournal(flushMs)
    const kibitzer = new Kibitzer({ id, ...(journal !== null && { journal }) })
    if (journal !== null) {
        await kibitzer.recover()
    }
    const server = serve(kibitzer)
    server.keepAliveTimeout = 60_000
    const url = await listen(server)
    let address = `${url}/kibitz`
    if (transport === 'tcp') {
        address = (await listenTcp(kibitzer)).url
    } else {
        connectHttp(kibitzer)
    }
    kibitzer.listen()
    resident = { kibitzer, server, address }
    return { url, address }
}

function found(): Promise<void> {
    const { kibitzer, address } = here()
    kibitzer.bootstrap('bench', { url: address })
    return Promise.resolve()
}

async function join({ leader }: { readonly leader: string }): Promise<void> {
    const { kibitzer, address } = here()
    while ((await kibitzer.join('bench', { url: leader }, { url: address })) === false) {
        // It is asked again at once; each answer takes a round trip.
    }
    await until(kibitzer, ({ promise }) => promise !== '0/0')
    kibitzer.naturalize()
}

async function settled({ seats }: { readonly seats: number }): Promise<void> {
    await until(here().kibitzer, ({ majority, minority }) => {
        return majority.length + minority.length === seats
    })
}

async function publish(given: { readonly size: number; readonly pace: Pace }): Promise<Measured> {
    const { size, pace } = given
    const { kibitzer } = here()
    let published = 0
    return await press(() => kibitzer.publish(payload(published++, size)), pace)
}

async function read({ pace }: { readonly pace: Pace }): Promise<Measured> {
    const { kibitzer } = here()
    return await press(() => kibitzer.barrier(), pace)
}

/** The batches that a leader has taken so far. */
const taken = { batches: 0, entries: 0 }

/** Counts the batches of this leader from now on. */
function countBatches(): Promise<void> {
    here().kibitzer.played.shifter().pump((input) => {
        if (input?.method === 'enqueue') {
            taken.batches++
            taken.entries += input.body.entries.length
        }
    })
    return Promise.resolve()
}

/** Resolves when this member has played so many more inputs of a method. */
function played({ method, count }: {
    readonly method: string
    readonly count: number
}): Promise<void> {
    return new Promise((resolve) => {
        const inputs = here().kibitzer.played.shifter()
        let left = count
        inputs.pump((input) => {
            left -= input?.method === method ? 1 : 0
            if (left === 0) {
                inputs.destroy()
                resolve()
            }
        })
    })
}

/** How often and how much the journal has written so far. */
function written(): Promise<Written> {
    const { commits = 0, size = 0 } = here().kibitzer.status().journal ?? {}
    return Promise.resolve({ commits, size })
}

/** The duties of a process that is a member of a republic over HTTP. */
export const member = {
    memberStart: start,
    memberFound: found,
    memberJoin: join,
    memberSettled: settled,
    memberPublish: publish,
    memberRead: read,
    memberCountBatches: countBatches,
    memberBatches: (): Promise<Taken> => Promise.resolve(taken),
    memberPlayed: played,
    memberWritten: written
} as const
