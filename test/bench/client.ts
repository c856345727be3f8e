import { open } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { foreign } from './foreign.js'
import { type Measured, type Pace, payload, press } from './load.js'

interface Load {
    readonly size: number
    readonly pace: Pace
}

/** How many sockets a client over HTTP may have. */
const SOCKETS = 64

function ask(url: string, agent: Agent, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const headers = { 'content-length': Buffer.byteLength(body) }
        const asked = request(url, { method: 'POST', agent, headers }, (response) => {
            response.resume()
            response.on('end', () => {
                if (response.statusCode === 200) {
                    resolve()
                } else {
                    reject(new Error(`The service answered ${response.statusCode}.`))
                }
            })
        })
        asked.on('error', reject)
        asked.end(body)
    })
}

const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })

/** Asks a service that has a Kibitzer inside to publish, one request for each entry. */
async function visit({ url, size, pace }: Load & { readonly url: string }): Promise<Measured> {
    let published = 0
    return await press(() => {
        return ask(`${url}/publish`, agent, JSON.stringify(payload(published++, size)))
    }, pace)
}

async function openEtcd(host: string): Promise<(value: string) => Promise<unknown>> {
    const { Etcd3 } = await foreign('etcd3')
    const etcd = new Etcd3({ hosts: [host] })
    let put = 0
    // Some keys, so that none gathers an unusual number of versions.
    return (value) => etcd.put(`kibitz/${put++ % 1024}`).value(value).exec()
}

async function openNats(url: string, stream: string): Promise<(value: string) => Promise<unknown>> {
    const { connect } = await foreign('nats')
    const connection = await connect({ servers: [url] })
    const jetstream = connection.jetstream()
    return (value) => jetstream.publish(`${stream}.entries`, Buffer.from(value))
}

const opened = new Map<string, Promise<(value: string) => Promise<unknown>>>()

async function pressOther(given: Load & {
    readonly system: 'etcd' | 'nats'
    readonly url: string
    readonly stream: string
}): Promise<Measured> {
    const { system, url, stream, size, pace } = given
    const name = `${system} ${url} ${stream}`
    const opening = opened.get(name)
        ?? (system === 'etcd' ? openEtcd(url) : openNats(url, stream))
    opened.set(name, opening)
    const publish = await opening
    let published = 0
    // Like ours, theirs are 100 bytes with the quotation marks of JSON.
    return await press(() => publish(JSON.stringify(payload(published++, size))), pace)
}

/** Reads from etcd; each read is linearizable. */
async function readEtcd({ url, pace }: {
    readonly url: string
    readonly pace: Pace
}): Promise<Measured> {
    const { Etcd3 } = await foreign('etcd3')
    const etcd = new Etcd3({ hosts: [url] })
    try {
        await etcd.put('kibitz/read').value('x'.repeat(98)).exec()
        return await press(() => etcd.get('kibitz/read').string(), pace)
    } finally {
        etcd.close()
    }
}

/** Writes to a file, and waits for the disk each time: the least work of any durable store. */
async function sync({ folder, size, pace }: Load & { readonly folder: string }): Promise<Measured> {
    const file = await open(join(folder, 'alone'), 'a')
    const bytes = Buffer.alloc(size, 'x')
    try {
        return await press(async () => {
            await file.write(bytes)
            await file.datasync()
        }, pace)
    } finally {
        await file.close()
    }
}

/** Which of these members leads, `null` while none does. */
async function findEtcdLeader({ hosts }: {
    readonly hosts: readonly string[]
}): Promise<string | null> {
    const { Etcd3 } = await foreign('etcd3')
    for (const host of hosts) {
        const etcd = new Etcd3({ hosts: [host] })
        const { leader, header } = await etcd.maintenance.status()
        etcd.close()
        if (leader === header.member_id) {
            return host
        }
    }
    return null
}

/** Makes a stream of three replicas, and says which server leads it. */
async function makeStream({ urls, stream, storage }: {
    readonly urls: readonly string[]
    readonly stream: string
    readonly storage: 'file' | 'memory'
}): Promise<string | null> {
    const { connect } = await foreign('nats')
    const connection = await connect({ servers: urls })
    const manager = await connection.jetstreamManager()
    await manager.streams.add({
        name: stream, subjects: [`${stream}.>`], num_replicas: 3, storage, max_bytes: 2 ** 28
    })
    const { cluster } = await manager.streams.info(stream)
    await connection.close()
    return cluster?.leader ?? null
}

/** Whether the clients of others are installed: the names of those that are not. */
async function missing(): Promise<readonly string[]> {
    const tried = await Promise.allSettled([foreign('etcd3'), foreign('nats')])
    return ['etcd3', 'nats'].filter((_, index) => tried[index]?.status === 'rejected')
}

/** The duties of a process that is a client. */
export const client = {
    clientVisit: visit,
    clientPress: pressOther,
    clientReadEtcd: readEtcd,
    clientSync: sync,
    clientEtcdLeader: findEtcdLeader,
    clientStream: makeStream,
    clientMissing: missing
} as const
