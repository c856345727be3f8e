import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { digestOf, DiskBuffer, BUFFER_MEMORY } from '../../src/colleague/disk-buffer.js'

const PIECE = 1024 * 1024

/** Pieces of one size, each of another byte. */
async function* piecesOf(count: number, onPiece = (_index: number): Promise<void> | void => {}) {
    const piece = Buffer.alloc(PIECE)
    for (let index = 0; index < count; index++) {
        await onPiece(index)
        yield piece.fill(index)
    }
    yield piece.subarray(0, 7).fill(99)
}

function folder(context: { after(undo: () => void): void }): string {
    const path = mkdtempSync(join(tmpdir(), 'kibitz-spool-'))
    context.after(() => rmSync(path, { recursive: true }))
    return path
}

describe('DiskBuffer', () => {
    for (const [what, count] of [['in memory', 2], ['in a file', 9]] as const) {
        test(`returns the written pieces, ${what}, to each reader at its own pace`, async (t) => {
            assert.equal(count * PIECE > BUFFER_MEMORY, count === 9)
            const path = folder(t)
            const spool = new DiskBuffer('2/0', PIECE, path)
            await spool.fill(piecesOf(count), Number.MAX_SAFE_INTEGER)
            assert.deepEqual(readdirSync(path), [])
            for (const order of [[0, count, 1], [count, 0, count - 1]]) {
                for (const index of order) {
                    const { bytes, digest } = await spool.read(index) ?? assert.fail()
                    assert.equal(bytes.length, index === count ? 7 : PIECE)
                    assert.ok(bytes.every((byte) => byte === (index === count ? 99 : index)))
                    assert.deepEqual(digest, digestOf(bytes))
                }
            }
            assert.equal(await spool.read(count + 1), null)
            assert.equal(spool.total?.chunks, count + 1)
            assert.equal(spool.total?.size, count * PIECE + 7)
            await spool.close()
            assert.equal(await spool.read(count), null)
        })
    }

    test('returns pieces while the application writes further pieces', async (t) => {
        const spool = new DiskBuffer('2/0', PIECE, folder(t))
        let resume = (): void => {}
        const paused = new Promise<void>((resolve) => { resume = resolve })
        const filling = spool.fill(piecesOf(9, async (index) => {
            await (index === 6 ? paused : undefined)
        }), Number.MAX_SAFE_INTEGER)
        await spool.wait(5, 60_000)
        assert.equal((await spool.read(5))?.bytes[0], 5)
        assert.deepEqual([await spool.read(6), spool.total], [null, null])
        const waiting = spool.wait(6, 60_000)
        resume()
        await waiting
        assert.equal((await spool.read(6))?.bytes[0], 6)
        await filling
        await spool.wait(1000, 60_000)
        await spool.close()
    })

    test('fails if the state is too large, and closes its file', async (t) => {
        const spool = new DiskBuffer('2/0', PIECE, folder(t))
        let asked = 0
        const filling = spool.fill(piecesOf(100, () => { asked++ }), 6 * PIECE)
        await assert.rejects(filling, { fault: 'too-large' })
        assert.equal(asked, 7)
        assert.equal(spool.failure?.fault, 'too-large')
        assert.equal(await spool.read(0), null)
    })

    test('ends fill and all waits on close', async (t) => {
        const spool = new DiskBuffer('2/0', PIECE, folder(t))
        const filling = spool.fill(piecesOf(100, async (index) => {
            if (index === 6) {
                await spool.close()
            }
        }), Number.MAX_SAFE_INTEGER)
        await assert.rejects(filling, { name: 'UnreadState' })
        await spool.wait(99, 60_000)
    })

    test('reports a write error as spool-failed', async () => {
        const spool = new DiskBuffer('2/0', PIECE, '/nowhere/at/all')
        const filling = spool.fill(piecesOf(9), Number.MAX_SAFE_INTEGER)
        await assert.rejects(filling, { fault: 'spool-failed' })
    })
})
