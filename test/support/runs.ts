import assert from 'node:assert/strict'
import type { Kibitzer } from '../../src/index.js'
import { at, type Fate, type Island } from './island.js'
import { seatsOf } from './seats.js'

/** A generator of numbers from 0 up to 1 that is the same in every run. (Park and Miller.) */
function chance(seed: number): () => number {
    let state = seed
    return () => {
        state = (state * 48_271) % 0x7fff_ffff
        return state / 0x7fff_ffff
    }
}

/** A republic of these members whose parliament has grown to its size. Returns the founder. */
export function settleSeats(land: Island, ids: readonly string[]): Kibitzer {
    const [founder] = land.settle(...ids)
    assert.ok(founder !== undefined)
    land.until(() => {
        const { majority, minority } = founder.paxos.government
        return majority.length + minority.length === seatsOf(ids.length)
    })
    land.level()
    return founder
}

/** Every living member publishes this number of values. */
export function publishAll(island: Island, values: number): void {
    for (let value = 0; value < values; value++) {
        for (const { kibitzer } of island.residents) {
            kibitzer.publish({ by: kibitzer.id, value, text: 'ü\u2028"', list: [null, 1.5, -0] })
        }
    }
}

/** Loses a share of the calls, and the same share of the answers. */
function losing(random: () => number, share: number): () => Fate {
    return () => {
        if (random() < share) {
            return 'lost'
        }
        return random() < share ? 'unanswered' : null
    }
}

/** Scenarios of a republic, by name. */
export const RUNS: Record<string, (island: Island) => void> = {
    'one member': (island) => {
        island.found('a')
        publishAll(island, 20)
        island.pass(3000)
    },
    'immigration, naturalization and growth to five, under load': (island) => {
        island.found('a')
        publishAll(island, 5)
        for (const [id, through] of [['b', 'a'], ['c', 'b'], ['d', 'b'], ['e', 'c']] as const) {
            island.admit(id, through)
            publishAll(island, 5)
        }
        island.land('f').join('republic', at('a'), at('f'))
        island.level()
    },
    'the exile of a constituent and of a member of parliament': (island) => {
        island.settle('a', 'b', 'c')
        island.admit('d', 'a', false)
        island.crash('d')
        publishAll(island, 3)
        island.until(() => !('d' in island.kibitzer('a').paxos.government.properties))
        island.crash('c')
        publishAll(island, 3)
        island.until(() => !('c' in island.kibitzer('a').paxos.government.properties))
        island.level()
    },
    'the death of the leader in the midst of everything': (island) => {
        island.settle('a', 'b', 'c', 'd', 'e')
        publishAll(island, 10)
        island.pass(3)
        island.crash('a')
        publishAll(island, 10)
        island.level()
        island.admit('f', 'b')
        publishAll(island, 2)
        island.level()
    },
    'a member that is cut off, and learns that it was exiled': (island) => {
        island.settle('a', 'b', 'c')
        island.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
        publishAll(island, 5)
        island.pass(5000)
        island.fate = () => null
        island.pass(5000)
        assert.equal(island.kibitzer('c').status().role, 'exile')
    },
    'a republic that is paused, and whose clocks jump': (island) => {
        island.settle('a', 'b', 'c')
        for (const pauseMs of [700, 3000, 60_000, 3_600_000]) {
            island.pause(pauseMs)
            publishAll(island, 2)
            island.pass(400)
        }
        island.level()
    }
}

for (let seed = 1; seed <= 12; seed++) {
    RUNS[`lost calls, lost answers and crashes, seed ${seed}`] = (island) => {
        const random = chance(seed * 7919)
        island.settle('a', 'b', 'c', 'd', 'e')
        island.fate = losing(random, 0.02 * seed)
        for (let round = 0; round < 12; round++) {
            publishAll(island, 2)
            island.pass(Math.floor(random() * 600))
            if (round === 5) {
                island.crash(seed % 2 === 0 ? 'a' : 'b')
            }
        }
    }
}

/** Scenarios that only a republic of this version can run. */
export const OWN_RUNS: typeof RUNS = {
    'a value that a route refuses': (island) => {
        island.settle('a', 'b')
        island.fate = ({ call }) => {
            const isBad = call.method === 'enqueue' && JSON.stringify(call).includes('refuse me')
            return isBad ? { refused: '403' } : null
        }
        island.kibitzer('b').publishAll(['one', 'refuse me', 'two'])
            .catch(({ code }) => assert.equal(code, 'undeliverable'))
        island.level()
    }
}
