import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RepeatingJson } from '../../src/base/repeating-json.js'
import { type Dice, dice } from '../journal/dice.js'

function bytesOf(value: unknown): Buffer {
    return Buffer.from(JSON.stringify(value))
}

/** Random scalars, most of which a parser may get wrong. */
const SCALARS = [
    0, 7, 10, -1, 1.5, 1e21, 1e-7, 999_999_999_999_999, 9_007_199_254_740_991, true, false, null,
    '', 'a', '1/0', 'thirteen long', 'ü', '"', '\\', '\n', '\u2028', '{"a":1}', '],[', '__proto__'
]

const KEYS = ['id', 'cookie', 'body', '10', '9', '', 'a"b', '__proto__', 'länge', 'constructor']

function scalar(roll: Dice): unknown {
    return roll(3) === 0 ? SCALARS[roll(SCALARS.length)] : `text ${roll(1000)}`
}

/** A random value of some depth. */
function randomValue(roll: Dice, depth: number): unknown {
    const kind = depth === 0 ? 0 : roll(4)
    const length = roll(4)
    if (kind === 1) {
        return Array.from({ length }, () => randomValue(roll, depth - 1))
    }
    return kind === 0 ? scalar(roll) : Object.fromEntries(Array.from({ length }, () =>
        [KEYS[roll(KEYS.length)], randomValue(roll, depth - 1)]))
}

/** The value with other scalars, and sometimes with other lengths of lists. */
function vary(value: unknown, roll: Dice): unknown {
    if (typeof value !== 'object' || value === null) {
        return roll(3) === 0 ? scalar(roll) : value
    }
    if (Array.isArray(value)) {
        const items = value.map((item) => vary(item, roll))
        return roll(4) === 0 ? [...items, ...items] : items
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [
        roll(12) === 0 ? `key ${roll(100)}` : key, vary(item, roll)
    ]))
}

function entry(number: number, more: object = {}): object {
    return { method: 'enqueue', when: 1_700_000_000_000 + number, body: { id: 'a', ...more } }
}

describe('repeating JSON', () => {
    test('parses random texts of a few shapes exactly like JSON.parse', () => {
        for (let seed = 1; seed <= 300; seed++) {
            const roll = dice(seed)
            const shapes = Array.from({ length: 1 + roll(20) }, () => randomValue(roll, 4))
            const json = new RepeatingJson()
            for (let count = 0; count < 100; count++) {
                const bytes = bytesOf(vary(shapes[roll(shapes.length)], roll))
                const expected: unknown = JSON.parse(bytes.toString())
                const parsed = json.parse(bytes)
                assert.deepEqual(parsed, expected, `seed ${seed}`)
                // The order of the keys, which the comparison ignores.
                assert.equal(JSON.stringify(parsed), bytes.toString(), `seed ${seed}`)
            }
        }
    })

    test('rejects damaged texts of known shapes like JSON.parse', () => {
        const roll = dice(1)
        const json = new RepeatingJson()
        const value = (): object => entry(roll(1000), {
            entries: Array.from({ length: roll(3) }, () => ({ cookie: `c${roll(100)}`, n: 1 })),
            promises: { [`k${roll(99)}`]: '1/0' }
        })
        for (let count = 0; count < 100; count++) {
            json.parse(bytesOf(value()))
        }
        let rejected = 0
        for (let count = 0; count < 20_000; count++) {
            const bytes = bytesOf(value())
            const from = roll(bytes.length)
            const printable = Buffer.from([32 + roll(95)])
            const damaged = Buffer.concat([
                bytes.subarray(0, from), ...(roll(2) === 0 ? [printable] : []),
                bytes.subarray(from + roll(3))
            ])
            let expected: unknown
            try {
                expected = JSON.parse(damaged.toString())
            } catch {
                rejected++
                assert.throws(() => json.parse(damaged), SyntaxError, damaged.toString())
                continue
            }
            assert.deepEqual(json.parse(damaged), expected, damaged.toString())
        }
        assert.ok(rejected > 1000, `${rejected} texts were rejected`)
    })

    test('shares frozen parts, and gives each result its own changing parts', () => {
        const json = new RepeatingJson()
        const from = { id: 'a', versions: [1, 2] }
        const parsed = Array.from({ length: 5 }, (_, number) => {
            return json.parse(bytesOf(entry(number, { from, entries: [{ number }] }))) as {
                readonly body: { readonly from: typeof from; readonly entries: readonly object[] }
            }
        })
        const [one, other] = parsed.slice(3)
        assert.ok(one !== undefined && other !== undefined)
        assert.equal(one.body.from, other.body.from)
        assert.ok(Object.isFrozen(one.body.from) && Object.isFrozen(one.body.from.versions))
        assert.notEqual(one.body, other.body)
        assert.notEqual(one.body.entries[0], other.body.entries[0])
    })

    test('keeps no text in memory because of a value', () => {
        setFlagsFromString('--expose-gc')
        const collect = runInNewContext('gc') as () => void
        const json = new RepeatingJson()
        const values: unknown[] = []
        collect()
        const before = process.memoryUsage().heapUsed
        for (let number = 0; number < 100; number++) {
            const key = `a value of more than twelve characters ${number}`
            const parsed = json.parse(bytesOf(entry(number, { key, rest: 'x'.repeat(300_000) })))
            values.push((parsed as { readonly body: { readonly key: string } }).body.key)
        }
        collect()
        assert.equal(values.length, 100)
        const grown = process.memoryUsage().heapUsed - before
        assert.ok(grown < 10_000_000, `${grown} bytes remain`)
    })
})
