import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
    packBytes, packJson, unpackBytes, unpackJson
} from '../../src/colleague/chunk-encoding.js'
import { digestOf } from '../../src/colleague/disk-buffer.js'

test('a damaged chunk does not unpack', () => {
    const bytes = Buffer.from('abc')
    const packed = packJson({ bytes, digest: digestOf(bytes) })
    assert.equal(String(unpackJson(packed)?.bytes), 'abc')
    assert.equal(unpackJson({ ...packed, data: 'AAAA' }), null)
    assert.equal(unpackJson({ ...packed, digest: '' }), null)
    const bytesOnly = packBytes({ bytes, digest: digestOf(bytes) })
    assert.equal(String(unpackBytes(bytesOnly)?.bytes), 'abc')
    bytesOnly[bytesOnly.length - 1] = 0
    assert.equal(unpackBytes(bytesOnly), null)
    assert.equal(unpackBytes(new Uint8Array(7)), null)
})
