import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { copyAndFreeze, copyAsJson, DEPTH_MAX, jsonSize } from '../../src/base/json-value.js'
import { lots } from '../paxos/lots.js'

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

/** A value with a part that contains itself. */
function cyclic(): unknown {
    const part: Record<string, unknown> = { n: 1 }
    part.self = part
    return { list: [0, part] }
}

/** A list that contains itself. */
function endless(): unknown {
    const list: unknown[] = []
    list.push(list)
    return list
}

const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
    ['a function', () => 1, /it holds a function/],
    ['undefined', undefined, /it holds undefined/],
    ['a symbol', Symbol('x'), /it holds a symbol/],
    ['a bigint', [1n], /: \[0\] holds a bigint/],
    ['infinity', { a: Number.POSITIVE_INFINITY }, /: \.a holds Infinity/],
    ['NaN', [Number.NaN], /\[0\] holds NaN/],
    ['an invalid date', { at: new Date(Number.NaN) }, /: \.at holds an invalid date/],
    ['undefined in a list', { list: [1, undefined] }, /: \.list\[1\] holds undefined/],
    ['a function in a field', { 'a b': { f: () => 1 } }, /: \["a b"\]\.f holds a function/],
    ['a map deep inside', { items: [0, 0, 0, { seen: new Map() }] },
        /: \.items\[3\]\.seen holds a Map, an instance of a class\./],
    ['an object whose toJSON returns an instance of a class', { a: { toJSON: () => new Set() } },
        /: \.a holds a Set/],
    ['a cycle', cyclic(), /: \.list\[1\]\.self refers back to \.list\[1\], a cycle/],
    ['itself', endless(), /: \[0\] refers back to the value, a cycle/],
    ['a map', [new Map()], /an instance of a class/],
    ['lists that are too deep', nested(DEPTH_MAX + 2), /nests deeper than 256/]
]

describe('copyAndFreeze', () => {
    test('returns a frozen copy that the caller cannot change', () => {
        const mine = { list: [1, { deep: 'x' }], none: null }
        const taken = copyAndFreeze(mine)
        assert.deepEqual(taken, mine)
        for (const object of within(taken)) {
            assert.ok(Object.isFrozen(object))
        }
        mine.list.push(2)
        assert.deepEqual(taken, { list: [1, { deep: 'x' }], none: null })
    })

    test('does not copy a frozen copy again, alone or within another value', () => {
        const taken = copyAndFreeze({ a: [1] })
        assert.equal(copyAndFreeze(taken), taken)
        assert.equal((copyAndFreeze({ taken }) as { taken: unknown }).taken, taken)
    })

    test('leaves out undefined properties, as JSON does', () => {
        assert.deepEqual(copyAndFreeze({ a: 1, b: undefined }), { a: 1 })
    })

    test('takes the result of toJSON, once, as JSON does', () => {
        const keys: string[] = []
        const price = { amount: 3, toJSON: (key: string) => `${keys.push(key)} EUR` }
        const again = { toJSON: () => ({ at: new Date(0), inner: { toJSON: () => null } }) }
        const mine = { at: new Date(0), prices: [price], again, bytes: Buffer.from('a') }
        const taken = copyAsJson(mine)
        assert.deepEqual(keys, ['0'])
        keys.length = 0
        assert.deepEqual(taken, JSON.parse(JSON.stringify(mine)))
        assert.equal(jsonSize(taken), JSON.stringify(taken).length)
        assert.equal(copyAsJson(new Date(0)), '1970-01-01T00:00:00.000Z')
    })

    test('never calls toJSON of data that may come from an outsider', () => {
        const calls: string[] = []
        const hostile = { a: { toJSON: () => calls.push('called') } }
        assert.throws(() => copyAndFreeze(hostile), { code: 'invalid-argument' })
        assert.throws(() => copyAndFreeze([new Date(0)]), { code: 'invalid-argument' })
        assert.deepEqual(calls, [])
    })

    test('takes a value without a prototype, and sets no prototype from a key', () => {
        const bare = Object.assign(Object.create(null), { a: 1 })
        assert.deepEqual(copyAndFreeze(bare), { a: 1 })
        const taken = copyAndFreeze(JSON.parse('{"__proto__":{"evil":true}}')) as { evil?: boolean }
        assert.equal(taken.evil, undefined)
        assert.equal(JSON.stringify(taken), '{"__proto__":{"evil":true}}')
    })

    test('turns a negative zero into zero, as JSON does', () => {
        assert.ok(Object.is(copyAndFreeze(-0), 0))
    })

    for (const [what, value, message] of REFUSED) {
        test(`refuses a value that holds ${what}`, () => {
            assert.throws(() => copyAsJson(value), { code: 'invalid-argument', message })
        })
    }

    test('takes a value as deep as DEPTH_MAX', () => {
        assert.equal(
            JSON.stringify(copyAndFreeze(nested(DEPTH_MAX))), JSON.stringify(nested(DEPTH_MAX))
        )
    })

    test('returns the same value as JSON', () => {
        fc.assert(fc.property(fc.jsonValue(), (value) => {
            assert.deepEqual(copyAndFreeze(value), JSON.parse(JSON.stringify(value)))
        }), lots(300))
    })
})

/** The bytes of a value as JSON in UTF-8. */
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

describe('copyAsJson', () => {
    test('keeps no large text alive when a part of that text is published', () => {
        setFlagsFromString('--expose-gc')
        const collect = runInNewContext('gc') as () => void
        const parts: unknown[] = []
        collect()
        const before = process.memoryUsage().heapUsed
        for (let number = 0; number < 40; number++) {
            const large = `${number}`.padStart(8, '0').repeat(256 * 1024)
            parts.push(copyAsJson(large.slice(8, 108)), copyAsJson({ nested: large.slice(8, 108) }))
        }
        collect()
        const kept = process.memoryUsage().heapUsed - before
        assert.ok(kept < 10 * 2 ** 20, `${parts.length} parts keep ${kept} bytes`)
        assert.equal(parts[0], '00000000'.repeat(13).slice(0, 100))
    })

    test('takes a text of the maximum length, and of every shorter length', () => {
        for (const text of ['', 'a', '\ud800'.repeat(13), 'x'.repeat(2 ** 29 - 24)]) {
            assert.ok(copyAsJson(text) === text)
        }
    })
})

describe('jsonSize', () => {
    test('is the number of bytes of the JSON in UTF-8, frozen or not', () => {
        const value = fc.oneof(fc.jsonValue(), fc.jsonValue({ noUnicodeString: false }))
        fc.assert(fc.property(value, (drawn) => {
            const copy = JSON.parse(JSON.stringify(drawn)) as unknown
            assert.equal(jsonSize(copy), sizeOf(copy))
            assert.equal(jsonSize(copyAndFreeze(copy)), sizeOf(copy))
        }), lots(300))
    })

    test('counts each unit of a text as JSON in UTF-8 spells the unit', () => {
        const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))
        for (const unit of units) {
            assert.equal(jsonSize(unit), sizeOf(unit), JSON.stringify(unit))
        }
        for (const text of ['"', '\\', '\n', '\u0001', 'é', '€', '𝕏', '\ud835']) {
            for (const length of [1, 31, 32, 33, 64, 65, 1000]) {
                const long = text.repeat(length)
                assert.equal(jsonSize(long), sizeOf(long), `${JSON.stringify(text)} × ${length}`)
                assert.equal(jsonSize({ [long]: [long] }), sizeOf({ [long]: [long] }))
            }
        }
    })

    test('counts each number as JSON spells the number', () => {
        const numbers = [0, -0, 9, 10, -1, 0.5, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, -1.5e-7]
        assert.deepEqual(numbers.map(jsonSize), numbers.map(sizeOf))
    })

    test('leaves out undefined properties, as JSON does', () => {
        assert.equal(jsonSize({ a: undefined }), 2)
        assert.equal(jsonSize([undefined]), 6)
        assert.equal(jsonSize(copyAndFreeze({ a: undefined, b: [] })), 8)
    })
})
