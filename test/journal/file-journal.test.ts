import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeSmallFile } from '../../src/journal/small-file.js'
import { decodeHead, encodeHead, FORMAT, MAGIC } from '../../src/journal/format.js'
import { killAt } from './life.js'
import { Platter } from './platter.js'
import {
    appendThrough, codeOf, FOLDER, journalOn, OWNER, record, reopen
} from './records.js'
import { assertRefused, closed, killed, newestOf, segmentsOf, written } from './written.js'

describe('a journal in a folder', () => {
    test('returns records that stay as they are while later records are read', async () => {
        const platter = new Platter()
        const count = 30
        // The records take three megabytes, more than the journal reads at a time.
        const wide = (number: number): Buffer => Buffer.alloc(100_000, `${number}.`)
        const journal = journalOn(platter, { segmentSize: 64 * 1024 * 1024 })
        await journal.open(OWNER)
        for (let number = 1; number <= count; number++) {
            journal.append(wide(number))
            await journal.flush()
        }
        await journal.close()
        const again = journalOn(platter)
        await again.open(OWNER)
        const records: Uint8Array[] = []
        for await (const each of again.read(1)) {
            records.push(each)
        }
        await again.close()
        assert.deepEqual(records, Array.from({ length: count }, (_, index) => wide(index + 1)))
    })

    test('refuses a file of another journal', async () => {
        const platter = await killed()
        for (const other of [await killed(), await closed()]) {
            for (const path of platter.paths().filter((one) => !one.endsWith('/identity'))) {
                const twin = platter.twin()
                twin.tamper(path, other.contents(path))
                await assertRefused(twin, path)
            }
        }
    })

    test('refuses a copy, and a folder that was restored in place', async () => {
        const platter = await closed()
        assert.equal(await codeOf(reopen(platter.copy())), 'journal-foreign')
        const restored = platter.twin()
        // The inode is the one just given back, and only its time of birth tells.
        Object.assign(restored.find(`${FOLDER}/identity`), { born: 1 })
        assert.equal(await codeOf(reopen(restored)), 'journal-foreign')
    })

    test('recognizes a copy by the inode if the file system reports no birth times', async () => {
        const platter = await closed()
        const copy = platter.copy()
        platter.tellsBirths = false
        copy.tellsBirths = false
        assert.equal(await codeOf(reopen(copy)), 'journal-foreign')
        assert.equal(await codeOf(reopen(platter)), null)
    })

    test('refuses a manifest that is older than the segments', async () => {
        const { platter } = await written()
        const older = platter.contents(`${FOLDER}/manifest`) ?? Buffer.alloc(0)
        platter.crash()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        for (let through = 40; through < 80; through += 10) {
            appendThrough(journal, through)
            await journal.flush()
        }
        platter.crash()
        platter.tamper(`${FOLDER}/manifest`, older)
        await assertRefused(platter, 'an older manifest')
    })

    test('refuses to open if the segment before an empty segment is missing', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        platter.onCall = ({ name }) => {
            // The manifest is about to know of a third segment, and then a batch is to go there.
            if (name === 'rename' && segmentsOf(platter).length === 3) {
                killAt(platter, 1)
            }
        }
        await codeOf((async () => {
            for (let through = 10; ; through += 10) {
                appendThrough(journal, through)
                await journal.flush()
            }
        })())
        const segments = segmentsOf(platter)
        assert.equal(segments.length, 3)
        assert.equal(platter.contents(segments.at(-1) ?? '')?.length, 256)
        assert.ok((await reopen(platter.twin())).last >= 10)
        platter.tamper(segments[1] ?? '', null)
        await assertRefused(platter, 'without the second segment')
    })

    test('refuses to open if the identity file is missing', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 1)
        await journal.close()
        platter.tamper(`${FOLDER}/identity`, null)
        await assertRefused(platter, 'identity')
    })

    test('names the damaged record, the position and the remedy in the error', async () => {
        const platter = await closed()
        const path = newestOf(platter)
        const bytes = Buffer.from(platter.contents(path) ?? [])
        bytes.writeUInt8(bytes.readUInt8(bytes.indexOf(record(30).subarray(0, 3))) ^ 1,
            bytes.indexOf(record(30).subarray(0, 3)))
        platter.tamper(path, bytes)
        await assert.rejects(reopen(platter), (error: Error) => {
            assert.match(error.message, /record 30 in the batch there is not what was written/)
            assert.match(error.message, /000\d+\.journal, at byte \d+/)
            assert.match(error.message, /an empty folder AND a new id/)
            return true
        })
    })

    test('refuses files of a later format with journal-version', async () => {
        const platter = await closed()
        for (const name of ['identity', 'manifest']) {
            const twin = platter.twin()
            const text = String(twin.contents(`${FOLDER}/${name}`)).split('\n')[0] ?? ''
            const value: unknown = { ...JSON.parse(text), format: FORMAT + 1, more: [] }
            twin.tamper(`${FOLDER}/${name}`, encodeSmallFile(value))
            assert.equal(await codeOf(reopen(twin)), 'journal-version')
        }
        for (const path of platter.paths().filter((one) => /l$|t$/.test(one))) {
            const kind = path.endsWith('.journal') ? MAGIC.segment : MAGIC.snapshot
            const bytes = Buffer.from(platter.contents(path) ?? [])
            const head = decodeHead(kind, bytes)
            if (head !== null) {
                const twin = platter.twin()
                encodeHead(kind, { ...head, format: FORMAT + 1 }).copy(bytes)
                twin.tamper(path, bytes)
                assert.equal(await codeOf(reopen(twin)), 'journal-version', path)
            }
        }
    })
})
