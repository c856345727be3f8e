import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RetryDelay, pause } from '../../src/colleague/backoff.js'
import { cut, readPieces } from '../../src/colleague/chunks.js'
import { sum, toleranceOf } from '../../src/colleague/health.js'
import { AppliedPosition } from '../../src/colleague/applied-position.js'
import { readReply } from '../../src/colleague/out-of-band-messages.js'
import { type Claim, Results } from '../../src/colleague/results.js'
import { packJson, packBytes, unpackJson, unpackBytes } from '../../src/colleague/chunk-encoding.js'
import { digestOf } from '../../src/colleague/disk-buffer.js'
import type { Chunks } from '../../src/index.js'
import { nullGovernment } from '../../src/paxos/membership/government.js'

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
        let isTold = false
        const hanging = {
            [Symbol.asyncIterator]: () => ({
                next: () => new Promise<never>(() => {}),
                return: () => {
                    isTold = true
                    return Promise.resolve({ done: true as const, value: undefined })
                }
            })
        }
        const reading = readPieces(() => hanging, { ...TERMS, limitMs: 10 })
        await assert.rejects(reading.next(), { fault: 'timed-out' })
        assert.ok(isTold)
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

    test('a damaged chunk does not unpack', () => {
        const bytes = Buffer.from('abc')
        const packed = packJson({ bytes, digest: digestOf(bytes) })
        assert.equal(String(unpackJson(packed)?.bytes), 'abc')
        assert.equal(unpackJson({ ...packed, data: 'AAAA' }), null)
        assert.equal(unpackJson({ ...packed, digest: '' }), null)
        const parcel = packBytes({ bytes, digest: digestOf(bytes) })
        assert.equal(String(unpackBytes(parcel)?.bytes), 'abc')
        parcel[parcel.length - 1] = 0
        assert.equal(unpackBytes(parcel), null)
        assert.equal(unpackBytes(new Uint8Array(7)), null)
    })
})

describe('AppliedPosition', () => {
    test('resolves waits in the order of the promises', async () => {
        const horizon = new AppliedPosition()
        const told: string[] = []
        const waiting = ['1/3', '1/1', '2/0', '1/2', '1/1'].map((promise) =>
            horizon.wait(promise).then(() => { told.push(promise) }))
        horizon.advance('1/1')
        horizon.advance('1/2')
        await horizon.wait('1/0')
        assert.deepEqual(told, ['1/1', '1/1', '1/2'])
        horizon.advance('2/0')
        await Promise.all(waiting)
        assert.deepEqual(told.slice(3), ['1/3', '2/0'])
        assert.equal(horizon.position, '2/0')
    })

    test('rejects the open waits on close, and no resolved wait', async () => {
        const horizon = new AppliedPosition()
        horizon.advance('1/1')
        const waiting = assert.rejects(horizon.wait('1/2'), /over/)
        horizon.close(new Error('over'))
        await waiting
        await assert.rejects(horizon.wait('1/2'), /over/)
        await horizon.wait('1/1')
    })
})

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

describe('health and replies', () => {
    test('show the failures that a government tolerates', () => {
        const government = nullGovernment('run')
        for (const [seats, tolerates] of [0, 0, 0, 1, 1, 2].entries()) {
            const majority = Array.from({ length: seats }, (_, index) => `m${index}`)
            assert.equal(toleranceOf({ ...government, majority }, 5, 0).tolerates, tolerates)
        }
        const five = { ...government, majority: ['a', 'b', 'c'], minority: ['d', 'e'] }
        assert.equal(toleranceOf(five, 5, 1).text, '5 configured, 4 voting, tolerates 1')
        assert.equal(toleranceOf(five, 5, 4).text, '5 configured, 1 voting, tolerates 0')
    })

    test('add counts by code', () => {
        assert.deepEqual(sum({ a: 1, b: 2 }, {}, { b: 3, constructor: 1 }),
            { a: 1, b: 5, constructor: 1 })
    })

    test('rebuild the answer of a peer, or report failed', () => {
        assert.deepEqual(readReply({ result: { x: 1 } }), { result: { x: 1 } })
        assert.deepEqual(readReply({ refusal: 'expired' }), { refusal: 'expired' })
        for (const hostile of [null, 7, [], {}, { refusal: 'whatever' }, { result: undefined }]) {
            assert.deepEqual(readReply(hostile), { refusal: 'failed' })
        }
    })
})
