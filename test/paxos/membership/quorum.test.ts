import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SeededRandom } from '../../../src/paxos/seeded-random.js'
import { quorum, ranked } from '../../../src/paxos/membership/quorum.js'

describe('ranked()', () => {
    test('sorts numbers in descending order, for every length and input order', () => {
        const random = new SeededRandom('1/0')
        for (let length = 0; length < 40; length++) {
            const numbers = Array.from({ length }, () => random.below(10) - 1)
            const expected = [...numbers].sort((left, right) => right - left)
            assert.deepEqual(ranked(numbers), expected, String(length))
        }
    })

    test('sorts negative infinity last', () => {
        const never = Number.NEGATIVE_INFINITY
        assert.deepEqual(ranked([never, 3, never, 5]), [5, 3, never, never])
    })
})

describe('quorum()', () => {
    test('is the smallest number above half the voters', () => {
        assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(quorum), [1, 2, 2, 3, 3, 4, 4])
    })
})
