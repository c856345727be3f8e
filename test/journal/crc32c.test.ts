import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '../../src/journal/crc32c.js'

function bitwise(bytes: Uint8Array): number {
    let crc = -1
    for (const byte of bytes) {
        crc ^= byte
        for (let bit = 0; bit < 8; bit++) {
            crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78
        }
    }
    return ~crc >>> 0
}

test('crc32c returns the published check value, and the values of the bitwise algorithm', () => {
    const nine = Buffer.from('123456789')
    assert.equal(crc32c(nine, 0, nine.length), 0xe3069283)
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 167) & 255))
    for (let from = 0; from < 20; from++) {
        for (let to = from; to <= bytes.length; to++) {
            const expected = bitwise(bytes.subarray(from, to))
            assert.equal(crc32c(bytes, from, to), expected)
            const middle = from + ((to - from) >> 1)
            assert.equal(crc32c(bytes, middle, to, crc32c(bytes, from, middle)), expected)
        }
    }
})
