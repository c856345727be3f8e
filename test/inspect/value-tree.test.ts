import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TreeAnswer } from '../../src/inspect/answers.js'
import { TreeMaker } from '../../src/inspect/value-tree.js'

function compared(now: unknown, before: unknown, isRedacted = false): TreeMaker & {
    readonly top: TreeAnswer
} {
    const maker = new TreeMaker(isRedacted)
    return Object.assign(maker, { top: maker.compared('state', now, before) })
}

function part({ parts = [] }: TreeAnswer, name: string): TreeAnswer {
    const found = parts.find((each) => each.name === name)
    assert.ok(found !== undefined, name)
    return found
}

describe('a tree of a value', () => {
    test('marks new, changed and removed parts', () => {
        const { top, changes, differences } = compared(
            { same: 1, changed: [1, 2], fresh: { x: 1 } }, { same: 1, changed: [1, 3], gone: 'g' }
        )
        assert.deepEqual(changes, ['changed.1', 'fresh', 'gone'])
        assert.equal(differences, 3)
        assert.equal(part(top, 'same').change, undefined)
        assert.deepEqual(part(part(top, 'changed'), '1'),
            { name: '1', kind: 'value', text: '2', change: 'changed', before: '3' })
        assert.equal(part(top, 'fresh').change, 'new')
        assert.equal(part(top, 'gone').change, 'gone')
        assert.equal(top.change, 'inside')
        assert.deepEqual(compared({ a: [{ b: 1 }] }, { a: [{ b: 1 }] }).changes, [])
    })

    test('follows a list that lost items at its front', () => {
        const items = Array.from({ length: 1000 }, (_, id) => ({ id }))
        const { changes } = compared([...items.slice(3), { id: 1000 }], items)
        assert.deepEqual(changes, ['-0', '-1', '-2', '997'])
    })

    test('is bounded, and still shows the changed items of a long list', () => {
        const items = Array.from({ length: 100_000 }, (_, id) => id)
        const { top } = compared(items.map((id) => (id === 5000 ? -1 : id)), items)
        assert.ok((top.parts ?? []).length <= 61)
        assert.equal(top.size, 100_000)
        assert.equal(part(top, '5000').change, 'changed')
        assert.equal(top.parts?.at(-1)?.kind, 'omitted')
        let deep: unknown = 1
        for (let depth = 0; depth < 5000; depth++) {
            deep = { deep }
        }
        const maker = new TreeMaker(false)
        assert.ok(JSON.stringify(maker.tree('deep', deep)).length < 10_000)
        const wide = Object.fromEntries(items.map((id) => [`k${id}`, { id, list: [id] }]))
        assert.ok(JSON.stringify(new TreeMaker(false).tree('wide', wide)).length < 100_000)
        const long = new TreeMaker(false).tree('long', 'x'.repeat(1_000_000))
        assert.ok((long.text ?? '').length < 1000)
    })

    test('replaces published values by size and hash, so that a change stays visible', () => {
        const state = (body: unknown): object => ({
            islander: { pending: [body], seeking: [{ cookie: '1', body }] },
            log: [{ promise: '1/1', body: { id: 'a', cookie: '1', body } }]
        })
        const { top, changes } = compared(state({ secret: 2 }), state({ secret: 1 }), true)
        assert.ok(!JSON.stringify(top).includes('secret'))
        assert.ok(JSON.stringify(top).includes('redacted'))
        assert.ok(changes.length >= 3)
        const gone = compared({ islander: { pending: [] } }, state({ secret: 1 }), true)
        assert.ok(!JSON.stringify(gone.top).includes('secret'))
    })
})
