import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Claim, Results } from '../../src/colleague/results.js'

/** The results of a claim, as a promise. */
function settle(results: Results<string>, claim: Claim, promises: readonly string[]) {
    return new Promise<readonly string[]>((resolve, reject) => {
        results.collect(claim, promises, (error, all) => {
            if (error === null) {
                resolve(all)
            } else {
                reject(error)
            }
        })
    })
}

describe('Results', () => {
    test('reach their claims, collected before or after the result', async () => {
        const results = new Results<string>()
        const [first, second] = [results.claim(1), results.claim(2)]
        results.add('1/1', 'one')
        const settled = settle(results, first, ['1/1'])
        results.add('1/2', 'two')
        const others = settle(results, second, ['1/2', '1/3'])
        results.add('1/3', 'three')
        assert.deepEqual([await settled, await others], [['one'], ['two', 'three']])
        assert.equal(results.size, 0)
    })

    test('are not kept without a claim', () => {
        const results = new Results<string>()
        results.add('1/1', 'one')
        assert.equal(results.size, 0)
        const claim = results.claim(1)
        results.add('1/2', 'two')
        results.cancel(claim)
        assert.equal(results.size, 0)
    })

    test('of cancelled claims are dropped when the next claim collects', async () => {
        const results = new Results<string>()
        const [given, kept, later] = [results.claim(1), results.claim(1), results.claim(1)]
        results.cancel(given)
        for (const [index, what] of ['one', 'two', 'three'].entries()) {
            results.add(`1/${index + 1}`, what)
        }
        assert.deepEqual(await settle(results, kept, ['1/2']), ['two'])
        assert.equal(results.size, 1)
        assert.deepEqual(await settle(results, later, ['1/3']), ['three'])
    })

    test('that never come end on close', async () => {
        const results = new Results<string>()
        const waiting = assert.rejects(settle(results, results.claim(1), ['1/1']), /over/)
        results.close(new Error('over'))
        await waiting
        await assert.rejects(settle(results, results.claim(1), ['1/2']), /over/)
    })
})
