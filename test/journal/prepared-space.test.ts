import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HEAD, SECTOR } from '../../src/journal/format.js'
import { scanFolder } from '../../src/journal/scan-folder.js'
import type { Disk, DiskFile } from '../../src/journal/disk.js'
import { sectors } from '../support/sectors.js'
import { dice } from './dice.js'
import { type Call, Platter } from './platter.js'
import { appendThrough, codeOf, FOLDER, journalOn, OWNER, record, reopen } from './records.js'
import { assertRefused, newestOf } from './written.js'

const SEGMENT = 64 * 1024

/** The format that the manifest names. */
function formatOf(platter: Platter): unknown {
    const [line = ''] = String(platter.contents(`${FOLDER}/manifest`)).split('\n')
    return (JSON.parse(line) as { readonly format: unknown }).format
}

/** The bytes of the newest segment. */
function bytesOf(platter: Platter): Buffer {
    return Buffer.from(platter.contents(newestOf(platter)) ?? [])
}

/** A journal with some batches of two records, and prepared space; the process was killed. */
async function killedBefore(
    through: number, platter: Platter = new Platter()
): Promise<{ readonly platter: Platter, readonly ends: readonly number[] }> {
    const journal = journalOn(platter, { segmentSize: SEGMENT })
    await journal.open(OWNER)
    const ends = [journal.stat().size]
    while (journal.stat().last < through) {
        appendThrough(journal, journal.stat().last + 2)
        await journal.flush()
        ends.push(journal.stat().size)
    }
    platter.crash()
    return { platter, ends }
}

/** The last record after the loss of these bytes; `null` if the journal is refused. */
async function lastWith(platter: Platter, bytes: Buffer): Promise<number | null> {
    const twin = platter.twin()
    twin.tamper(newestOf(twin), bytes)
    const code = await codeOf(reopen(twin.twin()))
    if (code === null) {
        return (await reopen(twin)).last
    }
    await assertRefused(twin, String(code))
    return null
}

/** A disk whose files of records change between two looks of a reader. */
function changing(platter: Platter, onRead: (at: number) => void): Disk {
    const disk = platter.disk()
    const open = disk.open.bind(disk)
    return Object.assign(disk, {
        open: async (path: string, mode: 'read' | 'write'): Promise<DiskFile> => {
            const file = await open(path, mode)
            const read = file.read.bind(file)
            return path.endsWith('.journal')
                ? Object.assign(file, {
                    read: async (into: Uint8Array, at: number) => {
                        const count = await read(into, at)
                        onRead(at)
                        return count
                    }
                })
                : file
        }
    })
}

describe('the prepared space of a journal', () => {
    test('is written in place, with one call and no change of the length', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: SEGMENT })
        await journal.open(OWNER)
        appendThrough(journal, 1)
        await journal.flush()
        const { length } = bytesOf(platter)
        assert.ok(length >= 4096 && length > journal.stat().size)
        assert.equal(formatOf(platter), 2)
        const calls: Call[] = []
        platter.onCall = (call) => void calls.push(call)
        appendThrough(journal, 2)
        await journal.flush()
        assert.deepEqual(calls.map(({ name }) => name), ['write', 'sync'])
        assert.equal(bytesOf(platter).length, length)
        platter.onCall = () => {}
        await journal.close()
    })

    test('is gone after an orderly close, and the folder has the earlier format', async () => {
        const { platter } = await killedBefore(6)
        assert.equal(formatOf(platter), 2)
        const journal = journalOn(platter, { segmentSize: SEGMENT })
        await journal.open(OWNER)
        appendThrough(journal, 8)
        await journal.flush()
        const { size } = journal.stat()
        assert.ok(bytesOf(platter).length > size)
        await journal.close()
        assert.equal(bytesOf(platter).length, size)
        assert.equal(formatOf(platter), 1)
        assert.equal((await reopen(platter)).last, 8)
    })

    test('never reaches beyond a full segment, and no earlier segment has any', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: 10_000 })
        await journal.open(OWNER)
        for (let through = 1; through <= 400; through++) {
            appendThrough(journal, through)
            await journal.flush()
        }
        const paths = platter.paths().filter((path) => path.endsWith('.journal'))
        assert.ok(paths.length > 4)
        for (const path of paths.slice(0, -1)) {
            assert.equal(platter.contents(path)?.at(-1), 0xff, path)
        }
        assert.ok(bytesOf(platter).length <= 10_000)
        platter.crash()
        assert.equal((await reopen(platter)).last, 400)
    })

    test('does not exist for large batches, and on a disk that only writes and synchronizes',
        async () => {
            const plain = new Platter()
            plain.isPlain = true
            const { ends } = await killedBefore(8, plain)
            assert.equal(bytesOf(plain).length, ends.at(-1))
            assert.equal(formatOf(plain), 1)
            const platter = new Platter()
            const journal = journalOn(platter, { segmentSize: SEGMENT })
            await journal.open(OWNER)
            journal.append(Buffer.alloc(2000, 'x'))
            await journal.flush()
            assert.equal(bytesOf(platter).length, journal.stat().size)
            await journal.close()
        })

    test('follows on the batches of an earlier format', async () => {
        const platter = new Platter()
        platter.isPlain = true
        await killedBefore(8, platter)
        // A write of the earlier format that was torn: the file ends within it.
        platter.tamper(newestOf(platter), bytesOf(platter).subarray(0, -40))
        platter.isPlain = false
        const { ends } = await killedBefore(12, platter)
        assert.equal(formatOf(platter), 2)
        assert.ok(bytesOf(platter).length > (ends.at(-1) ?? 0))
        assert.equal((await reopen(platter)).last, 12)
    })
})

describe('a torn write to prepared space', () => {
    test('is cut, whichever of its sectors are kept', async () => {
        const { platter, ends } = await killedBefore(40)
        const random = dice(3)
        const whole = bytesOf(platter)
        for (let count = 2; count < ends.length - 1; count++) {
            const [from = 0, to = 0] = ends.slice(count)
            for (let draw = 0; draw < 8; draw++) {
                // The last batch is the one at `from`: zeros follow.
                const bytes = Buffer.from(whole).fill(0, to)
                let isWhole = true
                for (const [start, end] of sectors(from, to)) {
                    if (random(2) === 0) {
                        bytes.fill(0, start, end)
                        isWhole = false
                    }
                }
                assert.equal(await lastWith(platter, bytes), 2 * count + (isWhole ? 2 : 0))
            }
        }
    })

    test('is not mistaken for a flipped bit before, in or behind the last batch', async () => {
        const { platter, ends } = await killedBefore(12)
        const whole = bytesOf(platter)
        const end = ends.at(-1) ?? 0
        const sector = Math.floor(end / SECTOR + 1) * SECTOR
        for (let at = HEAD; at < whole.length; at += at < sector ? 1 : 37) {
            const bytes = Buffer.from(whole)
            const mask = at % 8 === 0 ? 0xff : 1 << (at % 8)
            bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at)
            // A write of which the first sector is lost may have left bytes in the later ones.
            assert.equal(await lastWith(platter, bytes), at < sector ? null : 12, `byte ${at}`)
        }
    })

    test('ends before prepared space: other bytes behind are damage', async () => {
        const { platter, ends } = await killedBefore(40)
        const index = ends.findIndex((from, count) =>
            Math.floor(from / SECTOR) < Math.floor(((ends[count + 1] ?? 0) - 1) / SECTOR))
        const [from = 0, to = 0] = ends.slice(index)
        const torn = bytesOf(platter).fill(0, to)
        torn.fill(0, Math.ceil((from + 1) / SECTOR) * SECTOR, to)
        assert.equal(await lastWith(platter, torn), 2 * index)
        torn.fill('x', torn.length - 1)
        assert.equal(await lastWith(platter, torn), null)
    })

    test('of the earlier format has no zeros behind it', async () => {
        const plain = new Platter()
        plain.isPlain = true
        await killedBefore(8, plain)
        const bytes = bytesOf(plain)
        const torn = Buffer.concat([bytes.subarray(0, -40), Buffer.alloc(40 + SECTOR)])
        assert.equal(await lastWith(plain, torn), null)
    })
})

describe('a journal that its member has open', () => {
    test('is no damage if a batch becomes complete between two looks at it', async () => {
        const { platter, ends } = await killedBefore(40)
        const whole = bytesOf(platter)
        const path = newestOf(platter)
        for (const [index, from] of ends.slice(1, -1).entries()) {
            // A reader sees the header of a batch, and zeros instead of its records.
            const partial = Buffer.from(whole).fill(0, from + 64)
            platter.tamper(path, partial)
            let reads = 0
            const disk = changing(platter, () => {
                reads++
                if (reads === 2) {
                    platter.tamper(path, whole)
                }
            })
            const names = await disk.list(FOLDER) ?? []
            const scan = await scanFolder({ disk, folder: FOLDER, isInUse: true }, names, null)
            assert.ok(scan.position.last >= 2 * index + 2, `byte ${from}`)
            // The member is killed, and its disk loses nothing.
            platter.tamper(path, whole)
        }
        const broken = Buffer.from(whole)
        const at = (ends[4] ?? 0) + 70
        broken.writeUInt8(broken.readUInt8(at) ^ 1, at)
        platter.tamper(path, broken)
        const disk = platter.disk()
        const names = await disk.list(FOLDER) ?? []
        const scanning = scanFolder({ disk, folder: FOLDER, isInUse: true }, names, null)
        assert.equal(await codeOf(scanning), 'journal-damaged')
    })
})

test('a record of zeros is kept behind and before prepared space', async () => {
    const platter = new Platter()
    const journal = journalOn(platter, { segmentSize: SEGMENT })
    await journal.open(OWNER)
    journal.append(Buffer.alloc(300))
    await journal.flush()
    journal.append(record(2))
    await journal.flush()
    platter.crash()
    const again = journalOn(platter, { segmentSize: SEGMENT })
    assert.equal((await again.open(OWNER)).last, 2)
    await again.close()
})
