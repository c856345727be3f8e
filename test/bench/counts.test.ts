import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Counts, count, exceeded, type Scenario } from './counts.js'

interface Case {
    readonly what: string
    readonly scenario: Scenario
    readonly limits: Counts
}

/**
 * Limits as low as they are kept today. Lower them where the engine gets better. Each message of a
 * feeder carries the age of the leader's majority, about 46 bytes, for reads with a bound. Each
 * request carries its number, about 11 bytes: a joined history matches both ends of a call by it.
 * An entry carries the life of its publisher, 2 bytes and more, and an enqueue its call number.
 */
const CASES: readonly [Case, ...Case[]] = [
    {
        what: 'a thousand entries published at once at the leader of three',
        scenario: { members: 3, at: 0, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 0, register: 2, synchronize: 2, bytes: 204, rounds: 2, roundsForAll: 2,
            inputs: 0.007, inputsOfAll: 0.012
        }
    },
    {
        what: 'a thousand entries published as one at the leader of three',
        scenario: { members: 3, at: 0, entries: 1000, how: 'all' },
        limits: {
            enqueue: 0, register: 2, synchronize: 2, bytes: 204, rounds: 2, roundsForAll: 2,
            inputs: 0.007, inputsOfAll: 0.012
        }
    },
    {
        what: 'a thousand entries published at once at a follower',
        scenario: { members: 3, at: 1, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 2, register: 2, synchronize: 2, bytes: 306, rounds: 2, roundsForAll: 2.5,
            inputs: 0.006, inputsOfAll: 0.012
        }
    },
    {
        what: 'a thousand entries published at once at the minority',
        scenario: { members: 3, at: 2, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 2, register: 2, synchronize: 2, bytes: 306, rounds: 3, roundsForAll: 3,
            inputs: 0.005, inputsOfAll: 0.013
        }
    },
    {
        what: 'a hundred entries, each awaited, at the leader of three',
        scenario: { members: 3, at: 0, entries: 100, how: 'each' },
        limits: {
            enqueue: 0, register: 100, synchronize: 100, bytes: 1188, rounds: 100,
            roundsForAll: 100, inputs: 4.02, inputsOfAll: 7.03
        }
    },
    {
        what: 'a hundred entries, each awaited, at a follower',
        scenario: { members: 3, at: 1, entries: 100, how: 'each' },
        limits: {
            enqueue: 100, register: 100, synchronize: 100, bytes: 1512, rounds: 100,
            roundsForAll: 100.5, inputs: 4.02, inputsOfAll: 7.03
        }
    },
    {
        what: 'a thousand entries published at once at the leader of five',
        scenario: { members: 5, at: 0, entries: 1000, how: 'burst' },
        limits: {
            enqueue: 0, register: 2, synchronize: 6, bytes: 408, rounds: 2, roundsForAll: 2.5,
            inputs: 0.007, inputsOfAll: 0.019
        }
    },
    {
        what: 'a hundred entries, each awaited, at the leader of five',
        scenario: { members: 5, at: 0, entries: 100, how: 'each' },
        limits: {
            enqueue: 0, register: 202, synchronize: 209, bytes: 2441, rounds: 102,
            roundsForAll: 104, inputs: 6.01, inputsOfAll: 12.22
        }
    }
]

describe('the counts that do not depend on the machine stay within their limits', () => {
    for (const { what, scenario, limits } of CASES) {
        test(what, (context) => {
            const counts = count(scenario)
            context.diagnostic(JSON.stringify(counts))
            assert.deepEqual(exceeded(counts, limits), [])
        })
    }

    test('the counts exceed their limits if runs are short', () => {
        const [{ scenario, limits }] = CASES
        const names = exceeded(count({ ...scenario, batch: 16 }), limits)
            .map((line) => line.split(':')[0])
        assert.deepEqual(names, [
            'register', 'synchronize', 'bytes', 'rounds', 'roundsForAll', 'inputs', 'inputsOfAll'
        ])
    })
})
