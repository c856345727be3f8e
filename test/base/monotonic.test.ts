import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Monotonic, Series } from '../../src/base/monotonic.js'
import { lots } from '../paxos/lots.js'

const { add, compare, distance, increment, isBoundary, isNext } = Monotonic
const hexadecimal = (word: bigint): string => word.toString(16)
const numberOf = (words: readonly bigint[]): string => words.map(hexadecimal).join('/')

/** Words of every size, often close to a power of two. */
const word = fc.oneof(
    fc.bigInt(0n, 20n),
    fc.bigInt(0n, 1n << 200n),
    fc.tuple(fc.nat(130), fc.bigInt(-2n, 2n)).map(([bits, by]) => {
        const near = (1n << BigInt(bits)) + by
        return near < 0n ? 0n : near
    })
)
const words = fc.array(word, { minLength: 1, maxLength: 5 })

function sign(number: number): number {
    return Math.sign(number)
}

describe('Monotonic numbers', () => {
    test('sort word by word, and each word by its value', () => {
        const sorted = [
            '0', '0/0', '0/1', '0/f', '0/10', '1', '1/0', '1/0/0', '1/0/1', '1/1', '9/0', 'a/0',
            'f/ff', '10/0', '1fffffffffffff/0', '20000000000000/0', '20000000000001/0',
            'ffffffffffffffff/0', '10000000000000000/0', '10000000000000001/0'
        ]
        assert.deepEqual([...sorted].reverse().sort(compare), sorted)
        assert.equal(compare('a/0', 'a/0'), 0)
    })

    test('increment one word, and set the later words to zero', () => {
        assert.deepEqual([0, 1, 2].map((part) => increment('1/9/f', part)), [
            '2/0/0', '1/a/0', '1/9/10'
        ])
    })

    test('increment beyond the range of a double, and beyond 64 bits', () => {
        assert.equal(increment('1fffffffffffff', 0), '20000000000000')
        assert.equal(increment('20000000000000', 0), '20000000000001')
        assert.equal(increment('fffffffffffff/7', 0), '10000000000000/0')
        assert.equal(increment('ffffffffffffffff', 0), '10000000000000000')
        assert.equal(increment('f'.repeat(40), 0), `1${'0'.repeat(40)}`)
    })

    test('mark a government by zeros behind the first word', () => {
        assert.deepEqual(['1/0', 'ff/0', '1/1', '1/10', '1'].map((each) => isBoundary(each, 0)),
            [true, true, false, false, true])
        assert.deepEqual(['1/5/0', '1/5/1', '1/0/0'].map((each) => isBoundary(each, 1)),
            [true, false, true])
    })

    test('have the difference of their last words as their distance', () => {
        fc.assert(fc.property(word, fc.bigInt(0n, 1n << 40n), (from, steps) => {
            const [one, other] = [numberOf([5n, from]), numberOf([5n, from + steps])]
            assert.equal(distance(one, other), Number(steps))
            assert.equal(add(one, Number(steps)), other)
            assert.equal(distance(other, one), -Number(steps) + 0)
        }), lots(1000))
    })

    test('in a Series increment the last word', () => {
        fc.assert(fc.property(words, fc.nat(600), (words, steps) => {
            const series = new Series(numberOf(words))
            const last = words.length - 1
            for (let step = 0; step <= steps; step++) {
                const expected = words.with(last, (words[last] ?? 0n) + BigInt(step))
                assert.equal(series.next(), numberOf(expected))
            }
        }), lots(200))
    })

    test('are neighbours if one increment makes them equal', () => {
        fc.assert(fc.property(words, fc.nat(2), (words, steps) => {
            const last = words.length - 1
            const other = words.with(last, (words[last] ?? 0n) + BigInt(steps))
            assert.equal(isNext(numberOf(words), numberOf(other)), steps === 1)
            const shifted = [...words.slice(0, last), (words[last] ?? 0n) + 1n, 0n]
            assert.equal(isNext(numberOf(words), numberOf(shifted)), false)
            const before = [1n, ...words]
            const next = [2n, ...words.with(last, (words[last] ?? 0n) + 1n)]
            assert.equal(isNext(numberOf(before), numberOf(next)), false)
        }), lots(1000))
    })

    test('compare as their words do', () => {
        fc.assert(fc.property(words, words, (left, right) => {
            const at = left.findIndex((word, index) => word !== right[index])
            const [these = 0n, those] = [left[at], right[at]]
            const expected = at === -1 || those === undefined
                ? left.length - right.length
                : these < those ? -1 : 1
            const shared = at === -1 && left.length < right.length ? -1 : expected
            assert.equal(sign(compare(numberOf(left), numberOf(right))), sign(shared))
            assert.equal(sign(compare(numberOf(right), numberOf(left))), -sign(shared) + 0)
        }), lots(1000))
    })

    test('increment as their words do, and always grow', () => {
        fc.assert(fc.property(words, fc.nat(4), (words, at) => {
            const part = at % words.length
            const expected = words.map((word, index) => {
                return index < part ? word : index === part ? word + 1n : 0n
            })
            const number = numberOf(words)
            assert.equal(increment(number, part), numberOf(expected))
            assert.ok(compare(increment(number, part), number) > 0)
            assert.equal(isBoundary(increment(number, part), part), true)
        }), lots(1000))
    })
})
