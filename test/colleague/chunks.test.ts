import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cut, readPieces } from '../../src/colleague/chunks.js'
import type { Chunks } from '../../src/index.js'

const { signal } = new AbortController()
const TERMS = { limitMs: 60_000, signal, blocked: () => {} }

/** The pieces of a state, as text. A piece is valid until the request for the next piece. */
async function piecesOf(chunks: Chunks, size: number): Promise<readonly string[]> {
    const pieces: string[] = []
    for await (const piece of cut(readPieces(() => chunks, TERMS), size)) {
        pieces.push(String(piece))
    }
    return pieces
}

async function* slowly(...chunks: readonly (string | Uint8Array)[]) {
    for (const chunk of chunks) {
        await Promise.resolve()
        yield chunk
    }
}

describe('readPieces and cut', () => {
    for (const [what, chunks] of [
        ['text', 'abcdefgh'],
        ['bytes', Buffer.from('abcdefgh')],
        ['a buffer', new TextEncoder().encode('abcdefgh').buffer],
        ['a view of other numbers', new Uint16Array(new TextEncoder().encode('abcdefgh').buffer)],
        ['many small ones', [...'abcdefgh']],
        ['one large one and none', ['', 'abcdefg', new Uint8Array(0), 'h']],
        ['what comes slowly', slowly('abc', 'defgh')]
    ] as const) {
        test(`cut a state from ${what}`, async () => {
            assert.deepEqual(await piecesOf(chunks as Chunks, 3), ['abc', 'def', 'gh'])
        })
    }

    test('accept an empty state, and a state that ends with a full piece', async () => {
        assert.deepEqual(await piecesOf('', 3), [])
        assert.deepEqual(await piecesOf('abcdef', 3), ['abc', 'def'])
    })

    for (const piece of [7, null, undefined, {}, true]) {
        test(`reject the piece ${JSON.stringify(piece)}`, async () => {
            const chunks = ['abc', piece] as readonly string[]
            await assert.rejects(piecesOf(chunks, 3), { fault: 'threw' })
        })
    }

    test('give up a state if the application yields no piece in time', async () => {
        let isReturned = false
        const hanging = {
            [Symbol.asyncIterator]: () => ({
                next: () => new Promise<never>(() => {}),
                return: () => {
                    isReturned = true
                    return Promise.resolve({ done: true as const, value: undefined })
                }
            })
        }
        const reading = readPieces(() => hanging, { ...TERMS, limitMs: 10 })
        await assert.rejects(reading.next(), { fault: 'timed-out' })
        assert.ok(isReturned)
        const promised = readPieces(() => new Promise<string>(() => {}), { ...TERMS, limitMs: 10 })
        await assert.rejects(promised.next(), { fault: 'timed-out' })
    })

    test('let other work run during a state of many pieces', async () => {
        let hasHadTurn = false
        setImmediate(() => { hasHadTurn = true })
        function* endless(): Generator<string> {
            while (!hasHadTurn) {
                yield ''
            }
        }
        assert.deepEqual(await piecesOf(endless(), 3), [])
    })
})
