import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
    encodeOpaque, openMessage, opaqueSize, readOpaque, decodeOpaque, spellOpaque, wrap
} from '../../src/transport/opaque.js'
import { Assembly, PART_BYTES_MIN, spellPart } from '../../src/transport/parts.js'

const NO_PARTS = new Assembly(0)

describe('an opaque message', () => {
    test('carries every value, and its text is base64 only', () => {
        fc.assert(fc.property(fc.jsonValue(), (value) => {
            const text = spellOpaque(wrap(value))
            assert.match(text, /^\{"kibitz":"[A-Za-z0-9+/]+=*"\}$/)
            const opened = openMessage(JSON.parse(text), NO_PARTS, '')
            assert.ok(opened.form === 'opaque')
            assert.equal(JSON.stringify(opened.value), JSON.stringify(value))
        }))
    })

    test('has a different text each time, whatever value a client has chosen', () => {
        const texts = new Set(Array.from({ length: 100 }, () => wrap('chosen').kibitz))
        assert.ok(texts.size > 90)
    })

    test('takes as many bytes as its size says', () => {
        for (const bytes of [0, 1, 2, 3, 4, 1000]) {
            const text = spellOpaque({ kibitz: encodeOpaque(Buffer.alloc(bytes)) })
            assert.equal(text.length, opaqueSize(bytes))
        }
    })

    test('is no message if its text is too short, or holds no JSON in UTF-8', () => {
        for (const kibitz of ['', 'AAAA', encodeOpaque(Buffer.from('{')),
            encodeOpaque(Buffer.from([0x22, 0xff, 0x22]))]) {
            assert.deepEqual(openMessage({ kibitz }, NO_PARTS, ''), { form: 'broken' })
        }
        assert.equal(decodeOpaque('AAAA'), null)
    })

    test('is distinguished from a plain message without an exception', () => {
        const trap = { get kibitz(): string { throw new Error('a trap') } }
        for (const value of [null, 1, 'kibitz', [], {}, { kibitz: 1 }, trap,
            Object.create({ kibitz: 'inherited' })]) {
            assert.equal(readOpaque(value), null)
            assert.deepEqual(openMessage(value, NO_PARTS, ''), { form: 'plain', value })
        }
    })
})

/** A part of a message of two parts, full of a byte. */
function half(message: string, index: number, size: number = 2 * PART_BYTES_MIN) {
    return { message: message.padEnd(16, 'x'), index, count: 2, size }
}

describe('messages that arrive in parts', () => {
    const bytes = Buffer.alloc(PART_BYTES_MIN, 'y')

    test('are joined in any order, once', () => {
        const assembly = new Assembly(10_000)
        const value = 'z'.repeat(3000)
        const json = Buffer.from(JSON.stringify(value))
        const parts = [0, 1, 2].map((index) => ({
            kibitz: encodeOpaque(json.subarray(index * 1024, (index + 1) * 1024)),
            part: spellPart({ message: 'm'.repeat(16), index, count: 3, size: json.length })
        }))
        const [first, second, third] = parts
        for (const part of [third, third, first]) {
            assert.deepEqual(openMessage(part, assembly, 'a'), {
                form: 'part', value: { part: part?.part }
            })
        }
        assert.deepEqual(openMessage(second, assembly, 'a'), { form: 'opaque', value })
        assert.equal(assembly.size, 0)
    })

    test('do not mix with parts of other senders or messages', () => {
        const assembly = new Assembly(10_000)
        assert.equal(assembly.add(half('m', 0), bytes, 'a'), null)
        assert.equal(assembly.add(half('m', 1), bytes, 'b'), null)
        assert.equal(assembly.add(half('n', 1), bytes, 'a'), null)
        assert.equal(assembly.add({ ...half('m', 1), count: 3 }, bytes, 'a'), null)
        assert.equal(assembly.add(half('m', 1, 3000), bytes, 'a'), null)
        assert.equal(assembly.add(half('m', 1), bytes, 'a')?.length, 2 * PART_BYTES_MIN)
    })

    test('never hold more than the limit: the oldest message is dropped', () => {
        const assembly = new Assembly(10 * PART_BYTES_MIN)
        for (let message = 0; message < 100; message++) {
            assembly.add(half(`m${message}`, 0), bytes, 'a')
            assert.ok(assembly.size <= 10 * PART_BYTES_MIN)
        }
        assert.equal(assembly.add(half('m0', 1), bytes, 'a'), null)
        assert.equal(assembly.add(half('m99', 1), bytes, 'a')?.length, 2 * PART_BYTES_MIN)
    })

    test('are refused above the limit, if tiny, or if malformed', () => {
        const assembly = new Assembly(2 * PART_BYTES_MIN)
        assert.equal(assembly.add(half('m', 0, 2 * PART_BYTES_MIN + 1), bytes, 'a'), 'too-large')
        assert.equal(assembly.add(half('m', 0), Buffer.alloc(1), 'a'), null)
        assert.equal(assembly.size, 0)
        for (const part of ['', 'x 0 1 1', `${'m'.repeat(16)} 2 2 9`, `${'m'.repeat(16)} a 2 9`]) {
            assert.deepEqual(openMessage({ kibitz: encodeOpaque(bytes), part }, assembly, ''), {
                form: 'broken'
            })
        }
    })
})
