import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Islander } from '../../src/index.js'
import { MemberTime } from '../../src/paxos/member-time.js'
import { Mailbox } from '../../src/paxos/messages/mailbox.js'
import { DAWN, Island } from '../support/island.js'
import { differences, type Output, replay } from '../support/recording.js'
import { publishAll, RUNS } from '../support/runs.js'

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
        const found = planted(MemberTime.prototype, 'observe', (original) => {
            return function (_now, due, pauseMs) {
                return original.call(this, Date.now(), due, pauseMs)
            }
        }, spoilt)
        assert.match(found.join('\n'), /^(?:appointment|communique) \d+: .* became /s)
    })

    test('in what the engine asks', () => {
        const found = planted(Mailbox.prototype, 'send', (original) => {
            return function (call, properties, request) {
                return original.call(this, call, properties, {
                    ...(request as object), at: Date.now()
                })
            }
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
