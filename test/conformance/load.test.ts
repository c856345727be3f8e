import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
    compareEnds, compareGovernments, compareOrders, compareWalks, inspect
} from './compare.js'
import { settleOurs } from './ours.js'
import { settleReference } from './reference.js'
import {
    found, ids, populate, publishAtOnce, publishInTurn, run, UNTIL_EXILED, UNTIL_SPREAD,
    type Scenario
} from './scenario.js'
import { written } from './waiting.js'
import { changesOf } from './walk.js'

// Where ours differs from the reference on purpose when much is under way at once. Each test first
// shows what the reference does, so that it fails should the difference ever go away.

/**
 * The reference throws when many publish, and what it throws. Ours must then have everything that
 * was published, and the governments which the reference has when nobody publishes anything.
 */
function comparesUnderLoad(script: (count: number) => Scenario, thrown: RegExp): void {
    assert.throws(() => run(settleReference, script(4)), thrown)
    const ours = run(settleOurs, script(4))
    assert.deepEqual(inspect(ours), [])
    assert.deepEqual(compareGovernments(run(settleReference, script(0)), ours), [])
}

describe('a republic under load, unlike the reference', () => {
    for (const scenario of written) {
        it(`writes at once the entries that wait in the reference when ${scenario.when}`, () => {
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(inspect(ours), [])
            assert.notDeepEqual(compareWalks(theirs, ours), [])
            assert.deepEqual(compareGovernments(theirs, ours), [])
            assert.deepEqual(compareOrders(theirs, ours), [])
        })
    }

    for (const count of [3, 4, 5, 6, 7]) {
        it(`seats two of ${count} newcomers only after their answers`, () => {
            // The reference has all newcomers in line before the first answer comes. Our dictator
            // sends no call, and so admits all newcomers before a newcomer answers.
            const scenario: Scenario = {
                when: 'some arrive at the same instant',
                play: (island) => {
                    found(island)
                    for (const id of ids(1, count)) {
                        island.immigrate(id, true)
                    }
                    island.pass(UNTIL_SPREAD)
                    publishInTurn(island, 'together')
                }
            }
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(changesOf(theirs, '0')[3]?.promote, [])
            assert.deepEqual(changesOf(ours, '0')[3]?.promote, [])
            assert.deepEqual(inspect(ours), [])
            assert.deepEqual(compareGovernments(theirs, ours), [])
            assert.deepEqual(compareEnds(theirs, ours), [])
            assert.deepEqual(compareOrders(theirs, ours), [])
        })
    }

    it('renumbers accepted entries when a majority member crashes; the reference throws', () => {
        const scenario: Scenario = {
            when: 'a majority member dies while all publish',
            play: (island) => {
                populate(island, 5)
                island.crash('1')
                publishAtOnce(island, 'in flight', 3)
                island.pass(UNTIL_EXILED)
                publishInTurn(island, 'later')
            }
        }
        assert.throws(() => run(settleReference, scenario), /remap did not remap all/)
        assert.deepEqual(inspect(run(settleOurs, scenario)), [])
    })

    it('resubmits the entries that a crashed leader accepted; the reference throws', () => {
        const scenario: Scenario = {
            when: 'the leader dies with what it was given',
            play: (island) => {
                populate(island, 5)
                publishAtOnce(island, 'in flight', 3)
                island.submit()
                island.crash('0')
                island.pass(UNTIL_EXILED)
                publishInTurn(island, 'later')
            }
        }
        assert.throws(() => run(settleReference, scenario), /remap did not remap all/)
        assert.deepEqual(inspect(run(settleOurs, scenario)), [])
    })

    for (const population of [2, 4]) {
        it(`grows a republic of ${population} while entries wait; the reference throws`, () => {
            comparesUnderLoad((count) => ({
                when: 'one arrives and two are promoted while entries wait',
                play: (island) => {
                    populate(island, population)
                    publishAtOnce(island, 'early', count)
                    island.submit()
                    island.immigrate('new', true)
                    island.pass(UNTIL_SPREAD)
                }
            }), /register has unexpected previous/)
        })
    }

    for (const population of [1, 2, 3, 5, 8]) {
        it(`admits three while ${population} members publish; the reference throws`, () => {
            comparesUnderLoad((count) => ({
                when: 'three arrive while all publish',
                play: (island) => {
                    populate(island, population)
                    for (const id of ids(10, 12)) {
                        publishAtOnce(island, `before ${id}`, count)
                        island.submit()
                        island.round()
                        island.immigrate(id)
                        island.round()
                        publishAtOnce(island, `with ${id}`, count)
                        island.pass(UNTIL_SPREAD)
                    }
                }
            }), /register has unexpected previous|remap did not remap all/)
        })
    }

    for (const population of [4, 8]) {
        it(`exiles a constituent of ${population} under load; the reference throws`, () => {
            comparesUnderLoad((count) => ({
                when: 'a constituent is exiled while all publish',
                play: (island) => {
                    populate(island, population)
                    island.crash(String(population - 1))
                    for (const ping of ids(1, UNTIL_EXILED)) {
                        publishAtOnce(island, `ping ${ping}`, count)
                        island.pass()
                    }
                    island.pass(UNTIL_SPREAD)
                }
            }), /register has unexpected previous/)
        })
    }
})
