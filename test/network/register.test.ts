import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { linearize, type Operation } from '../../src/testing/linearizability.js'
import { type Act, register, searchKeys, type Witnessed, witnessKeys } from './register.js'

const NEVER = Number.POSITIVE_INFINITY

/**
 * A history of key `k`, a line for each client, a character for each instant: `w1` to `-` writes,
 * `r1` reads 1, `r.` reads nothing, `?` in place of the end is an outcome that is unknown.
 */
function history(...clients: string[]): Operation<Act>[] {
    return clients.flatMap((line) => [...line.matchAll(/([wr])(.)-*(\?)?/g)].map((match) => {
        const [all, letter, given = '', doubt] = match
        const value = given === '.' ? null : given
        const act: Act = letter === 'w'
            ? { name: 'write', key: 'k', value: given }
            : { name: 'read', key: 'k', value }
        const calledAt = match.index
        return { act, calledAt, endedAt: doubt === '?' ? NEVER : calledAt + all.length - 1 }
    }))
}

const GOOD = {
    'nothing': [''],
    'a read of nothing before a write': ['r.- w1- r1-'],
    'a read that sees a write under way': ['w1-------', '  r1-'],
    'a read that does not yet see a write under way': ['w1-------', '  r.- r1'],
    'writes that overlap, in either order': ['w1--- r1-', 'w2--- r1-'],
    'a doubtful write that takes effect late': ['w1-? ', 'r.- r.- w2 r2 r1 r1-'],
    'a doubtful write that never does': ['w1-?', '    w2- r2- r2-'],
    'two doubtful writes that are seen in the other order': ['w1?', ' w2?', '    r2 r1 r1']
}

const BAD = {
    'a stale read': ['w1- w2- r1-'],
    'a read of nothing after a write': ['w1- r.-'],
    'a value that nobody wrote': ['r1-'],
    'a write that is undone': ['w1- w2- r2- r1-'],
    'two clients that see two writes in two orders': ['w1--- r1- r2-', 'w2--- r2- r1-'],
    'a read of a later write': ['r1- w1-'],
    'a doubtful write that takes effect before its call': ['r1- ', '    w1-?'],
    'a doubtful write that takes effect twice': ['w1?', '    r1 w2 r2 r1']
}

describe('the linearizability checker', () => {
    for (const [name, lines] of Object.entries(GOOD)) {
        test(`accepts ${name}`, () => {
            assert.deepEqual(searchKeys(history(...lines)), [])
            assert.equal(linearize(history(...lines), register).isLinearizable, true)
        })
    }

    for (const [name, lines] of Object.entries(BAD)) {
        test(`finds ${name}`, () => {
            const [tangle] = searchKeys(history(...lines))
            assert.equal(tangle?.isDecided, true)
            assert.equal(linearize(history(...lines), register).isLinearizable, false)
        })
    }

    test('leaves out reads that failed', () => {
        assert.deepEqual(searchKeys(history('w1- r.-?', '     r1- ')), [])
    })

    test('checks each key separately, and names the wrong key', () => {
        const other = history('w1- r1- ').map((one) => ({ ...one, act: { ...one.act, key: 'o' } }))
        const [tangle, ...more] = searchKeys([...history('w1- w2- r1- r2-'), ...other])
        assert.deepEqual(more, [])
        assert.match(tangle?.text ?? '', /^k: 2 of 4 in an order after \d+ steps; not read 1 8\.0–/)
    })

    test('stops after a number of steps without a verdict', () => {
        const crowd = Array.from({ length: 12 }, (_, index) => `w${index.toString(36)}------`)
        const [tangle] = searchKeys(history(...crowd, '        rz-'), 1000)
        assert.equal(tangle?.isDecided, false)
        assert.equal(linearize(history(...crowd, '         rz'), register, 9).isLinearizable, null)
    })

    test('decides a history of two hundred operations of five clients', () => {
        const operations = Array.from({ length: 200 }, (_, index): Operation<Act> => ({
            act: index % 2 === 0
                ? { name: 'write', key: 'k', value: String(index) }
                : { name: 'read', key: 'k', value: String(index - 1) },
            calledAt: index,
            endedAt: index + (index % 2 === 0 ? 1.5 : 4)
        }))
        assert.deepEqual(searchKeys(operations), [])
        const stale = { ...operations[150], act: { name: 'read', key: 'k', value: '0' } } as const
        const late = { ...stale, calledAt: 150, endedAt: 151 }
        assert.equal(searchKeys([...operations, late]).length, 1)
    })
})

/** Every order of some things. */
function* orders<One>(rest: readonly One[]): Generator<One[]> {
    if (rest.length === 0) {
        yield []
    }
    for (const [index, one] of rest.entries()) {
        for (const tail of orders([...rest.slice(0, index), ...rest.slice(index + 1)])) {
            yield [one, ...tail]
        }
    }
}

/** Every choice of doubtful operations that took effect, beside all that surely did. */
function* choices(operations: readonly Operation<Act>[]): Generator<Operation<Act>[]> {
    const doubtful = operations.filter(({ endedAt }) => endedAt === NEVER)
    for (let choice = 0; choice < 2 ** doubtful.length; choice++) {
        const chosen = new Set(doubtful.filter((_, index) => ((choice >> index) & 1) === 1))
        yield operations.filter((one) => one.endedAt !== NEVER || chosen.has(one))
    }
}

/** Whether an order keeps to the clock and to what a register does. */
function isRight(order: readonly Operation<Act>[]): boolean {
    let state: string | null = null
    for (const [index, { act, calledAt }] of order.entries()) {
        if (act.name === 'read' && act.value !== state) {
            return false
        }
        state = act.name === 'write' ? act.value : state
        if (order.slice(index + 1).some(({ endedAt }) => endedAt < calledAt)) {
            return false
        }
    }
    return true
}

function isLinearizableByForce(operations: readonly Operation<Act>[]): boolean {
    for (const chosen of choices(operations)) {
        for (const order of orders(chosen)) {
            if (isRight(order)) {
                return true
            }
        }
    }
    return false
}

const operations = fc.array(fc.record({
    isWrite: fc.boolean(),
    value: fc.integer({ min: 0, max: 2 }),
    calledAt: fc.integer({ min: 0, max: 8 }),
    length: fc.integer({ min: 0, max: 6 }),
    isDoubtful: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0)
}), { maxLength: 6 }).map((drawn) => drawn.map((one, index): Operation<Act> => {
    const { isWrite, value, calledAt, length, isDoubtful } = one
    // Writes are told apart by their places; a read yields nothing, or what a write there writes.
    const act: Act = isWrite
        ? { name: 'write', key: 'k', value: String(index) }
        : { name: 'read', key: 'k', value: value === 0 ? null : String((index + value) % 6) }
    return { act, calledAt, endedAt: isDoubtful ? NEVER : calledAt + length }
}))

describe('the search', () => {
    test('agrees with a search of all orders on small histories', () => {
        const verdicts = { true: 0, false: 0 }
        fc.assert(fc.property(operations, (drawn) => {
            const telling = drawn.filter(({ act, endedAt }) =>
                act.name === 'write' || endedAt !== NEVER)
            const expected = isLinearizableByForce(telling)
            verdicts[`${expected}`]++
            assert.equal(linearize(telling, register).isLinearizable, expected)
            assert.equal(searchKeys(drawn).length === 0, expected)
        }), { numRuns: 2000, seed: 5 })
        assert.ok(verdicts.true > 200 && verdicts.false > 200, JSON.stringify(verdicts))
    })
})

/** The same with the places in the log that are claimed, in the order of the history. */
function witnessed(lines: readonly string[], ...places: (string | null)[]): Witnessed[] {
    return history(...lines).map((one, index) => ({ ...one, at: places[index] ?? null }))
}

describe('the order that the log claims', () => {
    test('is accepted if each read yields the write before the read', () => {
        for (const [lines, ...places] of [
            [['w1- r1- w2- r2-'], '1/1', '1/2', '1/9', '1/a'],
            [['r.- w1-'], '1/0', '1/1'],
            [['w1-?', '   r1'], '1/1', '1/1'],
            [['w1-?', '   r.'], null, '1/1']
        ] as const) {
            assert.deepEqual(witnessKeys(witnessed(lines, ...places)), [])
        }
    })

    for (const [name, lines, places, says] of [
        ['a read of an overwritten value', ['w1- w2- r1-'], ['1/1', '1/2', '1/3'],
            'a read at 1/3 yielded 1, and the log says 2'],
        ['a read placed before an answered write', ['w1- r.-'], ['1/2', '1/1'],
            'the write of 1 at 1/2 was answered before one before it was called'],
        ['writes answered in another order', ['w1- w2-'], ['1/2', '1/1'],
            'the write of 1 at 1/2 was answered']
    ] as const) {
        test(`is refused for ${name}`, () => {
            const [tangle] = witnessKeys(witnessed(lines, ...places))
            assert.ok(tangle?.text.includes(says), tangle?.text)
        })
    }
})
