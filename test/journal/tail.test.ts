import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readIdentity } from '../../src/journal/identity.js'
import { scanFolder } from '../../src/journal/scan-folder.js'
import { createSegment } from '../../src/journal/create.js'
import { JournalTail } from '../../src/journal/tail.js'
import { Platter } from './platter.js'
import { appendThrough, codeOf, FOLDER, journalOn, OWNER, record, state } from './records.js'

async function tailOf(platter: Platter): Promise<JournalTail> {
    const disk = platter.disk()
    const place = { disk, folder: FOLDER, isInUse: true }
    return new JournalTail(place, await scanFolder(place, await disk.list(FOLDER) ?? [], null))
}

/** The numbers of the records that a tail finds now. Checks the records. */
async function numbersOf(tail: JournalTail): Promise<readonly number[]> {
    const numbers: number[] = []
    for await (const { first, records } of tail.advance()) {
        for (const [index, bytes] of records.entries()) {
            assert.deepEqual(Buffer.from(bytes), record(first + index))
            numbers.push(first + index)
        }
    }
    return numbers
}

function range(from: number, to: number): readonly number[] {
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

describe('the tail of a journal', () => {
    test('reads each later record once, through segments, a close and a start', async () => {
        const platter = new Platter()
        let journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 3)
        await journal.flush()
        const tail = await tailOf(platter)
        assert.deepEqual(await numbersOf(tail), [])
        const found: number[] = []
        for (let through = 4; through <= 40; through += 3) {
            appendThrough(journal, through)
            await journal.flush()
            found.push(...await numbersOf(tail))
            assert.equal(tail.last, through)
            if (through === 25) {
                await journal.close()
                assert.deepEqual(await numbersOf(tail), [])
                journal = journalOn(platter)
                await journal.open(OWNER)
            }
        }
        assert.deepEqual(found, range(4, 40))
        assert.ok(platter.paths().filter((path) => path.endsWith('.journal')).length > 2)
        await journal.close()
    })

    test('leaves a batch that is not completely written for later', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: 1_000_000 })
        await journal.open(OWNER)
        appendThrough(journal, 2)
        await journal.flush()
        const [path = ''] = platter.paths().filter((each) => each.endsWith('.journal'))
        const { size: before } = journal.stat()
        const tail = await tailOf(platter)
        appendThrough(journal, 9)
        await journal.flush()
        const { size: end } = journal.stat()
        const whole = platter.contents(path)
        assert.ok(whole !== null && end > before && whole.length > end)
        for (let size = before; size < end; size += 7) {
            platter.tamper(path, whole.subarray(0, size))
            assert.deepEqual(await numbersOf(tail), [])
        }
        platter.tamper(path, whole)
        assert.deepEqual(await numbersOf(tail), range(3, 9))
        await journal.close()
    })

    test('continues behind records that a snapshot has replaced', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 2)
        await journal.flush()
        const tail = await tailOf(platter)
        for (const through of [10, 20, 30, 40]) {
            appendThrough(journal, through)
            await journal.flush()
        }
        await journal.snapshot(36, state(36))
        const numbers = await numbersOf(tail)
        assert.ok((numbers[0] ?? 0) > 3, String(numbers[0]))
        assert.deepEqual(numbers, range(numbers[0] ?? 0, 40))
        await journal.close()
    })

    test('returns from an empty segment that a start has removed', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: 1_000_000 })
        await journal.open(OWNER)
        appendThrough(journal, 2)
        await journal.flush()
        await journal.close()
        const tail = await tailOf(platter)
        const disk = platter.disk()
        const identity = await readIdentity(disk, FOLDER)
        const scan = await scanFolder({ disk, folder: FOLDER }, await disk.list(FOLDER) ?? [], null)
        await (await createSegment(disk, FOLDER, identity, scan.position)).close()
        assert.deepEqual(await numbersOf(tail), [])
        const again = journalOn(platter, { segmentSize: 1_000_000 })
        await again.open(OWNER)
        appendThrough(again, 5)
        await again.flush()
        assert.deepEqual(await numbersOf(tail), [3, 4, 5])
        await again.close()
    })

    test('refuses a segment that does not follow on the last record', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: 1_000_000 })
        await journal.open(OWNER)
        appendThrough(journal, 2)
        await journal.flush()
        const tail = await tailOf(platter)
        const disk = platter.disk()
        const identity = await readIdentity(disk, FOLDER)
        await (await createSegment(disk, FOLDER, identity, { last: 2, chain: 7 })).close()
        assert.equal(await codeOf(numbersOf(tail)), 'journal-damaged')
        await journal.close()
    })
})
