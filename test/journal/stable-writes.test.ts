import assert from 'node:assert/strict'
import {
    closeSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync
} from 'node:fs'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Descriptors } from '../../src/journal/file-descriptors.js'
import { openStable } from '../../src/journal/stable-writes.js'
import { PreparingJournal } from './records.js'

const { O_DSYNC } = constants

/** The file systems on which a write in place is a gain, by their numbers: ext4, xfs, overlayfs. */
const IN_PLACE = [0xef53, 0x58465342, 0x794c7630]

const SHARED_MEMORY = '/dev/shm'

let folder = ''

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kibitz-stable-'))
})

afterEach(() => {
    rmSync(folder, { recursive: true })
})

async function isInPlace(place: string): Promise<boolean> {
    return process.platform === 'linux' && IN_PLACE.includes((await statfs(place)).type)
}

/** Descriptors of a system that treats the flag in a way of its own. */
class Odd extends Descriptors {
    readonly #flagsFor: (flags: number) => number
    opened = 0

    constructor(flagsFor: (flags: number) => number) {
        super()
        this.#flagsFor = flagsFor
    }

    override async open(path: string, flags: string | number): Promise<number> {
        const descriptor = await super.open(path, this.#flagsFor(Number(flags)))
        this.opened++
        return descriptor
    }

    override close(descriptor: number): void {
        this.opened--
        closeSync(descriptor)
    }
}

/** The bytes of the newest segment behind its records, while the journal is open. */
async function preparedIn(place: string): Promise<number> {
    const journal = new PreparingJournal(place)
    await journal.open('member-1')
    journal.append(Buffer.from('one'))
    assert.equal(await journal.flush(), 1)
    journal.append(Buffer.from('two'))
    assert.equal(await journal.flush(), 2)
    const size = (): number => statSync(join(place, '0000000000000001.journal')).size
    const prepared = size() - journal.stat().size
    await journal.close()
    assert.equal(size(), 256 + 2 * 64)
    return prepared
}

describe('a file of records', () => {
    test('is opened for stable writes on a file system that writes in place', async () => {
        const path = join(folder, 'records')
        writeFileSync(path, '')
        const descriptors = new Odd((flags) => flags)
        const descriptor = await openStable(descriptors, path)
        assert.equal(descriptor !== null, await isInPlace(folder))
        if (descriptor !== null) {
            descriptors.close(descriptor)
        }
        assert.equal(descriptors.opened, 0)
    })

    test('is written and synchronized if the system refuses or ignores the flag', async () => {
        const path = join(folder, 'records')
        writeFileSync(path, '')
        const refusing = new Odd(() => {
            throw Object.assign(new Error('EINVAL: invalid argument, open'), { code: 'EINVAL' })
        })
        const ignoring = new Odd((flags) => flags & ~O_DSYNC)
        for (const descriptors of [refusing, ignoring]) {
            assert.equal(await openStable(descriptors, path), null)
            assert.equal(descriptors.opened, 0)
        }
    })

    test('has prepared space of at most a mebibyte while the journal is open', async () => {
        const prepared = await preparedIn(join(folder, 'journal'))
        assert.equal(prepared, await isInPlace(folder) ? 1024 * 1024 - 256 - 2 * 64 : 0)
    })

    test('has no prepared space in memory', async () => {
        if (!existsSync(SHARED_MEMORY) || await isInPlace(SHARED_MEMORY)) {
            console.error('NO FILE SYSTEM IN MEMORY WAS TRIED: there is none here.')
            return
        }
        const place = mkdtempSync(join(SHARED_MEMORY, 'kibitz-stable-'))
        try {
            assert.equal(await preparedIn(place), 0)
            assert.ok(!readdirSync(place).some((name) => name.startsWith('hold')))
        } finally {
            rmSync(place, { recursive: true })
        }
    })
})
