import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WireCall } from '../../src/guard/envelope.js'
import { FakeKibitzer } from '../../src/transport/conformance/fake-kibitzer.js'
import { handler, type HttpSend, send as sendHttp } from '../../src/transport/http/http.js'
import { listenTcp, send as sendTcp, type TcpSend } from '../../src/transport/tcp/tcp.js'
import type { Household } from './household.js'
import { type Contender, contest } from './contest.js'
import type { Means } from './inside.js'
import { type Measured, type Pace, payload, press } from './load.js'
import type { Transport } from './member.js'
import { settleMembers } from './network.js'
import type { Section } from './report.js'

const SIZE = 100
const CALLERS = 512
const BATCH = 512
const WINDOWS = [1, 2, 4] as const

/** The transports, and how those are called that use them. */
const TRANSPORTS = {
    http: { ours: 'kibitz, in the leader', floor: 'no consensus', send: sendHttp },
    tcp: { ours: 'kibitz over TCP, in the leader', floor: 'no consensus over TCP', send: sendTcp }
} as const

/** What a member answers a run with, near enough: as many bytes, and nothing behind it. */
const ANSWER = {
    from: { id: 'member-1', immigrated: '2/0' }, government: '6/0', committed: '6/ffff',
    ballot: '1/1/0', minimum: { version: '6/0', reduced: '6/ffff' }, naturalizing: [], silent: [],
    method: 'recorded', accepted: '1/1/0', position: '6/ffff'
}

const servers: Server[] = []
const listeners: (() => Promise<void>)[] = []

/** Takes what arrives as a member would, and answers at once. */
export async function receive({ transport }: { readonly transport: Transport }): Promise<string> {
    if (transport === 'http') {
        return await receiveHttp()
    }
    const double = new FakeKibitzer('member-1')
    double.answer = () => ANSWER
    // The floor discards the large amount of received data.
    double.requests.push = () => 0
    double.peers.push = () => 0
    const { url, close } = await listenTcp(double)
    listeners.push(close)
    return url
}

function receiveHttp(): Promise<string> {
    const listener = createServer(handler({ request: () => Promise.resolve(ANSWER) }))
    listener.keepAliveTimeout = 60_000
    servers.push(listener)
    return new Promise((resolve) => {
        listener.listen(0, '127.0.0.1', () => {
            resolve(`http://127.0.0.1:${(listener.address() as AddressInfo).port}/kibitz`)
        })
    })
}

/** Stops to take anything in this process. */
export async function cease(): Promise<void> {
    await Promise.all(listeners.splice(0).map((close) => close()))
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
    })))
}

interface Waiting {
    readonly value: string
    readonly resolve: () => void
    readonly reject: (error: unknown) => void
}

/** The number of open batches, and the receivers of the batches. */
export interface Sending {
    readonly urls: readonly string[]
    readonly window: number
    readonly transport: Transport
}

/**
 * Sends what callers hand it to receivers, in batches, and settles each when all have answered.
 * Numbers, names and marks are those of a run between two members, so the bytes are too.
 */
class Sender {
    readonly #send: HttpSend | TcpSend
    readonly #sending: Sending
    readonly #forever = new AbortController()
    #waiting: Waiting[] = []
    #underWay = 0
    #isDue = false
    #sent = 0

    constructor(sending: Sending) {
        this.#sending = sending
        this.#send = TRANSPORTS[sending.transport].send()
    }

    publish(value: string): Promise<void> {
        return new Promise((resolve, reject) => {
            this.#waiting.push({ value, resolve, reject })
            this.#arrange()
        })
    }

    close(): void {
        this.#send.close()
    }

    /** What callers hand over in one turn goes together. */
    #arrange(): void {
        if (!this.#isDue) {
            this.#isDue = true
            queueMicrotask(() => {
                this.#isDue = false
                while (this.#waiting.length !== 0 && this.#underWay < this.#sending.window) {
                    void this.#post(this.#waiting.splice(0, BATCH))
                }
            })
        }
    }

    async #post(batch: readonly Waiting[]): Promise<void> {
        this.#underWay++
        const envelope = this.#envelope(batch)
        try {
            await Promise.all(this.#sending.urls.map((url) => {
                const call = { ...envelope, to: { url } } as WireCall
                return this.#send({ url }, call, this.#forever.signal)
            }))
            for (const { resolve } of batch) {
                resolve()
            }
        } catch (error) {
            for (const { reject } of batch) {
                reject(error)
            }
        }
        this.#underWay--
        this.#arrange()
    }

    #envelope(batch: readonly Waiting[]): object {
        const promise = (): string => `6/${this.#sent.toString(16)}`
        const previous = promise()
        const entries = batch.map(({ value }) => {
            const before = promise()
            this.#sent++
            const cookie = this.#sent.toString(16)
            const body = { id: 'member-0', cookie, immigrated: '1/0', body: value }
            return { promise: promise(), previous: before, body }
        })
        const body = {
            republic: 'bench', founding: '0123456789abcdef0123456789abcdef',
            from: { id: 'member-0', immigrated: '1/0' }, to: { id: 'member-1', immigrated: '2/0' },
            government: '6/0', committed: previous, minimum: previous, standing: 0,
            method: 'register', ballot: '1/1/0', previous, entries
        }
        return { module: 'kibitz', method: 'receive', body }
    }
}

/** Lets callers hand entries to a sender. */
export async function pressSender(given: {
    readonly sending: Sending
    readonly pace: Pace
}): Promise<Measured> {
    const sender = new Sender(given.sending)
    let published = 0
    const measured = await press(() => sender.publish(payload(published++, SIZE)), given.pace)
    sender.close()
    return measured
}

/** The duties of the processes that have no consensus. */
export const floor = { floorReceive: receive, floorPress: pressSender } as const

async function receivers(
    household: Household,
    transport: Transport
): Promise<readonly string[]> {
    const workers = [household.hire(), household.hire()]
    return await Promise.all(workers.map((worker) =>
        worker.ask<string>('floorReceive', { transport })))
}

/** Members and receivers over one transport, and what may be asked of them. */
async function over(household: Household, transport: Transport):
Promise<(pace: Pace) => readonly Contender[]> {
    const urls = await receivers(household, transport)
    const sender = household.hire()
    const { workers: [leader] } = await settleMembers(household, transport)
    const { ours, floor: bare } = TRANSPORTS[transport]
    return (pace) => [
        {
            name: ours,
            run: async () => {
                const measured = leader?.ask<Measured>('memberPublish', { size: SIZE, pace })
                return measured === undefined ? [] : [await measured]
            }
        },
        ...WINDOWS.map((window) => ({
            name: `${bare}, ${window} under way`,
            run: async () => {
                const sending = { urls, window, transport }
                return [await sender.ask<Measured>('floorPress', { sending, pace })]
            }
        }))
    ]
}

/** Section 3: what consensus costs above the transport itself. */
export async function againstFloor(means: Means): Promise<Section> {
    const { household, thoroughness: { rounds, ms }, progress } = means
    progress('three members of ours settle, two receivers beside them; over HTTP, over TCP')
    const all = [await over(household, 'http'), await over(household, 'tcp')]
    const pressed = (pace: Pace): readonly Contender[] => all.flatMap((each) => each(pace))
    for (const { name, run } of pressed({ callers: CALLERS, ms: ms / 2 })) {
        progress(`${name}, to warm up`)
        await run()
    }
    const contenders = pressed({ callers: CALLERS, ms })
    const [standings = []] = await contest(contenders, rounds, progress)
    const rate = (isIn: (name: string) => boolean): number => Math.max(
        0, ...standings.flatMap((each) => isIn(each.name) ? each.rate : []))
    const best = (name: string): number => {
        const isTcp = name.includes('TCP')
        const { ours } = TRANSPORTS[isTcp ? 'tcp' : 'http']
        return rate((other) => other !== ours && other.includes('TCP') === isTcp)
    }
    return {
        name: 'floor',
        title: 'Against the floor',
        notes: [
            'Three processes, 512 callers in the first, entries of 100 B in batches of up to 512.',
            'The floor sends the bytes of a run to two receivers over the same transport; they',
            'parse it and answer. It is measured with 1, 2 and 4 batches under way; the best of',
            'the same transport counts.'
        ],
        columns: ['who', 'entries/s', 'of the best floor', 'CPU µs/entry of the first', 'p50 ms'],
        rows: standings.map(({ name, rate: each, cpu, p50 }) =>
            [name, each, each / best(name), cpu, p50]),
        runs: standings.map(({ name, rates }) => ({ what: name, rates })),
        goals: Object.values(TRANSPORTS).map(({ ours }) => ({
            what: `${ours}, entries/s over the best floor's`,
            limit: 'least', goal: 0.5, is: rate((name) => name === ours) / best(ours)
        }))
    }
}
