import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pause, RetryDelay } from '../../src/colleague/backoff.js'

describe('RetryDelay', () => {
    test('doubles up to a maximum, with a random part', () => {
        const backoff = new RetryDelay(100, 1000, () => 0.5)
        const pauses = Array.from({ length: 6 }, () => backoff.next())
        assert.deepEqual(pauses, [75, 150, 300, 600, 750, 750])
    })

    test('ends if the signal aborts', async () => {
        await assert.rejects(pause(1000, AbortSignal.abort(new Error('over'))), /over/)
        const controller = new AbortController()
        const pausing = assert.rejects(pause(1_000_000, controller.signal), /over/)
        controller.abort(new Error('over'))
        await pausing
    })
})
