import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareWalks, inspect, reigning } from './compare.js'
import type { Outcome } from './island.js'
import type { Logged } from './member.js'
import { settleOurs } from './ours.js'
import { settleReference } from './reference.js'
import {
    lose, populate, publishInTurn, run, UNTIL_EXILED, UNTIL_SPREAD, type Scenario
} from './scenario.js'
import { changesOf, governmentsOf, kindsOf, logOf } from './walk.js'

// Where ours differs from the reference on purpose. Each test first shows what the reference does,
// so that it fails should the difference ever go away.

function flushesOf(outcome: Outcome, id: string): readonly Logged[] {
    return logOf(outcome, id).filter((entry) => entry.kind === 'entry' && entry.body === null)
}

function seatsOf(outcome: Outcome, id: string): number {
    const government = reigning(logOf(outcome, id))
    return (government?.majority.length ?? 0) + (government?.minority.length ?? 0)
}

describe('a collapse, unlike the collapse of the reference', () => {
    it('needs no second, empty government', () => {
        const scenario: Scenario = {
            when: 'the leader dies',
            play: (island) => {
                populate(island, 5)
                lose(island, '0')
            }
        }
        const theirs = kindsOf(run(settleReference, scenario), '1')
        assert.deepEqual(theirs.slice(-4), ['collapse', 'nothing', 'exile', 'demote'])
        const ours = kindsOf(run(settleOurs, scenario), '1')
        assert.deepEqual(ours.slice(-3), ['collapse', 'exile', 'demote'])
        assert.deepEqual(ours.slice(0, -3), theirs.slice(0, -4))
    })

    it('does not occur if a majority member crashes: the member loses its seat', () => {
        const scenario: Scenario = {
            when: 'a majority member dies',
            play: (island) => {
                populate(island, 5)
                lose(island, '1')
            }
        }
        const theirs = kindsOf(run(settleReference, scenario), '0')
        assert.deepEqual(theirs.slice(-4), ['collapse', 'nothing', 'exile', 'demote'])
        const ours = run(settleOurs, scenario)
        // Nothing is named when a seat changes hands; the member that held it may yet come back.
        assert.deepEqual(kindsOf(ours, '0').slice(-3), ['nothing', 'exile', 'demote'])
        assert.deepEqual(kindsOf(ours, '0').slice(0, -3), theirs.slice(0, -4))
        const exchange = governmentsOf(logOf(ours, '0')).at(-3)
        assert.equal(exchange?.majority.includes('1'), false)
        assert.equal(exchange?.minority.includes('1'), true)
    })
})

describe('a republic with unusual input, unlike the reference', () => {
    for (const parliamentSize of [2, 4]) {
        it(`never grows beyond ${parliamentSize} seats; the reference grows to seven`, () => {
            const scenario: Scenario = {
                when: 'seven members come',
                parliamentSize,
                play: (island) => {
                    populate(island, 7)
                }
            }
            assert.equal(seatsOf(run(settleReference, scenario), '0'), 7)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(inspect(ours), [])
            assert.equal(seatsOf(ours, '0'), parliamentSize - 1)
        })
    }

    it('seats no silent constituent; the reference seats the constituent', () => {
        const scenario: Scenario = {
            when: 'a constituent dies and another one naturalizes beside it',
            play: (island) => {
                populate(island, 4)
                island.crash('3')
                island.pass(3)
                island.immigrate('4', true)
                island.pass(UNTIL_EXILED)
            }
        }
        const seated = (outcome: Outcome): boolean => {
            return changesOf(outcome, '0').some(({ promote }) => promote.includes('3'))
        }
        assert.equal(seated(run(settleReference, scenario)), true)
        const ours = run(settleOurs, scenario)
        assert.equal(seated(ours), false)
        assert.deepEqual(inspect(ours), [])
    })

    it('keeps an early naturalization; the reference forgets the naturalization', () => {
        const scenario: Scenario = {
            when: 'one naturalizes too early',
            play: (island) => {
                populate(island, 3)
                island.immigrate('3')
                island.naturalize('3')
                island.pass(UNTIL_SPREAD)
                publishInTurn(island, 'later')
            }
        }
        const naturalized = (outcome: Outcome): boolean | undefined => {
            return reigning(logOf(outcome, '0'))?.naturalized.includes('3')
        }
        assert.equal(naturalized(run(settleReference, scenario)), false)
        const ours = run(settleOurs, scenario)
        assert.equal(naturalized(ours), true)
        assert.deepEqual(inspect(ours), [])
    })

    it('keeps a publish from before the admission; the reference writes flushes', () => {
        const scenario: Scenario = {
            when: 'one publishes too early',
            play: (island) => {
                populate(island, 3)
                island.immigrate('3')
                island.publish('3', 'too early')
                island.pass(UNTIL_SPREAD)
            }
        }
        const theirs = run(settleReference, scenario)
        assert.deepEqual(inspect(theirs), [])
        assert.notEqual(flushesOf(theirs, '0').length, 0)
        const ours = run(settleOurs, scenario)
        assert.deepEqual(inspect(ours), [])
        assert.deepEqual(flushesOf(ours, '0'), [])
    })

})

describe('a republic with repeated messages, unlike the reference', () => {
    it('keeps a member that one peer cannot reach; the reference exiles the member', () => {
        const scenario: Scenario = {
            when: 'the link between a constituent and its representative is cut',
            play: (island) => {
                populate(island, 4)
                island.sever('3', '2')
                island.pass(UNTIL_EXILED)
                publishInTurn(island, 'cut')
            }
        }
        const exiles = (outcome: Outcome): boolean => {
            return changesOf(outcome, '0').some(({ exile }) => exile === '3')
        }
        assert.equal(exiles(run(settleReference, scenario)), true)
        const ours = run(settleOurs, scenario)
        assert.equal(exiles(ours), false)
        assert.deepEqual(inspect(ours), [])
    })

    it('accepts no entry from an exile; the reference accepts the entry', () => {
        const scenario: Scenario = {
            when: 'a constituent is cut off from all, exiled, and comes back',
            play: (island) => {
                populate(island, 4)
                for (const id of ['0', '1', '2']) {
                    island.sever('3', id)
                }
                island.pass(UNTIL_EXILED)
                island.mend()
                island.publish('3', 'too late')
                island.pass(UNTIL_EXILED)
            }
        }
        const entriesOf = (outcome: Outcome): readonly Logged[] => {
            return logOf(outcome, '0').filter(({ kind }) => kind === 'entry')
        }
        assert.equal(entriesOf(run(settleReference, scenario)).length, 1)
        const ours = run(settleOurs, scenario)
        assert.equal(entriesOf(ours).length, 0)
        assert.deepEqual(changesOf(ours, '0').at(-1)?.exile, '3')
    })

    it('logs a repeated batch once; the reference logs the batch twice', () => {
        const scenario = (repeated: boolean): Scenario => ({
            when: 'a batch is delivered twice',
            play: (island) => {
                populate(island, 3)
                island.publish('2', 'first', 'second', 'third')
                island.pass(UNTIL_SPREAD)
                if (repeated) {
                    island.repeatBatch('2')
                }
                island.pass(UNTIL_SPREAD)
                publishInTurn(island, 'later')
            }
        })
        assert.match(inspect(run(settleReference, scenario(true))).join(), /2 published/)
        const ours = run(settleOurs, scenario(true))
        assert.deepEqual(inspect(ours), [])
        assert.deepEqual(compareWalks(run(settleReference, scenario(false)), ours), [])
    })

    it('logs a batch once that two leaders receive; the reference logs the batch twice', () => {
        const scenario: Scenario = {
            when: 'a batch is delivered once more after its leader died',
            play: (island) => {
                populate(island, 5)
                island.publish('2', 'first', 'second', 'third')
                island.pass(UNTIL_SPREAD)
                island.crash(island.leader())
                island.pass(UNTIL_EXILED)
                island.repeatBatch('2')
                island.pass(UNTIL_SPREAD)
                publishInTurn(island, 'later')
            }
        }
        assert.match(inspect(run(settleReference, scenario)).join(), /2 published/)
        assert.deepEqual(inspect(run(settleOurs, scenario)), [])
    })
})
