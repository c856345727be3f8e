import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { FileJournal } from '../../src/journal/file-journal.js'
import { lockHolders } from '../../src/journal/folder-lock.js'
import type { Said } from './child.js'
import { dice } from './dice.js'
import { JournalProcess } from './process.js'
import { codeOf } from './records.js'

/** How often a process is killed. */
const CYCLES = Number(process.env['KIBITZ_KILLS'] ?? 20)

const OWNER = 'member-1'

let folder = ''

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kibitz-journal-'))
})

afterEach(() => {
    rmSync(folder, { recursive: true })
})

/** Whether the folder refuses a second holder. */
async function isLocked(place: string): Promise<boolean> {
    const journal = new FileJournal(place)
    const code = await codeOf(journal.open(OWNER))
    await journal.close()
    return code === 'journal-locked'
}

describe('a process with a journal', () => {
    test(`keeps every stable record over ${CYCLES} kills`, async () => {
        const random = dice(7)
        let stable = 0
        let snapshot = 0
        for (let cycle = 0; cycle < CYCLES; cycle++) {
            const worker = new JournalProcess('append', folder, OWNER)
            const opened = await worker.next()
            assert.ok(opened !== null && 'opened' in opened, JSON.stringify(opened))
            const { first, last, ok } = opened.opened
            assert.ok(last >= stable, `cycle ${cycle}: ${stable} was stable, ${last} is the last`)
            assert.ok(first > snapshot && ok, `cycle ${cycle}: ${first} after ${snapshot}`)
            const said: (Said | null)[] = []
            for (let count = random(60); count > 0; count--) {
                said.push(await worker.next())
            }
            said.push(...await worker.kill())
            for (const one of said) {
                stable = one !== null && 'stable' in one ? one.stable : stable
                snapshot = one !== null && 'snapshot' in one ? one.snapshot : snapshot
            }
        }
        assert.ok(stable > 500 && snapshot > 0, `${stable} records, ${snapshot} in a snapshot`)
    })

    test('locks the folder until the process dies, and no longer', async () => {
        const holder = new JournalProcess('hold', folder, OWNER)
        assert.ok('opened' in (await holder.next() ?? {}))
        const rival = new JournalProcess('hold', folder, OWNER)
        const [refusal] = await rival.rest()
        assert.ok(refusal !== undefined && 'refused' in refusal)
        assert.equal(refusal.refused, 'journal-locked')
        assert.match(refusal.message, new RegExp(`held by process ${holder.pid}\\.`))
        // One that stands still is not dead.
        holder.child.kill('SIGSTOP')
        assert.ok(await isLocked(folder))
        await holder.kill()
        assert.deepEqual(await lockHolders(folder), [])
        const heir = new FileJournal(folder)
        await heir.open(OWNER)
        await heir.close()
        assert.deepEqual(readdirSync(folder).filter((name) => /^hold/.test(name)), [])
    })

    test('is the only holder if five processes open the folder at once', async () => {
        const rivals = Array.from({ length: 5 }, () => new JournalProcess('hold', folder, OWNER))
        const first = await Promise.all(rivals.map((rival) => rival.next()))
        const winners = rivals.filter((_, index) => 'opened' in (first[index] ?? {}))
        assert.ok(winners.length <= 1, JSON.stringify(first))
        for (const refusal of first.filter((one) => one !== null && 'refused' in one)) {
            assert.equal(refusal !== null && 'refused' in refusal && refusal.refused,
                'journal-locked')
        }
        for (const { child } of rivals) {
            child.stdin?.end()
        }
        await Promise.all(rivals.map((rival) => rival.rest()))
    })
})

describe('a journal on the file system of this machine', () => {
    test('refuses a copy, and a copy that was restored over the original', async () => {
        const [place, backup] = [join(folder, 'journal'), join(folder, 'backup')]
        const journal = new FileJournal(place)
        await journal.open(OWNER)
        journal.append(Buffer.from('{}'))
        await journal.close()
        cpSync(place, backup, { recursive: true, preserveTimestamps: true })
        assert.equal(await codeOf(new FileJournal(backup).open(OWNER)), 'journal-foreign')
        // The inodes that become free are often the ones that the files of the copy get.
        rmSync(place, { recursive: true })
        execFileSync('cp', ['-a', backup, place])
        assert.equal(await codeOf(new FileJournal(place).open(OWNER)), 'journal-foreign')
    })

    test('reports ENOTDIR if the parent of the folder is a file', async () => {
        writeFileSync(join(folder, 'file'), '')
        await assert.rejects(new FileJournal(join(folder, 'file', 'below')).open(OWNER),
            { code: 'journal-failed', message: /ENOTDIR/ })
    })
})

/** Runs a program with a small disk of its own, mounted for it alone; `null` where none may be. */
function onSmallDisk(program: (place: string) => Promise<void>): Promise<void> | null {
    const place = join(folder, 'disk')
    mkdirSync(place)
    try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', place],
            { stdio: 'ignore' })
    } catch {
        return null
    }
    return program(place).finally(() => {
        execFileSync('umount', [place])
    })
}

describe('a journal on a full disk', () => {
    test('stops, and holds the stable records once the disk has room', async (context) => {
        const filled = onSmallDisk(async (place) => {
            writeFileSync(join(place, 'ballast'), Buffer.alloc(100 * 1024))
            const writer = new JournalProcess('fill', join(place, 'journal'), OWNER)
            const said = await writer.rest()
            const stable = said.reduce((most, one) => 'stable' in one ? one.stable : most, 0)
            const end = said.at(-1)
            assert.ok(end !== undefined && 'refused' in end, JSON.stringify(end))
            assert.equal(end.refused, 'journal-failed')
            assert.match(end.message, /ENOSPC/)
            assert.ok(stable > 0)
            rmSync(join(place, 'ballast'))
            const heir = new JournalProcess('hold', join(place, 'journal'), OWNER)
            const opened = await heir.next()
            assert.ok(opened !== null && 'opened' in opened, JSON.stringify(opened))
            assert.ok(opened.opened.last >= stable)
            heir.child.stdin?.end()
            await heir.rest()
        })
        if (filled === null) {
            // The simulated disk says ENOSPC at every call in any case.
            context.diagnostic('No small disk may be mounted here; only the simulated one is full.')
        }
        await filled
    })
})
