import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UsageError } from '../../src/command/usage-error.js'
import { type Case, loadCase, readCase, writeCase } from './case.js'
import { draw } from './draw.js'

function caseOf(seed: number): Case {
    return { cause: `because of ${seed}`, property: 'L1', message: 'L1: so', plan: draw(seed) }
}

/** The text of a case in which one thing is otherwise. */
function changed(path: string, value: unknown): string {
    const root = JSON.parse(writeCase(caseOf(1))) as Record<string, unknown>
    const names = path.split('.')
    const last = names.pop() ?? ''
    const place = names.reduce((place, name) => place[name] as Record<string, unknown>, root)
    if (value === undefined) {
        Reflect.deleteProperty(place, last)
    } else {
        place[last] = value
    }
    return JSON.stringify(root)
}

const REFUSED: readonly (readonly [string, unknown, string])[] = [
    ['cause', 1, 'case.cause is no text.'],
    ['property', 'XL5', 'case.property is no property.'],
    ['plan', null, 'case.plan is no record.'],
    ['plan.seed', 1.5, 'case.plan.seed is no whole number.'],
    ['plan.seed', -1, 'case.plan.seed is no number.'],
    ['plan.population', undefined, 'case.plan.population is no number.'],
    ['plan.vacant', 3, 'case.plan.vacant is no list.'],
    ['plan.vacant', [1.5], 'case.plan.vacant[0] is no whole number.'],
    ['plan.colour', 'red', 'case.plan.colour is no part of it.'],
    ['plan.isWired', 0, 'case.plan.isWired is no yes or no.'],
    ['plan.faultsMs', null, 'case.plan.faultsMs is no number.'],
    ['plan.options.ping', '250', 'case.plan.options.ping is no number.'],
    ['plan.healing', 'none', 'case.plan.healing is no one of all, core.'],
    ['plan.faults', {}, 'case.plan.faults is no list.'],
    ['plan.faults.0.kind', 'plague', 'case.plan.faults[0].kind is no ']
]

describe('a case', () => {
    test('is read as it was written, a line for each fault', () => {
        for (let seed = 1; seed <= 50; seed++) {
            const written = caseOf(seed)
            const text = writeCase(written)
            assert.deepEqual(readCase(text), written)
            const faults = text.split('\n').filter((line) => line.startsWith('            {'))
            assert.equal(faults.length, written.plan.faults.length)
        }
    })

    test('may wait for ever, publish never, and have no fault', () => {
        const never = Number.POSITIVE_INFINITY
        const plan = { ...draw(1), callLimitMs: never, publishMs: never, faults: [] }
        const written = { ...caseOf(1), plan }
        assert.deepEqual(readCase(writeCase(written)), written)
    })

    test('has a member on each host by default', () => {
        assert.deepEqual(readCase(changed('plan.vacant', undefined)).plan, draw(1))
        const plan = { ...draw(1), vacant: [1, 3] }
        assert.deepEqual(readCase(writeCase({ ...caseOf(1), plan })).plan.vacant, [1, 3])
    })

    test('keeps the beginning of a long message', () => {
        const text = writeCase({ ...caseOf(1), message: `L1: ${'so and '.repeat(1000)}` })
        assert.match(readCase(text).message, /^L1: so and .{180,200}$/)
    })

    for (const [path, value, message] of REFUSED) {
        test(`has no ${path} of ${JSON.stringify(value)}`, () => {
            const isRight = (error: unknown): boolean =>
                error instanceof UsageError && error.message.startsWith(message)
            assert.throws(() => readCase(changed(path, value)), isRight)
        })
    }

    test('is JSON in a file', () => {
        assert.throws(() => readCase('{'), /^UsageError: It is no JSON: /)
        assert.throws(() => loadCase('nowhere.json'), /^UsageError: nowhere\.json cannot be read: /)
    })
})
