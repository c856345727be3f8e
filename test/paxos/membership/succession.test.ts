import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import {
    citizens, nullGovernment, parliament, succeed
} from '../../../src/paxos/membership/government.js'
import { constituency, representative } from '../../../src/paxos/replication/constituency.js'
import { quorum } from '../../../src/paxos/membership/quorum.js'
import { shape } from '../../../src/paxos/membership/shaper.js'
import type { Situation } from '../../../src/paxos/membership/situation.js'
import { lots } from '../lots.js'
import { arrival, governmentBody } from '../sample.js'

/** The events between two governments. A rank stands for an id. */
interface Event {
    readonly arrives: boolean
    readonly ready: boolean
    readonly naturalizes: number
    readonly silent: readonly number[]
    readonly doubtful: readonly number[]
}

const rank = fc.nat(8)
const event: fc.Arbitrary<Event> = fc.record({
    arrives: fc.boolean(),
    ready: fc.boolean(),
    naturalizes: rank,
    silent: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(rank, { maxLength: 2 })),
    doubtful: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(rank, { maxLength: 3 }))
})

const founded = succeed(nullGovernment('r'), governmentBody('1/0', {
    immigrate: { id: '0', properties: null, cookie: 0 }, naturalize: '0'
}))

function reaches(government: Government): string[] {
    const reached = government.majority.slice(0, 1)
    // The list grows while it is read, which takes it down to the leaves.
    for (const id of reached) {
        reached.push(...constituency(government, id))
    }
    return reached
}

function check(government: Government, settings: Settings): void {
    const everyone = [...citizens(government)].sort()
    const voters = parliament(government)
    assert.deepEqual(everyone, Object.keys(government.immigrated.promise).sort(), 'in one place')
    assert.deepEqual(everyone, Object.values(government.immigrated.id).sort())
    assert.deepEqual(everyone, Object.keys(government.properties).sort())
    assert.deepEqual(reaches(government).sort(), everyone, 'a tree that reaches everyone')
    for (const id of everyone) {
        const above = everyone.filter((other) => constituency(government, other).includes(id))
        const leads = id === government.majority[0]
        assert.deepEqual(above, leads ? [] : [representative(government, id)])
    }
    assert.equal(government.majority.length, quorum(voters.length))
    assert.equal(government.majority[0], '0', 'nobody is deposed by shape')
    assert.ok(voters.length <= Math.max(1, settings.parliamentSize))
    const mayBeEven = voters.length % 2 === 1 || voters.length - 1 < settings.parliamentFloor
    const next = quiet(government, settings)
    assert.ok(mayBeEven || (shape(next)?.demote ?? null) !== null, 'an even parliament contracts')
}

type Settings = Pick<Situation, 'parliamentSize' | 'parliamentFloor'>

function quiet(government: Government, settings: Settings): Situation {
    const none = new Set<string>()
    return {
        government, ...settings, ballot: '2/1/0', arriving: [], returning: none,
        silent: none, doubtful: none, present: new Set(citizens(government)),
        naturalizing: [], leaving: [], successor: null, moving: []
    }
}

function following(
    government: Government, settings: Settings, event: Event, id: string
): Government {
    const at = (rank: number): string[] => citizens(government).slice(rank, rank + 1)
    const next = shape({
        ...quiet(government, settings),
        arriving: event.arrives ? [arrival(id, event.ready)] : [],
        naturalizing: at(event.naturalizes),
        returning: new Set(event.silent.flatMap(at)),
        silent: new Set(event.silent.flatMap(at)),
        doubtful: new Set(event.doubtful.flatMap(at))
    })
    const promise = Monotonic.increment(government.promise, 0)
    return next === null ? government : succeed(government, { ...next, promise, map: {} })
}

describe('a succession of governments', () => {
    test('keeps one rank for each member, an odd parliament, and a tree that reaches all', () => {
        fc.assert(fc.property(
            fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), fc.nat(5),
            (events, parliamentSize, parliamentFloor) => {
                const settings = { parliamentSize, parliamentFloor }
                let government = founded
                events.forEach((event, index) => {
                    government = following(government, settings, event, `n${index}`)
                    check(government, settings)
                })
            }
        ), lots(300))
    })

    test('comes to rest once no event follows', () => {
        fc.assert(fc.property(
            fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), fc.nat(5),
            (events, parliamentSize, parliamentFloor) => {
                const settings = { parliamentSize, parliamentFloor }
                const nobody = { silent: [], doubtful: [] }
                const idle = { arrives: false, ready: false, naturalizes: 99, ...nobody }
                let government = founded
                events.forEach((event, index) => {
                    government = following(government, settings, event, `n${index}`)
                })
                for (let step = 0; step < 8; step++) {
                    government = following(government, settings, idle, '')
                }
                assert.equal(following(government, settings, idle, ''), government)
            }
        ), lots(300))
    })
})
