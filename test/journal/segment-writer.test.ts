import assert from 'node:assert/strict'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DiskFile } from '../../src/journal/disk.js'
import { SegmentWriter } from '../../src/journal/segment-writer.js'

test('a batch of which the disk takes a part leaves no bytes in the prepared space', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kibitz-segment-'))
    const path = join(folder, 'segment')
    const handle = await open(path, 'w+')
    try {
        let isFull = false
        const write = async (bytes: Uint8Array, at: number): Promise<void> => {
            await handle.write(bytes, 0, isFull ? bytes.length >> 1 : bytes.length, at)
            if (isFull) {
                throw new Error('ENOSPC')
            }
        }
        const file: DiskFile = {
            size: async () => (await handle.stat()).size,
            read: async (into, at) => (await handle.read(into, 0, into.length, at)).bytesRead,
            write,
            writeStable: write,
            truncate: async (size) => await handle.truncate(size),
            sync: async () => await handle.sync(),
            close: async () => await handle.close()
        }
        const writer = new SegmentWriter(file, 0, 64 * 1024 * 1024, true)
        await writer.write(Buffer.alloc(300, 'a'), 0)
        isFull = true
        await assert.rejects(writer.write(Buffer.alloc(300, 'b'), 300), /ENOSPC/)
        assert.equal((await stat(path)).size, 300)
    } finally {
        await handle.close().catch(() => {})
        await rm(folder, { recursive: true })
    }
})
