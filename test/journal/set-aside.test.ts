import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { FileJournal } from '../../src/journal/file-journal.js'
import { codeOf } from './records.js'

/** A journal in a real folder, with one record. */
async function written(folder: string): Promise<FileJournal> {
    const journal = new FileJournal(folder)
    await journal.open('a')
    journal.append(Buffer.from('first'))
    await journal.flush()
    return journal
}

describe('setAside of a FileJournal', () => {
    test('keeps the records in a renamed folder, and begins with an empty one', async (t) => {
        const place = mkdtempSync(join(tmpdir(), 'kibitz-aside-'))
        t.after(() => rmSync(place, { recursive: true }))
        const folder = join(place, 'journal')
        for (const name of ['journal.exiled', 'journal.exiled-2']) {
            const journal = await written(folder)
            const next = await journal.setAside('exiled')
            assert.deepEqual(await next.open('a'), { snapshot: null, first: 1, last: 0 })
            await next.close()
            assert.ok(existsSync(join(place, name)))
            rmSync(folder, { recursive: true })
        }
        const kept = new FileJournal(join(place, 'journal.exiled'))
        assert.equal((await kept.open('a')).last, 1)
        await kept.close()
    })

    test('rejects and moves nothing if the folder cannot be renamed', async (t) => {
        const place = mkdtempSync(join(tmpdir(), 'kibitz-aside-'))
        t.after(() => rmSync(place, { recursive: true }))
        const folder = join(place, 'journal')
        const journal = await written(folder)
        // A rename of a missing folder fails, as a rename of a mount point does.
        rmSync(folder, { recursive: true })
        assert.equal(await codeOf(journal.setAside('exiled')), 'journal-failed')
        assert.ok(!existsSync(join(place, 'journal.exiled')))
    })
})
