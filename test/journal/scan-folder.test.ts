import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readIdentity } from '../../src/journal/identity.js'
import { encodeBatch, seedOf } from '../../src/journal/format.js'
import { Platter } from './platter.js'
import { appendThrough, FOLDER, journalOn, OWNER, reopen, state } from './records.js'
import { assertRefused, closed, killed, newestOf, written } from './written.js'

describe('a journal with damaged files', () => {
    for (const [name, make] of Object.entries({ closed, killed })) {
        test(`refuses a flip in any byte of any file, if the journal was ${name}`, async () => {
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

        test(`refuses every stale or misplaced sector, if the journal was ${name}`, async () => {
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

        test(`refuses a missing or empty file, if the journal was ${name}`, async () => {
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

    test('refuses a truncated or extended file, if the journal was closed', async () => {
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

    test('truncates the newest segment to whole batches after a crash at any byte', async () => {
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

describe('a journal whose newest segment has zeroed bytes', () => {
    test('drops a last batch with zeros, and refuses zeros in an earlier batch', async () => {
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
                // A disk loses the whole sector of a header.
                if (index < ends.length - 2 || to === at + 32) {
                    await assertRefused(twin, `bytes ${at} to ${to}`)
                } else {
                    assert.equal((await reopen(twin)).last, 80)
                }
            }
        }
    })
})

describe('a journal with bytes behind the last batch', () => {
    test('refuses the beginning of a batch that does not continue the last batch', async () => {
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

    test('does not mistake a batch inside a record for a batch of the journal', async () => {
        const platter = new Platter()
        const journal = journalOn(platter, { segmentSize: 64 * 1024 })
        await journal.open(OWNER)
        appendThrough(journal, 1)
        await journal.flush()
        const path = newestOf(platter)
        const earlier = platter.contents(path)?.subarray(256) ?? Buffer.alloc(0)
        // Behind the headers of the batch and of the record, at a multiple of 32.
        journal.append(Buffer.concat([Buffer.alloc(12, 'x'), earlier, Buffer.alloc(900, 'x')]))
        await journal.flush()
        platter.crash()
        const bytes = platter.contents(path) ?? Buffer.alloc(0)
        assert.equal(bytes.indexOf(earlier, 257) % 32, 0)
        platter.tamper(path, bytes.subarray(0, -100))
        assert.equal((await reopen(platter)).last, 1)
    })

    test('refuses a damaged whole batch that more bytes follow', async () => {
        const platter = await killed()
        const path = newestOf(platter)
        const bytes = Buffer.from(platter.contents(path) ?? [])
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40)
        platter.tamper(path, Buffer.concat([bytes, Buffer.alloc(600)]))
        await assertRefused(platter, 'followed by zeros')
    })
})
