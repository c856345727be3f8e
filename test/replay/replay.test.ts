import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Islander } from '../../src/index.js'
import { MemberTime } from '../../src/paxos/member-time.js'
import { Mailbox } from '../../src/paxos/messages/mailbox.js'
import { DAWN, Island } from '../support/island.js'
import { differences, type Output, replay } from '../support/recording.js'
import { publishAll, RUNS } from '../support/runs.js'

/** The outputs of every member of a run, and the outputs of its replayed recording. */
function recordAndReplay(run: (island: Island) => void): readonly (readonly [Output, Output])[] {
    using island = new Island()
    run(island)
    return island.all.map(({ id, recording }) => {
        const { output, played } = recording
        const isAlive = island.residents.some((resident) => resident.id === id)
        const replayed = replay({ id }, played)
        // The end of a member clears its calendar. The recording has no input for the end.
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

    test('a second time, and a day later', () => {
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

    test('in part: the first half of the inputs gives the first part of the outputs', () => {
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

/** Runs a function while another method replaces a method of the core. */
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

/** A run that a planted clock must change: the replay comes a little later than the run. */
function spoilt(): readonly string[] {
    using island = new Island()
    island.settle('a', 'b', 'c')
    publishAll(island, 3)
    island.level()
    const { output, played } = island.resident('a').recording
    island.pause(1)
    return differences(output, replay({ id: 'a' }, played))
}

describe('a replay that comes later than its recording', () => {
    test('finds no difference without a planted clock', () => {
        assert.deepEqual(spoilt(), [])
    })

    test('finds a clock in the engine', () => {
        const found = planted(MemberTime.prototype, 'observe', (original) => {
            return function (_now, due, pauseMs) {
                return original.call(this, Date.now(), due, pauseMs)
            }
        }, spoilt)
        assert.match(found.join('\n'), /^(?:appointment|communique) \d+: .* became /s)
    })

    test('finds a clock in the engine\'s requests', () => {
        const found = planted(Mailbox.prototype, 'send', (original) => {
            return function (call, properties, request) {
                return original.call(this, call, properties, {
                    ...(request as object), at: Date.now()
                })
            }
        }, spoilt)
        assert.match(found.join('\n'), /^communique 0: .* became /s)
    })

    test('finds a clock in the Islander', () => {
        const found = planted(Islander.prototype, 'publishAll', (original) => function (bodies) {
            return original.call(this, [...(bodies as readonly unknown[]), Date.now()])
        }, spoilt)
        assert.match(found.join('\n'), /^dispatch 0: .* became /s)
    })
})
