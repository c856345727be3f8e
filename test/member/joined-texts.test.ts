import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JoinedTexts } from '../../src/member/joined-texts.js'
import { MemoryBlocks } from '../../src/member/memory-blocks.js'
import { lots } from '../paxos/lots.js'

test('makes the same texts again', () => {
    const cases = [
        [], [''], ['', 'a', ''], ['ab', 'cd\n\u0000"'], ['a', '\u0080', 'é'], ['\ud800', '\udc00'],
        ['a', '𝕏', '\udc00a']
    ]
    for (const texts of cases) {
        assert.deepEqual(new JoinedTexts(texts, new MemoryBlocks()).split(), texts)
    }
})

test('makes any texts again', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
    fc.assert(fc.property(fc.array(text), (texts) => {
        assert.deepEqual(new JoinedTexts(texts, new MemoryBlocks()).split(), texts)
    }), lots(300))
})

test('takes one byte for a letter of ASCII texts', () => {
    const before = process.memoryUsage().arrayBuffers
    const texts = ['a'.repeat(2 ** 20), 'b']
    const kept = Array.from({ length: 20 }, () => new JoinedTexts(texts, new MemoryBlocks()))
    const bytes = (process.memoryUsage().arrayBuffers - before) / kept.length
    assert.ok(bytes < 1.1 * 2 ** 20, `one text of 1 MiB takes ${bytes} bytes`)
})
