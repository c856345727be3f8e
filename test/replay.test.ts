import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Islander, Paxos } from '../src/index.js'
import { at, DAWN, type Fate, Island } from './kibitzer/island.js'
import { differences, type Output, replay } from './kibitzer/recording.js'

/** A generator of numbers from 0 up to 1 that is the same in every run. (Park and Miller.) */
function chance(seed: number): () => number {
    let state = seed
    return () => {
        state = (state * 48_271) % 0x7fff_ffff
        return state / 0x7fff_ffff
    }
}

function publishAll(island: Island, values: number): void {
    for (let value = 0; value < values; value++) {
        for (const { kibitzer } of island.residents) {
            kibitzer.publish({ by: kibitzer.id, value, text: 'ü\u2028"', list: [null, 1.5, -0] })
        }
    }
}

/** Loses so much of what is sent, and as much of what is answered. */
function losing(random: () => number, share: number): () => Fate {
    return () => {
        if (random() < share) {
            return 'lost'
        }
        return random() < share ? 'unanswered' : null
    }
}

const RUNS: Record<string, (island: Island) => void> = {
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

/** What every member of a run has put out, and what became of its recording. */
function recordAndReplay(run: (island: Island) => void): readonly (readonly [Output, Output])[] {
    using island = new Island()
    run(island)
    return island.all.map(({ id, recording }) => {
        const { output, played } = recording
        const isAlive = island.residents.some((resident) => resident.id === id)
        const replayed = replay({ id }, played)
        // With its end, a member's calendar is cleared, which nobody has played.
        return [output, isAlive ? replayed : { ...replayed, calendar: [] }]
    })
}

describe('a recording replays to the same log, government, calendar and outboxes:', () => {
    for (const [name, run] of Object.entries(RUNS)) {
        test(name, () => {
            for (const [recorded, replayed] of recordAndReplay(run)) {
                assert.ok(recorded.communiques.length + recorded.log.length > 0)
                assert.deepEqual(differences(recorded, replayed), [])
            }
        })
    }

    test('even in an hour of its own, and twice', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        publishAll(island, 3)
        island.level()
        const { recording } = island.resident('b')
        const { output, played } = recording
        assert.ok(played.every(({ when }) => when >= DAWN))
        island.pause(86_400_000)
        for (const replayed of [replay({ id: 'b' }, played), replay({ id: 'b' }, played)]) {
            assert.deepEqual(differences(output, replayed), [])
        }
    })

    test('as far as it goes: the first half gives the first half', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        publishAll(island, 10)
        island.level()
        const { output, played } = island.resident('a').recording
        const half = replay({ id: 'a' }, played.slice(0, Math.floor(played.length / 2)))
        assert.ok(half.log.length > 0 && half.log.length < output.log.length)
        assert.deepEqual(half.log, output.log.slice(0, half.log.length))
        assert.deepEqual(half.communiques, output.communiques.slice(0, half.communiques.length))
        assert.notDeepEqual(differences(output, half), [])
    })
})

type Method = (this: unknown, ...values: unknown[]) => unknown

/** Runs something while a method of the core is another one. */
function planted<T>(
    prototype: object,
    name: string,
    plant: (original: Method) => Method,
    run: () => T
): T {
    const original = Reflect.get(prototype, name) as Method
    const hadOwn = Object.hasOwn(prototype, name)
    Object.defineProperty(prototype, name, {
        value: plant(original), configurable: true, writable: true
    })
    try {
        return run()
    } finally {
        Reflect.deleteProperty(prototype, name)
        if (hadOwn) {
            Object.defineProperty(prototype, name, {
                value: original, configurable: true, writable: true
            })
        }
    }
}

/** The run that a planted clock must spoil; the replay comes a little later than the run. */
function spoilt(): readonly string[] {
    using island = new Island()
    island.settle('a', 'b', 'c')
    publishAll(island, 3)
    island.level()
    const { output, played } = island.resident('a').recording
    island.pause(1)
    return differences(output, replay({ id: 'a' }, played))
}

describe('a clock that is planted in the core is found by its replay,', () => {
    test('which finds nothing where there is none', () => {
        assert.deepEqual(spoilt(), [])
    })

    test('in the engine', () => {
        const found = planted(Paxos.prototype, 'observe', (original) => function (_now, due) {
            return original.call(this, Date.now(), due)
        }, spoilt)
        assert.match(found.join('\n'), /^(?:appointment|communique) \d+: .* became /s)
    })

    test('in what the engine asks', () => {
        const found = planted(Paxos.prototype, 'send', (original) => function (peer, matter, last) {
            return original.call(this, peer, { ...(matter as object), at: Date.now() }, last)
        }, spoilt)
        assert.match(found.join('\n'), /^communique 0: .* became /s)
    })

    test('in the Islander', () => {
        const found = planted(Islander.prototype, 'publish', (original) => function (body) {
            return original.call(this, { ...(body as object), at: Date.now() })
        }, spoilt)
        assert.match(found.join('\n'), /^dispatch 0: .* became /s)
    })
})
