import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Counter, type CounterCommand, Sequence } from '../../src/recipes/index.js'
import { CounterTable } from '../../src/recipes/counter-table.js'
import { fromLines, toLines } from '../../src/recipes/lines.js'
import { chunksOf } from './chunks-of.js'
import { RecipeService } from './service.js'

const name = fc.constantFrom('p', 'q', 'r', '__proto__')
const by = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.MAX_SAFE_INTEGER))
const commands = fc.array(fc.oneof(
    fc.record({ do: fc.constant('add' as const), name, by, countersMax: fc.constant(3) }),
    fc.record({ do: fc.constant('delete' as const), name })
), { maxLength: 40 })

/** The counters as big integers. */
class Model {
    readonly values = new Map<string, bigint>()

    apply(command: CounterCommand): [state: string, value: bigint] {
        const value = this.values.get(command.name)
        if (command.do === 'delete') {
            this.values.delete(command.name)
            return ['done', value ?? 0n]
        }
        if (value === undefined && this.values.size === command.countersMax) {
            return ['full', 0n]
        }
        const after = (value ?? 0n) + BigInt(command.by)
        if (after > Number.MAX_SAFE_INTEGER || after < Number.MIN_SAFE_INTEGER) {
            return ['range', value ?? 0n]
        }
        this.values.set(command.name, after)
        return ['done', after]
    }
}

const IDS = ['a', 'b', 'c']

describe('the state of counters', () => {
    test('agrees with a model, also after a snapshot at any step', async () => {
        await fc.assert(fc.asyncProperty(commands, fc.nat(40), async (taken, cut) => {
            const model = new Model()
            let table = new CounterTable()
            for (const [index, body] of taken.entries()) {
                if (index === cut) {
                    const copy = new CounterTable()
                    await copy.restore(fromLines(chunksOf(table.snapshot())))
                    assert.deepEqual([...copy.values], [...table.values])
                    table = copy
                }
                table.validate(body)
                const { state, value } = table.apply({
                    promise: `1/${index + 1}`, publisher: 'a', immigrated: '1/0', body
                })
                assert.deepEqual([state, BigInt(value)], model.apply(body))
            }
            assert.equal([...toLines(table.snapshot())].length, table.values.size === 0 ? 0 : 1)
        }), { numRuns: 300 })
    })
})

describe('counters of three members', { timeout: 60_000 }, () => {
    test('count every addition once', async () => {
        await using service = new RecipeService(() => ({ visits: new Counter({ countersMax: 2 }) }))
        await service.found(...IDS)
        const values = await Promise.all(IDS.flatMap((id) =>
            Array.from({ length: 20 }, () => service.at(id).visits.add('home'))))
        // Every addition has its own value.
        assert.deepEqual(values.toSorted((one, other) => one - other),
            Array.from({ length: 60 }, (_, index) => index + 1))
        const { visits } = service.at('b')
        assert.equal(await visits.get('home', 'linearizable'), 60)
        assert.equal(await visits.get('home', { maxStalenessMs: 2000 }), 60)
        assert.equal(await visits.add('home', -10), 50)
        assert.deepEqual([...visits.entries()], [['home', 50]])
        assert.equal(await visits.add('other', 0), 0)
        await assert.rejects(visits.add('third'), { code: 'overloaded' })
        await assert.rejects(visits.add('home', Number.MAX_SAFE_INTEGER), { code: 'refused' })
        assert.equal(await visits.delete('home'), 50)
        assert.equal(visits.get('home'), 0)
        assert.equal(await visits.add('third'), 1)
    })

    test('refuse mistakes', async () => {
        const wrong = { code: 'invalid-argument' }
        assert.throws(() => new Counter({ max: 1 } as never), wrong)
        assert.throws(() => new Sequence({ block: 0 }), wrong)
        await assert.rejects(new Counter().add('x'), wrong)
        await assert.rejects(new Sequence().next('x'), wrong)
        await using service = new RecipeService(() => ({
            visits: new Counter(), ids: new Sequence()
        }))
        await service.found('a')
        const { visits, ids } = service.at('a')
        for (const wrongBy of [0.5, Number.NaN, 2 ** 53, '1']) {
            await assert.rejects(visits.add('x', wrongBy as number), wrong)
        }
        await assert.rejects(visits.add(''), wrong)
        await assert.rejects(visits.add('x'.repeat(513)), wrong)
        await assert.rejects(ids.next(''), wrong)
    })
})

describe('sequences of three members', { timeout: 60_000 }, () => {
    test('give each number once and in order', async () => {
        await using service = new RecipeService(() => ({ ids: new Sequence() }))
        await service.found(...IDS)
        const values: number[] = []
        for (let turn = 0; turn < 12; turn++) {
            values.push(await service.at(IDS[turn % 3] ?? '').ids.next('order'))
        }
        assert.deepEqual(values, Array.from({ length: 12 }, (_, index) => index + 1))
        const many = await Promise.all(IDS.flatMap((id) =>
            Array.from({ length: 10 }, () => service.at(id).ids.next('order'))))
        assert.equal(new Set(many).size, 30)
        assert.equal(Math.max(...many), 42)
        assert.equal(await service.at('a').ids.next('invoice'), 1)
    })

    test('reserve blocks, and never give a number twice, also after a restart', async () => {
        await using service = new RecipeService(() => ({ ids: new Sequence({ block: 8 }) }), true)
        await service.found(...IDS)
        const values: number[] = []
        const take = async (id: string, count: number): Promise<void> => {
            values.push(...await Promise.all(
                Array.from({ length: count }, () => service.at(id).ids.next('order'))))
            for (let turn = 0; turn < count; turn++) {
                values.push(await service.at(id).ids.next('order'))
            }
        }
        await Promise.all(IDS.map((id) => take(id, 10)))
        await service.crash('c')
        await service.start('c')
        await Promise.all(IDS.map((id) => take(id, 10)))
        assert.equal(values.length, 120)
        assert.equal(new Set(values).size, 120)
        const { parts: { ids }, colleague } = service.member('a')
        await colleague.barrier()
        const before = ids.last('order')
        const next = await ids.next('order')
        // A number of a reserved block needs no entry.
        assert.ok(next <= before && ids.last('order') === before, `${next} ${before}`)
        assert.ok(values.every((value) => value <= before))
    })

    test('refuse more names than the bound', async () => {
        await using service = new RecipeService(() => ({ ids: new Sequence({ countersMax: 1 }) }))
        await service.found('a')
        const { ids } = service.at('a')
        await ids.next('x')
        await assert.rejects(ids.next('y'), { code: 'overloaded' })
        assert.deepEqual([...ids.entries()], [['x', 1]])
    })
})
