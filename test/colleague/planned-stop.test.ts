import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { parliament } from '../../src/paxos/membership/government.js'
import { type Citizen, ColleagueGroup, LATENCY_MS } from './colleague-group.js'
import '../support/silence.js'

/**
 * How many messages, one after the other, a publish waits for during a planned stop. The mocked
 * network delivers a message in a fixed time, and the mocked disk flushes at once.
 */
const MESSAGES_MAX = 32

/** Publishes one value after the other at a member, and notes the longest wait. */
class Writer {
    longestMs = 0
    lastAt = 0
    readonly #citizen: Citizen
    #isOver = false

    constructor(citizen: Citizen) {
        this.#citizen = citizen
        void this.#write()
    }

    end(): void {
        this.#isOver = true
    }

    async #write(): Promise<void> {
        while (!this.#isOver) {
            const begunAt = Date.now()
            await this.#citizen.colleague.publish({ add: 1 }).catch(() => this.end())
            this.lastAt = Date.now()
            this.longestMs = Math.max(this.longestMs, this.lastAt - begunAt)
            // A leader without co-voters publishes thousands of times at one instant.
            await new Promise(setImmediate)
        }
    }
}

interface Stop {
    readonly ids: readonly string[]
    readonly hasJournal: boolean
    /** The pause before the stop: the stop comes at another moment between two pings. */
    readonly afterMs: number
}

/** The longest wait of a writer while the leader stops, in messages one after the other. */
async function longestWait({ ids, hasJournal, afterMs }: Stop): Promise<number> {
    await using group = new ColleagueGroup({
        ping: 250, timeout: 1000, highestVersion: 2
    })
    const [founder, ...others] = ids
    const start = async (id: string): Promise<Citizen> =>
        await group.start(id, hasJournal ? { journal: new MemoryJournal(new MemoryStore()) } : {})
    const leader = await start(founder ?? '')
    await leader.colleague.bootstrap({ islandId: 'run' })
    for (const id of others) {
        const citizen = await start(id)
        await group.untilSettled(citizen.colleague.join({ through: () => [{ at: founder }] }))
    }
    const { kibitzer } = leader.colleague
    await group.until(() => parliament(kibitzer.status().government).length === ids.length)
    await group.advance(afterMs)
    const writers = group.citizens.filter(({ id }) => id !== founder)
        .map((citizen) => new Writer(citizen))
    await group.advance(300)
    await group.untilSettled(leader.colleague.stop())
    group.crash(leader.id)
    await group.advance(2000)
    for (const writer of writers) {
        assert.ok(writer.lastAt > Date.now() - 100, 'the writers continue')
        writer.end()
    }
    return Math.max(...writers.map(({ longestMs }) => longestMs)) / LATENCY_MS
}

describe('a planned stop of a leader', () => {
    for (const ids of [['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']]) {
        for (const hasJournal of [false, true]) {
            const members = `${ids.length} members ${hasJournal ? 'with' : 'without'} journals`
            test(`delays a writer by at most ${MESSAGES_MAX} messages: ${members}`, async () => {
                for (const afterMs of [0, 74, 148, 222]) {
                    const messages = await longestWait({ ids, hasJournal, afterMs })
                    assert.ok(messages <= MESSAGES_MAX, `${messages} messages`)
                }
            })
        }
    }
})

describe('a planned stop without a journal', () => {
    for (const ids of [['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']]) {
        for (const order of [ids, ids.toReversed()]) {
            test(`gives up the seat, so that the last of ${order} goes on`, async () => {
                await using group = new ColleagueGroup({ ping: 250, timeout: 1000 })
                await group.startRepublic(...ids)
                const seats = (id: string): readonly string[] => parliament(
                    group.citizens.find((citizen) => citizen.id === id)
                        ?.colleague.kibitzer.status().government
                        ?? assert.fail(`${id} is not there`))
                const last = order.at(-1) ?? ''
                await group.until(() => seats(last).length === ids.length)
                for (const id of order.slice(0, -1)) {
                    const begunAt = Date.now()
                    const [stopping] = group.citizens.filter((citizen) => citizen.id === id)
                    await group.untilSettled(stopping?.colleague.stop() ?? assert.fail())
                    group.crash(id)
                    assert.ok(Date.now() - begunAt < 1000, `${id} took ${Date.now() - begunAt} ms`)
                }
                const [remaining] = group.citizens
                assert.deepEqual(seats(last), [last])
                await group.untilSettled(
                    remaining?.colleague.publish({ add: 1 }) ?? assert.fail())
            })
        }
    }

    test('ends within two seconds if the other members are gone', async () => {
        await using group = new ColleagueGroup({ ping: 250, timeout: 1000 })
        const [a] = await group.startRepublic('a', 'b', 'c')
        const { kibitzer } = a?.colleague ?? assert.fail()
        await group.until(() => parliament(kibitzer.status().government).length === 3)
        group.crash('b')
        group.crash('c')
        const begunAt = Date.now()
        await group.untilSettled(a?.colleague.stop() ?? assert.fail())
        assert.ok(Date.now() - begunAt < 5000, `${Date.now() - begunAt} ms`)
    })
})
