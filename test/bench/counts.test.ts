import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Counts, count, exceeded, type Scenario } from './counts.js'

interface Case {
    readonly what: string
    readonly scenario: Scenario
    readonly limits: Counts
}

/** Limits as low as they are kept today. Lower them where the engine gets better. */
const CASES: readonly [Case, ...Case[]] = [
    {
        what: 'a thousand entries published at once at the leader of three',
        scenario: { members: 3, at: 0, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 0, register: 6, synchronize: 3, bytes: 207, rounds: 3, roundsForAll: 4,
            inputs: 1.012, inputsOfAll: 1.024
        }
    },
    {
        what: 'a thousand entries published as one at the leader of three',
        scenario: { members: 3, at: 0, entries: 1000, how: 'all' },
        limits: {
            enqueue: 0, register: 4, synchronize: 2, bytes: 206, rounds: 2, roundsForAll: 3,
            inputs: 0.009, inputsOfAll: 0.017
        }
    },
    {
        what: 'a thousand entries published at once at a follower',
        scenario: { members: 3, at: 1, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 3, register: 6, synchronize: 3, bytes: 376, rounds: 6, roundsForAll: 6.5,
            inputs: 1.012, inputsOfAll: 1.024
        }
    },
    {
        what: 'a thousand entries published at once at the minority',
        scenario: { members: 3, at: 2, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 3, register: 6, synchronize: 3, bytes: 376, rounds: 7.5, roundsForAll: 7.5,
            inputs: 1.006, inputsOfAll: 1.024
        }
    },
    {
        what: 'a hundred entries, each awaited, at the leader of three',
        scenario: { members: 3, at: 0, entries: 100, how: 'each' },
        limits: {
            enqueue: 0, register: 200, synchronize: 100, bytes: 1406, rounds: 100,
            roundsForAll: 101, inputs: 5.02, inputsOfAll: 9.03
        }
    },
    {
        what: 'a hundred entries, each awaited, at a follower',
        scenario: { members: 3, at: 1, entries: 100, how: 'each' },
        limits: {
            enqueue: 100, register: 200, synchronize: 100, bytes: 1716, rounds: 200,
            roundsForAll: 200.5, inputs: 5.06, inputsOfAll: 9.1
        }
    },
    {
        what: 'a thousand entries published at once at the leader of five',
        scenario: { members: 5, at: 0, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 0, register: 7, synchronize: 9, bytes: 413, rounds: 3, roundsForAll: 4.5,
            inputs: 1.012, inputsOfAll: 1.035
        }
    },
    {
        what: 'a hundred entries, each awaited, at the leader of five',
        scenario: { members: 5, at: 0, entries: 100, how: 'each' },
        limits: {
            enqueue: 0, register: 394, synchronize: 207, bytes: 2845, rounds: 102,
            roundsForAll: 104, inputs: 6.96, inputsOfAll: 15.05
        }
    }
]

describe('what does not depend on how fast a machine is stays as low as it was', () => {
    for (const { what, scenario, limits } of CASES) {
        test(what, (context) => {
            const counts = count(scenario)
            context.diagnostic(JSON.stringify(counts))
            assert.deepEqual(exceeded(counts, limits), [])
        })
    }

    test('and it shows where runs carry less than they could', () => {
        const [{ scenario, limits }] = CASES
        const names = exceeded(count({ ...scenario, batch: 16 }), limits)
            .map((line) => line.split(':')[0])
        assert.deepEqual(names, [
            'register', 'synchronize', 'bytes', 'rounds', 'roundsForAll', 'inputs', 'inputsOfAll'
        ])
    })
})
