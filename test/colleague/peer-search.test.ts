import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Kibitzer } from '../../src/member/kibitzer.js'
import { searchPeers, type SearchParts } from '../../src/colleague/peer-search.js'

/** The facts of a member that decide on a search. */
interface Standing {
    isLed: boolean
    leftBehind: readonly string[]
}

/** A search at a member `a`. The member `b` answers at a found address. */
function search(standing: Standing): { rounds: number; located: string[]; end(): Promise<void> } {
    const found = { answer: { id: 'b', islandId: 'r', isMember: true }, properties: { at: 'new' } }
    const told = { rounds: 0, located: [] as string[] }
    const kibitzer = {
        destroyed: false,
        paxos: { id: 'a', republic: 'r' },
        locate: (id: string) => told.located.push(id),
        status: () => {
            told.rounds++
            return standing
        }
    }
    const parts: SearchParts = {
        kibitzer: kibitzer as unknown as Kibitzer,
        starting: { find: () => Promise.resolve([found]) } as unknown as SearchParts['starting'],
        pingMs: 1,
        random: Math.random
    }
    const ended = new AbortController()
    const ending = searchPeers(parts, () => [], ended.signal)
    return Object.assign(told, {
        end: () => {
            ended.abort()
            return ending
        }
    })
}

async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
        await new Promise((resolve) => {
            setImmediate(resolve)
        })
    }
}

describe('the search for moved members', () => {
    test('rests while a leader reaches the member', async () => {
        const running = search({ isLed: true, leftBehind: [] })
        await until(() => running.rounds === 4)
        await running.end()
        assert.deepEqual(running.located, [])
    })

    test('finds members while no leader reaches the member', async () => {
        const running = search({ isLed: false, leftBehind: [] })
        await until(() => running.located.length > 0)
        await running.end()
        assert.equal(running.located[0], 'b')
    })

    test('finds members if no reached member holds the missing entries', async () => {
        const running = search({ isLed: true, leftBehind: ['a'] })
        await until(() => running.located.length > 0 || running.rounds > 8)
        await running.end()
        assert.equal(running.located[0], 'b')
    })

    test('rests if only other members lack entries', async () => {
        const running = search({ isLed: true, leftBehind: ['c'] })
        await until(() => running.rounds === 4)
        await running.end()
        assert.deepEqual(running.located, [])
    })
})
