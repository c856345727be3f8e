import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer, type Played } from '../../src/index.js'
import { at, Island } from '../support/island.js'

/** The methods of the inputs that a member has recorded. */
function methodsOf({ played }: { readonly played: readonly Played[] }): readonly string[] {
    return played.map(({ method }) => method)
}

/** The code of a rejection. */
async function codeOf(promise: Promise<unknown>): Promise<unknown> {
    return await promise.then(() => 'resolved', (error: { code: unknown }) => error.code)
}

const NORTH = { ...at('b'), zone: 'north' }

describe('Kibitzer.move', () => {
    test('resolves when the log holds the properties, at every member', async () => {
        using island = new Island()
        const [, b] = island.settle('a', 'b', 'c')
        assert.ok(b !== undefined)
        const moved = b.move(NORTH)
        assert.equal(b.status().isMoving, true)
        island.until(() => !b.status().isMoving)
        await moved
        island.level()
        for (const { kibitzer } of island.residents) {
            assert.deepEqual(kibitzer.status().government.properties['b'], NORTH)
        }
    })

    test('records nothing if the properties are equal', async () => {
        using island = new Island()
        const [, b] = island.settle('a', 'b', 'c')
        await b?.move({ at: 'b' })
        assert.ok(!methodsOf(island.resident('b').recording).includes('move'))
        b?.locate('a', at('a'))
        b?.locate('b', at('elsewhere'))
        b?.locate('nobody', at('elsewhere'))
        assert.ok(!methodsOf(island.resident('b').recording).includes('locate'))
        b?.locate('a', at('elsewhere'))
        assert.equal(methodsOf(island.resident('b').recording).at(-1), 'locate')
    })

    test('refuses in a republic of version 1, and records nothing', () => {
        using island = new Island({ highestVersion: 1 })
        const [, b] = island.settle('a', 'b', 'c')
        assert.throws(() => b?.move(NORTH), { code: 'unsupported', message: /Nothing has changed/ })
        b?.locate('a', at('elsewhere'))
        const methods = methodsOf(island.resident('b').recording)
        assert.ok(!methods.includes('move') && !methods.includes('locate'))
    })

    test('checks its arguments first', () => {
        using island = new Island()
        const [a] = island.settle('a')
        assert.ok(a !== undefined)
        assert.throws(() => a.move({ when: () => 0 }), { code: 'invalid-argument' })
        assert.throws(() => a.move('x'.repeat(20_000)), { code: 'too-large' })
        assert.throws(() => a.locate('no id!', at('b')), { code: 'invalid-argument' })
        assert.throws(() => a.locate('b', new Map()), { code: 'invalid-argument' })
        const stranger = new Kibitzer({ id: 'x' })
        assert.throws(() => stranger.move(at('x')), { code: 'invalid-argument' })
        stranger.destroy()
    })

    test('ends the wait with a signal, and the request stands', async () => {
        using island = new Island()
        const [a, b] = island.settle('a', 'b', 'c')
        assert.ok(a !== undefined && b !== undefined)
        const controller = new AbortController()
        const moved = b.move(NORTH, { signal: controller.signal })
        controller.abort()
        assert.equal(await codeOf(moved), 'aborted')
        island.until(() => !b.status().isMoving)
        const again = b.move({ ...NORTH, zone: 'south' })
        island.crash('b')
        assert.equal(await codeOf(again), 'destroyed')
        assert.equal(await codeOf(b.move(NORTH)), 'destroyed')
    })

    test('of an exiled member rejects', async () => {
        using island = new Island()
        const [, b] = island.settle('a', 'b', 'c')
        assert.ok(b !== undefined)
        const left = b.leave()
        island.until(() => b.status().role === 'exile')
        await left
        assert.equal(await codeOf(b.move(NORTH)), 'exiled')
    })
})
