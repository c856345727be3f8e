import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readReply } from '../../src/colleague/out-of-band-messages.js'

test('readReply rebuilds the answer of a peer, or returns failed', () => {
    assert.deepEqual(readReply({ result: { x: 1 } }), { result: { x: 1 } })
    assert.deepEqual(readReply({ refusal: 'expired' }), { refusal: 'expired' })
    for (const hostile of [null, 7, [], {}, { refusal: 'whatever' }, { result: undefined }]) {
        assert.deepEqual(readReply(hostile), { refusal: 'failed' })
    }
})
