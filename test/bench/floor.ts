import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WireCall } from '../../src/guard/envelope.js'
import { handler, send } from '../../src/transport/http.js'
import type { Household } from './household.js'
import { type Contender, contest } from './contest.js'
import type { Means } from './inside.js'
import { type Measured, type Pace, payload, press } from './load.js'
import { settleMembers } from './network.js'
import type { Section } from './report.js'

const SIZE = 100
const CALLERS = 512
const BATCH = 512
const WINDOWS = [1, 2, 4] as const
const OURS = 'kibitz, in the leader'

/** What a member answers a run with, near enough: as many bytes, and nothing behind it. */
const ANSWER = {
    from: { id: 'member-1', immigrated: '2/0' }, government: '6/0', committed: '6/ffff',
    ballot: '1/1/0', minimum: { version: '6/0', reduced: '6/ffff' }, naturalizing: [], silent: [],
    method: 'recorded', accepted: '1/1/0', position: '6/ffff'
}

const servers: Server[] = []

/** Takes what arrives as a member would, and answers at once. */
export function receive(): Promise<string> {
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

/** How many batches may be under way, and whom they go to. */
export interface Sending {
    readonly urls: readonly string[]
    readonly window: number
}

/**
 * Sends what callers hand it to receivers, in batches, and settles each when all have answered.
 * Numbers, names and marks are those of a run between two members, so the bytes are too.
 */
class Sender {
    readonly #send = send()
    readonly #sending: Sending
    readonly #forever = new AbortController()
    #waiting: Waiting[] = []
    #underWay = 0
    #isDue = false
    #sent = 0

    constructor(sending: Sending) {
        this.#sending = sending
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

async function receivers(household: Household): Promise<readonly string[]> {
    const workers = [household.hire(), household.hire()]
    return await Promise.all(workers.map((worker) => worker.ask<string>('floorReceive')))
}

/** Section 3: what consensus costs above the transport itself. */
export async function againstFloor(means: Means): Promise<Section> {
    const { household, thoroughness: { rounds, ms }, progress } = means
    progress('three members of ours settle, two receivers beside them')
    const urls = await receivers(household)
    const sender = household.hire()
    const { workers: [leader] } = await settleMembers(household)
    const pressed = (pace: Pace): readonly Contender[] => [
        {
            name: OURS,
            run: async () => {
                const measured = leader?.ask<Measured>('memberPublish', { size: SIZE, pace })
                return measured === undefined ? [] : [await measured]
            }
        },
        ...WINDOWS.map((window) => ({
            name: `no consensus, ${window} under way`,
            run: async () => {
                const sending = { urls, window }
                return [await sender.ask<Measured>('floorPress', { sending, pace })]
            }
        }))
    ]
    for (const { name, run } of pressed({ callers: CALLERS, ms: ms / 2 })) {
        progress(`${name}, to warm up`)
        await run()
    }
    const contenders = pressed({ callers: CALLERS, ms })
    const [standings = []] = await contest(contenders, rounds, progress)
    const rate = (isIn: (name: string) => boolean): number => Math.max(
        0, ...standings.flatMap((each) => isIn(each.name) ? each.rate : []))
    const best = rate((name) => name !== OURS)
    const share = rate((name) => name === OURS) / best
    return {
        name: 'floor',
        title: 'Against the floor',
        notes: [
            'Three processes, 512 callers in the first, entries of 100 B in batches of up to 512.',
            'The floor posts the bytes of a run to two receivers over the same transport; they',
            'parse it and answer. It is measured with 1, 2 and 4 batches under way; the best',
            'counts.'
        ],
        columns: ['who', 'entries/s', 'of the best floor', 'CPU µs/entry of the first', 'p50 ms'],
        rows: standings.map(({ name, rate: each, cpu, p50 }) =>
            [name, each, each / best, cpu, p50]),
        runs: standings.map(({ name, rates }) => ({ what: name, rates })),
        goals: [
            { what: "entries/s over the best floor's", limit: 'least', goal: 0.5, is: share }
        ]
    }
}
