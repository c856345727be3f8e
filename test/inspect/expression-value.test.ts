import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseExpression } from '../../src/inspect/expression-parser.js'
import { evaluate } from '../../src/inspect/expression-value.js'

const NAMES = {
    n: () => 7, text: () => 'a', list: () => [1, 2, { b: 'c' }], promise: () => 'a/0',
    hostile: () => JSON.parse('{"__proto__":1,"cookie":"1","body":"secret"}') as unknown
}

function value(source: string, isRedacted = false): unknown {
    return evaluate(parseExpression(source), NAMES, isRedacted)
}

describe('an expression over a state', () => {
    for (const [source, expected] of [
        ['1 + 2 * 3', 7], ['(1 + 2) * 3', 9], ['-n + 1', -6], ['n % 4', 3], ['n / 2', 3.5],
        ['n > 6 && n <= 7', true], ['n < 6 || text == "a"', true], ['!(n != 7)', true],
        ['list[2].b', 'c'], ['list[9]', null], ['list.length', 3], ['length(list)', 3],
        ['text + "b"', 'ab'], ['text * 2', null], ['exists(list[2].x)', false],
        ['promise > "9/ff"', true], ['"\\"x" == \'"x\'', true], ['null == false', false],
        ['text < 1', false], ['true && null', false]
    ] as const) {
        test(source, () => {
            assert.equal(value(source), expected)
        })
    }

    test('reaches own parts alone', () => {
        for (const source of ['list.constructor', 'list.map', 'text.constructor', 'n.toFixed',
            'list["__proto__"]', 'list[2].toString', 'hostile.constructor']) {
            assert.equal(value(source), null, source)
        }
        assert.throws(() => value('length.constructor'), /no name length/)
        assert.throws(() => value('eval("1")'), /no function eval/)
        assert.throws(() => value('toString'), /no name toString/)
    })

    test('shows no published value if values are redacted', () => {
        assert.equal(value('hostile.body'), 'secret')
        assert.ok(!JSON.stringify(value('hostile.body', true)).includes('secret'))
    })

    test('names the place of a mistake, and is bounded', () => {
        for (const [source, says] of [
            ['1 +', /character 4: the end/], ['a b', /character 3: b/], ['(1', /character 3/],
            ['1 = 2', /character 3/], ['"open', /character 1/], ['a.1', /character 3/],
            ['', /character 1: the end/], ['('.repeat(200), /50 levels/],
            ['1'.repeat(2000), /1000 characters/], ['!'.repeat(500), /50 levels/]
        ] as const) {
            assert.throws(() => parseExpression(source), says, source)
        }
    })
})
