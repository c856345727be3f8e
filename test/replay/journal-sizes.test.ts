import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileJournal } from '../../src/journal/file-journal.js'
import { journalFilesIn } from '../../src/replay/journal-sizes.js'

test('the size of a journal shows each batch, and not the zeros behind the batches', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kibitz-sizes-'))
    const newestSize = async (): Promise<number> =>
        (await journalFilesIn(folder)).find(({ name }) => name.endsWith('.journal'))?.size ?? 0
    try {
        const journal = new FileJournal(folder, { segmentSize: 64 * 1024 * 1024 })
        await journal.open('a')
        journal.prepareSpace()
        const sizes: number[] = []
        for (const record of ['first', 'second', 'third']) {
            journal.append(Buffer.from(record))
            await journal.flush()
            sizes.push(await newestSize())
        }
        assert.deepEqual(sizes, [...new Set(sizes)].sort((a, b) => a - b))
        const [segment] = (await journalFilesIn(folder)).filter(({ name }) =>
            name.endsWith('.journal'))
        const path = join(folder, segment?.name ?? '')
        // Zeros beyond the first block that the look reads, also on systems that prepare none.
        await truncate(path, (await stat(path)).size + 1024 * 1024)
        assert.equal(await newestSize(), sizes.at(-1))
        await journal.close()
    } finally {
        await rm(folder, { recursive: true })
    }
})
