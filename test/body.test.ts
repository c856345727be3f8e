import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { admit, DEPTH_MAX, weigh } from '../src/body.js'
import { lots } from './paxos/lots.js'

/** Every object within a value. */
function within(value: unknown): object[] {
    return typeof value !== 'object' || value === null
        ? []
        : [value, ...Object.values(value).flatMap(within)]
}

/** Lists in lists, so many of them. */
function nested(depth: number): unknown {
    let value: unknown = 'innermost'
    for (let level = 0; level < depth; level++) {
        value = [value]
    }
    return value
}

const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
    ['a function', () => 1, /it holds a function/],
    ['undefined', undefined, /it holds a undefined/],
    ['a symbol', Symbol('x'), /it holds a symbol/],
    ['a bigint', [1n], /it holds a bigint/],
    ['infinity', { a: Number.POSITIVE_INFINITY }, /infinity or a NaN/],
    ['NaN', [Number.NaN], /infinity or a NaN/],
    ['a date', { at: new Date(0) }, /an instance of a class/],
    ['a map', [new Map()], /an instance of a class/],
    ['too deep', nested(DEPTH_MAX + 2), /nests deeper than 256/]
]

describe('a body', () => {
    test('is a frozen copy, which its owner cannot change any more', () => {
        const mine = { list: [1, { deep: 'x' }], none: null }
        const taken = admit(mine)
        assert.deepEqual(taken, mine)
        for (const object of within(taken)) {
            assert.ok(Object.isFrozen(object))
        }
        mine.list.push(2)
        assert.deepEqual(taken, { list: [1, { deep: 'x' }], none: null })
    })

    test('is not copied twice, alone or within another', () => {
        const taken = admit({ a: [1] })
        assert.equal(admit(taken), taken)
        assert.equal((admit({ taken }) as { taken: unknown }).taken, taken)
    })

    test('leaves out what JSON leaves out of a record', () => {
        assert.deepEqual(admit({ a: 1, b: undefined }), { a: 1 })
    })

    test('may be without a prototype, and gets none through a key', () => {
        const bare = Object.assign(Object.create(null), { a: 1 })
        assert.deepEqual(admit(bare), { a: 1 })
        const taken = admit(JSON.parse('{"__proto__":{"evil":true}}')) as { evil?: boolean }
        assert.equal(taken.evil, undefined)
        assert.equal(JSON.stringify(taken), '{"__proto__":{"evil":true}}')
    })

    test('has no negative zero, which JSON cannot carry', () => {
        assert.ok(Object.is(admit(-0), 0))
    })

    for (const [what, value, message] of REFUSED) {
        test(`is refused where it holds ${what}`, () => {
            assert.throws(() => admit(value), { code: 'invalid-argument', message })
        })
    }

    test('may nest as deep as is said', () => {
        assert.equal(JSON.stringify(admit(nested(DEPTH_MAX))), JSON.stringify(nested(DEPTH_MAX)))
    })

    test('is what JSON would have made of it', () => {
        fc.assert(fc.property(fc.jsonValue(), (value) => {
            assert.deepEqual(admit(value), JSON.parse(JSON.stringify(value)))
        }), lots(300))
    })
})

describe('the weight of a body', () => {
    test('is about that of its JSON, as it was admitted or not', () => {
        fc.assert(fc.property(fc.jsonValue({ noUnicodeString: true }), (value) => {
            const copy = JSON.parse(JSON.stringify(value)) as unknown
            const weight = weigh(admit(copy))
            assert.equal(weigh(copy), weight)
            const scalars = JSON.stringify(copy).split(/[,:]/).length
            assert.ok(weight >= JSON.stringify(copy).length / 4 - 8)
            assert.ok(weight <= JSON.stringify(copy).length + 10 * scalars)
        }), lots(300))
    })

    test('is known exactly', () => {
        assert.deepEqual(['abc', 5, true, null, [], [1, 2], { ab: 'c' }].map(weigh),
            [5, 8, 8, 4, 3, 21, 11])
        assert.deepEqual(['abc', 5, true, null, [], [1, 2], { ab: 'c' }].map(admit).map(weigh),
            [5, 8, 8, 4, 3, 21, 11])
        assert.equal(weigh({ a: undefined }), 3)
    })
})
