import assert from 'node:assert/strict'
import {
    copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync,
    writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { FileJournal } from '../../src/journal/file-journal.js'
import { fold } from '../../src/member/fold-encoding.js'
import { JournalGrowth } from '../../src/replay/journal-growth.js'
import { readFolder } from '../../src/replay/journal-recording.js'

const base = mkdtempSync(join(tmpdir(), 'growth-'))
after(() => rmSync(base, { recursive: true }))

const SIZE_MAX = 2 ** 30

function input(number: number): string {
    return JSON.stringify({ module: 'kibitz', method: 'publish', when: 1000 + number })
}

/** A journal that is open, and the reading of what follows. */
async function begun(name: string, sizeMax = SIZE_MAX, segmentSize = 64 * 1024): Promise<{
    readonly folder: string
    readonly journal: FileJournal
    readonly growth: JournalGrowth
    readonly write: (...numbers: readonly number[]) => Promise<void>
}> {
    const folder = join(base, name)
    const journal = new FileJournal(folder, { segmentSize })
    await journal.open('a')
    const write = async (...numbers: readonly number[]): Promise<void> => {
        for (const number of numbers) {
            journal.append(Buffer.from(input(number)))
        }
        await journal.flush()
    }
    await write(1, 2, 3)
    const reading = { sizeMax: SIZE_MAX, onBytes: () => {}, check: () => {}, untilDamage: true }
    const { end } = await readFolder(folder, reading)
    assert.ok(end !== undefined)
    return { folder, journal, growth: new JournalGrowth(folder, end, sizeMax), write }
}

function segmentsOf(folder: string): readonly string[] {
    return readdirSync(folder).filter((name) => name.endsWith('.journal')).sort()
        .map((name) => join(folder, name))
}

/** Changes the byte of a text in the newest segment. */
function flip(folder: string, text: string): void {
    const path = segmentsOf(folder).at(-1) ?? ''
    const bytes = readFileSync(path)
    const at = bytes.indexOf(text)
    assert.ok(at > 0)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    writeFileSync(path, bytes)
}

async function textsOf(growth: JournalGrowth): Promise<readonly string[] | null> {
    const inputs = await growth.read()
    return inputs === null ? null : inputs.map((each) => Buffer.from(each).toString())
}

describe('the growth of a journal', { timeout: 60_000 }, () => {
    test('is each new input once, also over segments, folds and a close', async () => {
        const { journal, growth, write } = await begun('plain', SIZE_MAX, 1024)
        assert.deepEqual(await textsOf(growth), [])
        await write(4)
        await write(5, 6)
        assert.deepEqual(await textsOf(growth), [input(4), input(5), input(6)])
        const many = Array.from({ length: 60 }, (_, index) => index + 7)
        for (const number of many) {
            await write(number)
        }
        assert.deepEqual(await textsOf(growth), many.map(input))
        journal.append(fold([input(67), input(68)]))
        await journal.close()
        assert.deepEqual(await textsOf(growth), [input(67), input(68)])
        assert.deepEqual(await textsOf(growth), [])
    })

    test('goes on after the member has started again', async () => {
        const { folder, journal, growth } = await begun('again')
        await journal.close()
        const returned = new FileJournal(folder)
        await returned.open('a')
        returned.append(Buffer.from(input(4)))
        await returned.flush()
        assert.deepEqual(await textsOf(growth), [input(4)])
        await returned.close()
    })

    test('waits for the rest of a batch', async () => {
        const { folder, journal, growth, write } = await begun('torn')
        await write(4)
        await journal.close()
        const closed = join(base, 'torn-closed')
        cpSync(folder, closed, { recursive: true })
        const opened = new FileJournal(folder)
        await opened.open('a')
        // As a copy of the file while the member writes.
        const [path = ''] = segmentsOf(folder)
        truncateSync(path, statSync(path).size - 40)
        assert.deepEqual(await textsOf(growth), [])
        copyFileSync(segmentsOf(closed)[0] ?? '', path)
        assert.deepEqual(await textsOf(growth), [input(4)])
        await opened.close()
    })

    test('is refused if the new part is damaged, also at its end', async () => {
        const { folder, journal, growth, write } = await begun('damaged')
        await write(4)
        await write(5)
        await journal.close()
        flip(folder, input(5))
        assert.equal(await growth.read(), null)
    })

    test('is refused if the end of the read part differs', async () => {
        const { folder, growth, write } = await begun('changed')
        await write(4)
        flip(folder, input(3))
        assert.equal(await growth.read(), null)
    })

    test('is refused if the file has become shorter, or is gone', async () => {
        const { folder, growth } = await begun('shorter')
        const [path = ''] = segmentsOf(folder)
        truncateSync(path, 300)
        assert.equal(await growth.read(), null)
        rmSync(path)
        assert.equal(await growth.read(), null)
    })

    test('is refused after a snapshot, and in another journal', async () => {
        const { folder, journal, growth, write } = await begun('snapshot')
        await journal.snapshot(3, [Buffer.from('state')])
        await write(4)
        assert.equal(await growth.read(), null)
        await journal.close()
        const other = await begun('other')
        await other.journal.close()
        rmSync(folder, { recursive: true })
        cpSync(join(base, 'other'), folder, { recursive: true })
        assert.equal(await growth.read(), null)
    })

    test('is refused beyond the size, and if a record holds no input', async () => {
        const small = await begun('large', 3 * input(1).length + 10)
        await small.write(4)
        assert.equal(await small.growth.read(), null)
        const foreign = await begun('foreign')
        foreign.journal.append(Buffer.from([0, 1, 2, 3]))
        await foreign.journal.flush()
        assert.equal(await foreign.growth.read(), null)
        await Promise.all([small, foreign].map(({ journal }) => journal.close()))
    })
})
