import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeDocument } from '../src/journal/document.js'
import { readIdentity } from '../src/journal/identity.js'
import { decodeHead, encodeBatch, encodeHead, MAGIC, seedOf } from '../src/journal/layout.js'
import { killAt } from './journal/life.js'
import { Platter } from './journal/platter.js'
import {
    appendThrough, codeOf, FOLDER, journalOn, OWNER, record, reopen, state
} from './journal/records.js'

/** Several segments, a snapshot and records of several batches behind it. */
async function written(): Promise<{ platter: Platter, end: () => Promise<void> }> {
    const platter = new Platter()
    const journal = journalOn(platter)
    await journal.open(OWNER)
    for (let through = 3; through <= 30; through += 3) {
        appendThrough(journal, through)
        await journal.flush()
        if (through === 18) {
            await journal.snapshot(16, state(16))
        }
    }
    return { platter, end: async () => await journal.close() }
}

/** A journal that was closed in order. */
async function closed(): Promise<Platter> {
    const { platter, end } = await written()
    await end()
    return platter
}

/** A journal whose process was killed after the last flush. */
async function killed(): Promise<Platter> {
    const { platter } = await written()
    platter.crash()
    return platter
}

const REFUSALS = new Set(['journal-damaged', 'journal-foreign', 'journal-version'])

/** Refused, by a code that says why, and left as it was. */
async function assertRefused(platter: Platter, what: string): Promise<void> {
    const before = platter.paths().map((path) => platter.contents(path)?.toString('latin1'))
    const code = await codeOf(reopen(platter))
    assert.ok(typeof code === 'string' && REFUSALS.has(code), `${what}: ${String(code)}`)
    const after = platter.paths().map((path) => platter.contents(path)?.toString('latin1'))
    assert.deepEqual(after, before, `${what}: it was refused, and yet changed`)
}

function segmentsOf(platter: Platter): string[] {
    return platter.paths().filter((path) => path.endsWith('.journal'))
}

function newestOf(platter: Platter): string {
    return segmentsOf(platter).at(-1) ?? ''
}

describe('a journal on a disk that errs', () => {
    for (const [name, make] of Object.entries({ closed, killed })) {
        test(`refuses a flip of every byte of it, if it was ${name}`, async () => {
            const platter = await make()
            assert.ok(platter.paths().length >= 6, platter.paths().join(' '))
            let flips = 0
            for (const path of platter.paths()) {
                const bytes = platter.contents(path) ?? Buffer.alloc(0)
                for (let at = 0; at < bytes.length; at++) {
                    // Another bit of each byte, and of one in eight all.
                    const mask = at % 8 === 0 ? 0xff : 1 << (at % 8)
                    const twin = platter.twin()
                    const flipped = Buffer.from(bytes)
                    flipped.writeUInt8(flipped.readUInt8(at) ^ mask, at)
                    twin.tamper(path, flipped)
                    await assertRefused(twin, `${path}, byte ${at}, ${mask}`)
                    flips++
                }
            }
            assert.ok(flips > 4000, `${flips} flips`)
            assert.deepEqual(await reopen(platter),
                { state: Buffer.concat(state(16)).toString(), first: 17, last: 30 })
        })

        test(`refuses every stale or misplaced sector, if it was ${name}`, async () => {
            const platter = await make()
            const files = platter.paths().map((path) => [path, platter.contents(path)] as const)
            for (const [path, bytes] of files) {
                for (let at = 0; bytes !== null && at < bytes.length; at += 512) {
                    const end = Math.min(at + 512, bytes.length)
                    const others = files.flatMap(([, other]) =>
                        other === null || other.length < end ? [] : [other.subarray(at, end)])
                    const elsewhere = at === 0 ? [] : [bytes.subarray(0, end - at)]
                    for (const wrong of [...others, ...elsewhere]) {
                        if (wrong.equals(bytes.subarray(at, end))) {
                            continue
                        }
                        const twin = platter.twin()
                        const mangled = Buffer.from(bytes)
                        wrong.copy(mangled, at)
                        twin.tamper(path, mangled)
                        await assertRefused(twin, `${path}, sector at ${at}`)
                    }
                }
            }
        })

        test(`refuses to do without any of its files, if it was ${name}`, async () => {
            const platter = await make()
            for (const path of platter.paths()) {
                const twin = platter.twin()
                twin.tamper(path, null)
                await assertRefused(twin, path)
                const emptied = platter.twin()
                emptied.tamper(path, Buffer.alloc(0))
                await assertRefused(emptied, `empty ${path}`)
            }
        })
    }

    test('refuses every cut of every file, if it was closed', async () => {
        const platter = await closed()
        for (const path of platter.paths()) {
            const bytes = platter.contents(path) ?? Buffer.alloc(0)
            for (let size = 0; size < bytes.length; size++) {
                const twin = platter.twin()
                twin.tamper(path, bytes.subarray(0, size))
                await assertRefused(twin, `${path}, cut to ${size}`)
            }
            const twin = platter.twin()
            twin.tamper(path, Buffer.concat([bytes, Buffer.from([0])]))
            await assertRefused(twin, `${path}, longer by one`)
        }
    })

    test('cuts the newest segment to a batch wherever a crash ended it', async () => {
        const { platter } = await written()
        platter.crash()
        const path = newestOf(platter)
        const bytes = platter.contents(path) ?? Buffer.alloc(0)
        const first = Number(/(\d+)\.journal/.exec(path)?.[1])
        const lasts = new Set<number>()
        for (let size = 256; size <= bytes.length; size++) {
            const twin = platter.twin()
            twin.tamper(path, bytes.subarray(0, size))
            const { last } = await reopen(twin)
            assert.ok(last >= first - 1 && last <= 30 && (last - first + 1) % 3 === 0)
            lasts.add(last)
            assert.equal((await reopen(twin)).last, last)
        }
        assert.deepEqual([...lasts].at(-1), 30)
        assert.ok(lasts.size > 1)
    })
})

describe('a journal whose newest segment lacks sectors', () => {
    test('cuts the last batch, and refuses where an earlier one lacks them', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: 64 * 1024 })
        await journal.open(OWNER)
        const ends = [256]
        for (let through = 20; through <= 100; through += 20) {
            appendThrough(journal, through)
            await journal.flush()
            ends.push(journal.stat().size)
        }
        platter.crash()
        const path = newestOf(platter)
        for (const [index, at] of ends.slice(0, -1).entries()) {
            const end = ends[index + 1] ?? 0
            for (const to of [at + 32, Math.ceil((at + 32) / 512) * 512, end]) {
                const twin = platter.twin()
                const bytes = Buffer.from(platter.contents(path) ?? []).fill(0, at, to)
                twin.tamper(path, bytes)
                if (index < ends.length - 2) {
                    await assertRefused(twin, `bytes ${at} to ${to}`)
                } else {
                    assert.equal((await reopen(twin)).last, 80)
                }
            }
        }
    })
})

describe('a journal with something behind its last batch', () => {
    test('refuses the beginning of a batch that does not follow on it', async () => {
        const platter = await killed()
        const path = newestOf(platter)
        const bytes = platter.contents(path) ?? Buffer.alloc(0)
        const { id } = await readIdentity(platter.disk(), FOLDER)
        for (const [first, chain] of [[31, 1], [30, 0]] as const) {
            const header = { length: 1000, first, count: 1, at: bytes.length, chain }
            const stale = Buffer.alloc(100, 'x')
            encodeBatch(stale, header, seedOf(id))
            const twin = platter.twin()
            twin.tamper(path, Buffer.concat([bytes, stale]))
            await assertRefused(twin, `record ${first}`)
        }
    })

    test('refuses a whole batch that is followed by anything', async () => {
        const platter = await killed()
        const path = newestOf(platter)
        const bytes = Buffer.from(platter.contents(path) ?? [])
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40)
        platter.tamper(path, Buffer.concat([bytes, Buffer.alloc(600)]))
        await assertRefused(platter, 'followed by zeros')
    })
})

describe('a journal in a folder', () => {
    test('refuses files of another journal, whoever owns that', async () => {
        const platter = await killed()
        for (const other of [await killed(), await closed()]) {
            for (const path of platter.paths().filter((one) => !one.endsWith('/identity'))) {
                const twin = platter.twin()
                twin.tamper(path, other.contents(path))
                await assertRefused(twin, path)
            }
        }
    })

    test('tells a copy, and one that was restored in place', async () => {
        const platter = await closed()
        assert.equal(await codeOf(reopen(platter.copy())), 'journal-foreign')
        const restored = platter.twin()
        // The inode is the one just given back, and only its time of birth tells.
        Object.assign(restored.find(`${FOLDER}/identity`), { born: 1 })
        assert.equal(await codeOf(reopen(restored)), 'journal-foreign')
    })

    test('tells a manifest that is older than its segments', async () => {
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

    test('notices that one is missing before a segment with nothing in it yet', async () => {
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

    test('is not taken for a new one when what makes it one is gone', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 1)
        await journal.close()
        platter.tamper(`${FOLDER}/identity`, null)
        await assertRefused(platter, 'identity')
    })

    test('says which record is wrong, where, and what to do', async () => {
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

    test('refuses what a later version wrote, and says so', async () => {
        const platter = await closed()
        for (const name of ['identity', 'manifest']) {
            const twin = platter.twin()
            const text = String(twin.contents(`${FOLDER}/${name}`)).split('\n')[0] ?? ''
            const value: unknown = { ...JSON.parse(text), format: 2, more: [] }
            twin.tamper(`${FOLDER}/${name}`, encodeDocument(value))
            assert.equal(await codeOf(reopen(twin)), 'journal-version')
        }
        for (const path of platter.paths().filter((one) => /l$|t$/.test(one))) {
            const kind = path.endsWith('.journal') ? MAGIC.segment : MAGIC.snapshot
            const bytes = Buffer.from(platter.contents(path) ?? [])
            const head = decodeHead(kind, bytes)
            if (head !== null) {
                const twin = platter.twin()
                encodeHead(kind, { ...head, format: 2 }).copy(bytes)
                twin.tamper(path, bytes)
                assert.equal(await codeOf(reopen(twin)), 'journal-version', path)
            }
        }
    })
})
