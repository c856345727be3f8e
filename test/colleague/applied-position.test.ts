import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AppliedPosition } from '../../src/colleague/applied-position.js'

describe('AppliedPosition', () => {
    test('resolves waits in the order of the promises', async () => {
        const applied = new AppliedPosition()
        const resolved: string[] = []
        const waiting = ['1/3', '1/1', '2/0', '1/2', '1/1'].map((promise) =>
            applied.wait(promise).then(() => { resolved.push(promise) }))
        applied.advance('1/1')
        applied.advance('1/2')
        await applied.wait('1/0')
        assert.deepEqual(resolved, ['1/1', '1/1', '1/2'])
        applied.advance('2/0')
        await Promise.all(waiting)
        assert.deepEqual(resolved.slice(3), ['1/3', '2/0'])
        assert.equal(applied.position, '2/0')
    })

    test('rejects the open waits on close, and no resolved wait', async () => {
        const applied = new AppliedPosition()
        applied.advance('1/1')
        const waiting = assert.rejects(applied.wait('1/2'), /over/)
        applied.close(new Error('over'))
        await waiting
        await assert.rejects(applied.wait('1/2'), /over/)
        await applied.wait('1/1')
    })
})
