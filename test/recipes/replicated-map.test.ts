import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type MapCommand, type MapOutcome, ReplicatedMap } from '../../src/recipes/index.js'
import { MapTable } from '../../src/recipes/map-table.js'
import { fromLines, toLines } from '../../src/recipes/lines.js'
import { chunksOf } from './chunks-of.js'
import { RecipeService } from './service.js'

const BOUNDS = { entriesMax: 4, sizeMax: 100 }

const key = fc.constantFrom('p', 'q', 'r', 's', 't', '__proto__')
const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.string({ maxLength: 40 }))
const write = fc.oneof(fc.record({ key }), fc.record({ key, value }))
const check = fc.oneof(
    fc.record({ key, equals: value }),
    fc.record({ key, version: fc.constantFrom(null, '1/1', '1/2', '1/3') })
)
const commands = fc.array(fc.record({
    checks: fc.array(check, { maxLength: 2 }), writes: fc.array(write, { maxLength: 3 })
}), { maxLength: 40 })

/** A map without any cleverness. */
class Model {
    readonly entries = new Map<string, { value: unknown, version: string }>()

    apply(at: string, { checks = [], writes }: MapCommand<unknown>): MapOutcome['state'] {
        for (const each of checks) {
            const entry = this.entries.get(each.key)
            const isSo = 'version' in each
                ? (entry === undefined ? null : entry.version) === each.version
                : entry !== undefined && entry.value === each.equals
            if (!isSo) {
                return 'changed'
            }
        }
        const after = new Map(this.entries)
        for (const { key: at, value: set } of writes) {
            after.delete(at)
            if (set !== undefined) {
                after.set(at, { value: set, version: '' })
            }
        }
        const sizeOf = (entries: typeof after): number => [...entries].reduce((sum, [at, each]) =>
            sum + Buffer.byteLength(JSON.stringify(at) + JSON.stringify(each.value)), 0)
        const isGrowing = after.size > this.entries.size || sizeOf(after) > sizeOf(this.entries)
        if (isGrowing && (after.size > BOUNDS.entriesMax || sizeOf(after) > BOUNDS.sizeMax)) {
            return 'full'
        }
        for (const { key: changed, value: set } of writes) {
            this.entries.delete(changed)
            if (set !== undefined) {
                this.entries.set(changed, { value: set, version: at })
            }
        }
        return 'done'
    }
}

describe('the state of a map', () => {
    test('agrees with a model, also after a snapshot at any step', async () => {
        await fc.assert(fc.asyncProperty(commands, fc.nat(40), async (taken, cut) => {
            const model = new Model()
            let table = new MapTable(5)
            for (const [index, some] of taken.entries()) {
                if (index === cut) {
                    const copy = new MapTable(5)
                    await copy.restore(fromLines(chunksOf(table.snapshot())))
                    assert.equal([...toLines(copy.snapshot())].join(''),
                        [...toLines(table.snapshot())].join(''))
                    assert.equal(copy.size, table.size)
                    table = copy
                }
                const promise = `1/${(index + 1).toString(16)}`
                const body = { ...some, ...BOUNDS }
                table.validate(body)
                const { state } = table.apply({
                    promise, publisher: 'a', immigrated: '1/0', body
                })
                assert.equal(state, model.apply(promise, body))
            }
            assert.deepEqual([...table.entries], [...model.entries])
        }), { numRuns: 300 })
    })

    test('gives a watcher every kept change once, and refuses a gap', () => {
        const table = new MapTable<number>(3)
        for (let at = 1; at <= 20; at++) {
            table.apply({
                promise: `1/${at.toString(16)}`, publisher: 'a', immigrated: '1/0',
                body: { writes: [{ key: 'k', value: at }], ...BOUNDS }
            })
            for (let from = 0; from <= at; from++) {
                const after = (): unknown => table.history.after(`1/${from.toString(16)}`)?.version
                if (from < at - 3) {
                    assert.throws(after, { code: 'trimmed' })
                } else {
                    const expected = from === at ? undefined : `1/${(from + 1).toString(16)}`
                    assert.equal(after(), expected)
                }
            }
        }
    })
})

describe('a map of three members', { timeout: 60_000 }, () => {
    test('is read and written at every member', async () => {
        await using service = new RecipeService(() => ({ map: new ReplicatedMap<unknown>() }))
        await service.found('a', 'b', 'c')
        const [a, b, c] = ['a', 'b', 'c'].map((id) => service.at(id).map)
        assert.ok(a !== undefined && b !== undefined && c !== undefined)
        const version = await a.set('colour', { sea: 'green' })
        assert.deepEqual(a.get('colour'), { sea: 'green' })
        assert.deepEqual(await b.get('colour', 'linearizable'), { sea: 'green' })
        assert.deepEqual(await c.get('colour', { after: version }), { sea: 'green' })
        assert.deepEqual(await c.get('colour', { maxStalenessMs: 2000 }), { sea: 'green' })
        assert.equal(a.entry('colour')?.version, version)
        assert.equal(await b.compareAndSet('colour', { sea: 'blue' }, 1), false)
        assert.equal(await b.compareAndSet('colour', { sea: 'green' }, 'grey'), true)
        assert.equal(await c.compareAndSet('new', undefined, 1), true)
        assert.equal(await c.compareAndSet('new', undefined, 1), false)
        assert.equal(await c.compareAndSet('new', 1, undefined), true)
        await a.delete('colour')
        assert.deepEqual([...a.entries()], [])
        assert.equal(a.count + a.size, 0)
        await assert.rejects(a.set('k', undefined), { code: 'invalid-argument' })
        await assert.rejects(a.set('', 1), { code: 'invalid-argument' })
    })

    test('counts right with transactions of all members at once', async () => {
        await using service = new RecipeService(() => ({ map: new ReplicatedMap<number>() }))
        await service.found('a', 'b', 'c')
        await Promise.all(['a', 'b', 'c'].map(async (id) => {
            for (let turn = 0; turn < 10; turn++) {
                await service.at(id).map.transaction((view) => {
                    view.set('n', (view.get('n') ?? 0) + 1)
                    assert.equal(view.get('n'), (view.get('n') ?? 0))
                    view.delete('other')
                })
            }
        }))
        assert.equal(await service.at('b').map.get('n', 'linearizable'), 30)
        const { value } = await service.at('c').map.transaction((view) => view.get('n'))
        assert.equal(value, 30)
        const failing = service.at('a').map.transaction(() => { throw new RangeError('mine') })
        await assert.rejects(failing, RangeError)
    })

    test('is watched without a gap, also at another member and after a restart', async () => {
        await using service = new RecipeService(
            () => ({ map: new ReplicatedMap<number>() }), true)
        await service.found('a', 'b', 'c')
        const seen: (number | undefined)[] = []
        let from = '0/0'
        const watchUntil = async (id: string, last: number): Promise<void> => {
            for await (const { version, changes } of service.at(id).map.watch({ from })) {
                seen.push(...changes.map((change) => change.value))
                from = version
                if (seen.at(-1) === last) {
                    return
                }
            }
        }
        const watching = watchUntil('b', 20)
        for (let turn = 1; turn <= 20; turn++) {
            await service.at('a').map.set('k', turn)
        }
        await watching
        await service.crash('c')
        await service.at('a').map.set('k', 21)
        await service.start('c')
        await service.at('a').map.set('k', 22)
        await watchUntil('c', 22)
        assert.deepEqual(seen, Array.from({ length: 22 }, (_, index) => index + 1))
        const controller = new AbortController()
        const next = service.at('a').map.watch({ signal: controller.signal }).next()
        controller.abort()
        await assert.rejects(next, { code: 'aborted' })
        const last = service.at('b').map.watch().next()
        await Promise.all([service.crash('b'), assert.rejects(last, { code: 'destroyed' })])
    })
})
