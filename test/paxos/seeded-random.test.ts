import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SeededRandom } from '../../src/paxos/seeded-random.js'

function drawn(seed: string, count: number, limit: number): number[] {
    const random = new SeededRandom(seed)
    return Array.from({ length: count }, () => random.below(limit))
}

describe('SeededRandom', () => {
    test('draws the same numbers for the same seed, in every version', () => {
        assert.deepEqual(drawn('1/0', 5, 250), [80, 9, 201, 116, 193])
        assert.deepEqual(drawn('2/0', 5, 250), drawn('2/0', 5, 250))
    })

    test('draws different, spread numbers for neighbouring seeds', () => {
        const seeds = Array.from({ length: 64 }, (_, index) => `${index.toString(16)}/0`)
        const first = seeds.map((seed) => drawn(seed, 1, 1e9))
        assert.equal(new Set(first.flat()).size, 64)
        const spread = first.flat().map((draw) => Math.floor(draw / 125_000_000))
        assert.equal(new Set(spread).size, 8, 'every eighth is drawn by somebody')
    })

    test('draws every number below its limit, and no other number', () => {
        const seen = new Set(drawn('5/0', 1000, 10))
        assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    })

    test('draws zero for the limits zero and one', () => {
        assert.deepEqual([...drawn('5/0', 3, 0), ...drawn('5/0', 3, 1)], [0, 0, 0, 0, 0, 0])
    })

    test('draws changing numbers for unusual seeds', () => {
        for (const seed of ['', '\u0000', '0/0', '𝄞']) {
            assert.ok(new Set(drawn(seed, 16, 1e9)).size > 12, seed)
        }
    })
})
