import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Monotonic } from '../../../src/base/monotonic.js'
import type { Government } from '../../../src/paxos/messages/messages.js'
import {
    changesParliament, citizens, parliament, succeed
} from '../../../src/paxos/membership/government.js'
import { quorum } from '../../../src/paxos/membership/quorum.js'
import type { ShapedGovernment } from '../../../src/paxos/membership/government.js'
import { cabinet } from '../../../src/paxos/membership/cabinet.js'
import { shape } from '../../../src/paxos/membership/shaper.js'
import type { Situation } from '../../../src/paxos/membership/situation.js'
import { checkSuccession } from '../../simulation/checks/succession.js'
import { lots } from '../lots.js'
import { arrival, governmentOf } from '../sample.js'

const ids = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => index.toString(16))

/** A government: every voter is naturalized, and some of the constituents are naturalized. */
const government: fc.Arbitrary<Government> = fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.nat(7), fc.infiniteStream(fc.boolean()))
    .map(([seats, others, lot]) => {
        const everyone = ids(seats + others)
        const majority = everyone.slice(0, quorum(seats))
        const minority = everyone.slice(majority.length, seats)
        const constituents = everyone.slice(seats)
        const ready = constituents.filter(() => lot.next().value)
        const ranks = [majority, minority, constituents].map((rank) => rank.join(' '))
        return governmentOf(ranks.join('|'), { naturalized: [...majority, ...minority, ...ready] })
    })

const situation: fc.Arbitrary<Situation> = government.chain((before) => {
    const some = fc.subarray([...citizens(before)])
    const few = fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, some)
    return fc.record({
        government: fc.constant(before),
        ballot: fc.constant('2/1/0'),
        parliamentSize: fc.integer({ min: 1, max: 9 }),
        parliamentFloor: fc.integer({ min: 1, max: 5 }),
        arriving: fc.subarray([arrival('x'), arrival('y', true), arrival('z')]),
        silent: few.map((list) => new Set(list)),
        doubtful: few.map((list) => new Set(list)),
        present: fc.oneof(
            { weight: 2, arbitrary: fc.constant([...citizens(before)]) }, some
        ).map((list) => new Set(list)),
        returning: few.map((list) => new Set(list)),
        naturalizing: few,
        leaving: few,
        successor: fc.option(fc.constantFrom(...citizens(before))),
        moving: fc.constant([])
    }, { noNullPrototype: true })
})

/** The leader is there; any other member, if it has answered and is not in doubt. */
function isThere({ government, present, silent, doubtful }: Situation, id: string): boolean {
    const isEvident = present.has(id) || id === government.majority[0]
    return isEvident && !silent.has(id) && !doubtful.has(id)
}

function isIn(list: readonly string[]): (id: string) => boolean {
    return (id) => list.includes(id)
}

/** Every situation that calls for a change, and the change. */
function always(holds: (before: Situation, next: ShapedGovernment) => void): void {
    fc.assert(fc.property(situation, (before) => {
        const next = shape(before)
        if (next !== null) {
            holds(before, next)
        }
    }), lots(2000))
}

function following(before: Government, next: ShapedGovernment): Government {
    return succeed(before, { ...next, promise: Monotonic.increment(before.promise, 0), map: {} })
}

describe('in every situation, the shaper', () => {
    test('decides the same for equal situations, and does not change the situation', () => {
        fc.assert(fc.property(situation, (before) => {
            const copy = structuredClone(before)
            assert.deepEqual(shape(before), shape(copy))
            assert.deepEqual(before, copy)
        }), lots(500))
    })

    test('makes one named change, of two seats at most', () => {
        always((before, next) => {
            const seats = parliament(before.government).length
            const promise = Monotonic.increment(before.government.promise, 0)
            const after = following(before.government, next)
            const body = { ...next, promise, map: {} }
            const previous = before.government.promise
            // The size bounds growth; a larger parliament stays until a voter leaves it.
            const parliamentSize = Math.max(before.parliamentSize, seats)
            checkSuccession(before.government, {
                module: 'paxos', method: 'government', promise, previous, body, government: after
            }, { parliamentSize, parliamentFloor: before.parliamentFloor })
        })
    })

    test('keeps the leader, and names a majority of the parliament', () => {
        always(({ government }, next) => {
            assert.equal(next.majority[0], government.majority[0])
            assert.equal(next.majority.length, quorum(parliament(next).length))
        })
    })

    test('exiles only a member that is silent or leaves, and never the leader', () => {
        always(({ government, silent, leaving }, { exile }) => {
            if (exile !== null) {
                assert.ok(silent.has(exile.id) || leaving.includes(exile.id))
                assert.notEqual(exile.id, government.majority[0])
                assert.equal(exile.promise, government.immigrated.promise[exile.id])
            }
        })
    })

    test('changes the parliament only if a majority of both parliaments answers', () => {
        always((before, next) => {
            const canGoOn = (voters: readonly string[]): boolean =>
                voters.filter((id) => isThere(before, id)).length >= quorum(voters.length)
            if (changesParliament(before.government, next)) {
                assert.ok(canGoOn(parliament(before.government)))
                assert.ok(canGoOn(parliament(next)))
            }
        })
    })

    test('offers seats only to naturalized members that are present and do not leave', () => {
        always((before, { promote }) => {
            const { government, leaving } = before
            for (const { id, index } of promote ?? []) {
                assert.equal(government.constituents[index], id)
                assert.ok(government.naturalized.includes(id))
                assert.ok(isThere(before, id) && !leaving.includes(id))
            }
        })
    })

    test('takes a seat only of an even parliament, from a doubtful member if there is any', () => {
        always(({ government, doubtful }, { demote = null }) => {
            if (demote !== null) {
                assert.equal(parliament(government).length % 2, 0)
                const leaving = [...government.majority.slice(-1), ...government.minority]
                assert.ok(doubtful.has(demote) || !leaving.some((id) => doubtful.has(id)))
            }
        })
    })

    test('exchanges one doubtful member of the majority with one undoubted member', () => {
        always(({ government, doubtful }, next) => {
            const named = [next.immigrate, next.naturalize, next.exile, next.promote, next.demote]
            if (named.every((change) => change === null)) {
                const left = government.majority.filter((id) => !next.majority.includes(id))
                const come = next.majority.filter((id) => !government.majority.includes(id))
                assert.deepEqual([left.length, come.length], [1, 1])
                assert.ok(left.every((id) => doubtful.has(id)))
                assert.ok(come.every((id) => !doubtful.has(id)))
            }
        })
    })
})

describe('for every elected leader, the cabinet', () => {
    const election = government.chain((before) => {
        const voters = parliament(before)
        return fc.tuple(
            fc.constant(before), fc.constantFrom(...voters), fc.subarray([...voters])
        )
    })

    test('seats the same parliament: first the leader, next the voters that promised', () => {
        fc.assert(fc.property(election, ([before, id, promised]) => {
            const { promise } = before.immigrated
            const next = cabinet(before, id, promised.map((voter) => promise[voter] ?? ''))
            const voters = parliament(next)
            assert.equal(voters[0], id)
            assert.deepEqual([...voters].sort(), [...parliament(before)].sort())
            assert.equal(next.majority.length, quorum(voters.length))
            const others = voters.slice(1).map(isIn(promised))
            assert.deepEqual(others, [...others].sort((one, other) => +other - +one))
            assert.deepEqual(following(before, next).constituents, before.constituents)
        }), lots(1000))
    })

    test('ranks the leader that has ceded behind the other willing voters', () => {
        const before = governmentOf('0 1|2')
        const all = ['0', '1', '2'].map((id) => before.immigrated.promise[id] ?? '')
        assert.deepEqual(cabinet(before, '1', all, all[0]).majority, ['1', '2'])
        const present = all.filter((promise) => promise !== all[2])
        assert.deepEqual(cabinet(before, '1', present, all[0]).majority, ['1', '0'])
    })

    test('ignores the promise of another incarnation', () => {
        const before = governmentOf('0 1|2')
        assert.deepEqual(cabinet(before, '0', ['99/0', '3/0']).majority, ['0', '2'])
        assert.deepEqual(cabinet(before, '0', ['2/1']).majority, ['0', '1'])
    })
})
