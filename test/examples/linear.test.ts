import assert from 'node:assert/strict'
import Signal from 'signal'
import { describe, test } from 'node:test'
import { type Callee, Client, Records, type Surroundings } from '../network/client.js'
import type { MemberAnswer } from '../network/orders.js'
import { searchKeys } from '../network/register.js'
import { ExampleMembers, type Member } from './example-members.js'

/** Members restart within seconds on an idle machine. This machine may be busy. */
const DEADLINE_MS = 300_000
/** The number of answers that show progress of the service. */
const SOME = 100

/** A member, from the side of clients. */
class Server implements Callee {
    readonly name: string
    readonly #member: Member

    constructor(member: Member) {
        this.name = member.id
        this.#member = member
    }

    async ask(order: Parameters<Callee['ask']>[0]): Promise<MemberAnswer> {
        const isWrite = order.name === 'write'
        const init = isWrite ? { method: 'PUT', body: JSON.stringify(order.value) } : {}
        try {
            const response = await this.#member.ask(order.key, init)
            if (response.status !== 200) {
                const code = response.status === 503 ? 'overloaded' : String(response.status)
                return { name: 'failed', code, message: 'It was not answered.' }
            }
            const answer = await response.json() as Record<'promise' | 'value', string | null>
            return isWrite
                ? { name: 'written', at: answer.promise ?? '' }
                : { name: 'read', value: answer.value, at: null }
        } catch (error) {
            return { name: 'failed', code: 'gone', message: String(error) }
        }
    }
}

/** The clients of three members, and the history of their answers. */
class Crowd {
    readonly records: Records = new Records()
    readonly servers: (Server | null)[]
    readonly #moved = new Signal()
    readonly #clients: readonly Client[]

    constructor(members: readonly Member[]) {
        this.servers = members.map((member) => new Server(member))
        const surroundings: Surroundings = {
            machines: members.map((_, index) => index),
            residentOf: (machine) => this.servers[machine] ?? null,
            moved: () => this.#next(),
            onAnswer: () => this.#moved.notify()
        }
        this.#clients = Array.from({ length: 4 }, (_, home) => {
            const task = home === 3 ? 'read' : 'both'
            return new Client({ home, group: 0, task }, this.records, surroundings)
        })
        for (const client of this.#clients) {
            client.start()
        }
    }

    #next(): Promise<void> {
        return new Promise((resolve) => {
            this.#moved.wait(() => resolve())
        })
    }

    /** Waits for a number of further answers. */
    async answered(): Promise<void> {
        const target = this.records.answered + SOME
        while (this.records.answered < target) {
            await this.#next()
        }
    }

    async pause(): Promise<void> {
        await Promise.all(this.#clients.map((client) => client.pause()))
    }
}

describe('the key-value service under load', { timeout: DEADLINE_MS }, () => {
    test('is linearizable while members are killed, restarted and paused', async () => {
        await using members = new ExampleMembers('keyvalue')
        const a = await members.start('a')
        const b = await members.start('b', a)
        const c = await members.start('c', b)
        await c.tolerates(1)
        const crowd = new Crowd([a, b, c])
        await crowd.answered()
        crowd.servers[0] = null
        await a.kill()
        await crowd.answered()
        crowd.servers[0] = new Server(await members.start('a', c, b))
        await c.tolerates(1)
        await crowd.answered()
        b.signal('SIGSTOP')
        await crowd.answered()
        b.signal('SIGCONT')
        await crowd.answered()
        await crowd.pause()
        const { calls } = crowd.records
        assert.ok(calls.length >= 5 * SOME, `${calls.length} calls`)
        assert.deepEqual(searchKeys(calls), [])
    })
})
