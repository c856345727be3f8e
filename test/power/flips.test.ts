import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FileJournal } from '../../src/journal/file-journal.js'
import { Kibitzer } from '../../src/member/kibitzer.js'
import { codeOf } from '../journal/records.js'
import { collect } from '../support/recording.js'
import { Image } from './image.js'
import { Republic } from './republic.js'
import '../support/silence.js'

/** Several files of records, and a snapshot, of a few dozen values. */
const SMALL = { stride: 12, segmentSize: 4 * 1024 }

/** How often a whole member is made of what a flip has left. */
const STRIDE = 251

/** Every flip is refused by one of these. */
const REFUSALS = new Set(['journal-damaged', 'journal-foreign', 'journal-version'])

let folder = ''

before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kibitz-flips-'))
})

after(() => {
    rmSync(folder, { recursive: true })
})

/** The folders of three members that were processes, and were killed or ended in order. */
async function dataSet(isKilled: boolean): Promise<readonly (readonly [string, Image])[]> {
    const place = join(folder, isKilled ? 'killed' : 'ended')
    await using republic = await Republic.found({ folder: place, pace: SMALL })
    const { seats } = republic
    await republic.until('all have a snapshot', () => seats.every(({ said }) => {
        return said.some((one) => 'snapshot' in one)
    }))
    for (const seat of seats) {
        seat.isDoomed = true
        seat.tell({ do: 'end' })
    }
    await (isKilled
        ? Promise.all(seats.map((seat) => seat.kill()))
        : republic.until('all end', () => seats.every(({ isAlive }) => !isAlive)))
    return await Promise.all(seats.map(async ({ id, household }) => {
        return [id, await Image.of(household.folder)] as const
    }))
}

/** All that a journal holds, as text; or the code by which it refuses. */
async function held(id: string, image: Image): Promise<string> {
    const journal = new FileJournal(image.folder, { disk: image })
    const code = await codeOf(journal.open(id))
    if (code !== null) {
        return String(code)
    }
    const { first } = journal.stat()
    const state = Buffer.concat(await collect(journal.readSnapshot())).toString('latin1')
    const records = await collect(journal.read(first))
    await journal.close()
    return `${first} ${state} ${records.map((one) => Buffer.from(one).toString()).join('\n')}`
}

/** Who comes back from it, as text; or the code by which nobody does. */
async function revived(id: string, image: Image): Promise<string> {
    const journal = new FileJournal(image.folder, { disk: image })
    const kibitzer = new Kibitzer({ id, journal, Date: { now: () => 0 } })
    const ended = new Promise((resolve) => kibitzer.destruction.wait(resolve))
    const code = await codeOf(kibitzer.recover())
    const text = code === null
        ? JSON.stringify([kibitzer.paxos.state(), kibitzer.islander.state()])
        : String(code)
    kibitzer.destroy()
    await ended
    return text
}

/** Flips some bits of each byte; yields how many flips were refused, and where they were not. */
async function flipAll(id: string, image: Image): Promise<{ refused: number, cut: string[] }> {
    const opened = image.twin()
    const whole = await held(id, opened)
    // What was being written beside is swept away, whatever it is.
    const kept = new Set(opened.paths)
    const member = await revived(id, image.twin())
    const cut: string[] = []
    let refused = 0
    for (const path of image.paths) {
        for (let at = 0; at < image.bytes(path).length; at++) {
            const mask = at % 8 === 0 ? 0xff : 1 << (at % 8)
            const flip = { path, at, mask }
            const left = await held(id, image.twin(flip))
            const isRefused = REFUSALS.has(left)
            assert.ok(isRefused || left === whole, `${path}, byte ${at}, ${mask}`)
            if (isRefused) {
                refused++
            } else if (kept.has(path)) {
                cut.push(`${path} ${at}`)
            }
            if ((!isRefused && kept.has(path)) || at % STRIDE === 0) {
                const who = await revived(id, image.twin(flip))
                assert.ok(who === left || who === member, `${path}, byte ${at}, ${mask}`)
            }
        }
    }
    return { refused, cut }
}

describe('the journal folders of three member processes', () => {
    for (const isKilled of [true, false]) {
        const name = isKilled ? 'killed' : 'ended in order'
        test(`are refused with any byte flipped, if the processes were ${name}`, async () => {
            for (const [id, image] of await dataSet(isKilled)) {
                assert.ok(image.paths.length >= 4, image.paths.join(' '))
                const manifest = image.bytes(join(image.folder, 'manifest')).toString('latin1')
                assert.equal(manifest.includes('"closed":null'), isKilled)
                const { refused, cut } = await flipAll(id, image)
                assert.ok(refused > 4000, `${refused} flips`)
                // A batch that was being written, and that nobody was told of, is no loss.
                const tail = image.paths.findLast((path) => /\.journal$/.test(path)) ?? ''
                const end = image.bytes(tail).length
                assert.deepEqual(cut, cut.map((_, index) => `${tail} ${end - cut.length + index}`))
                assert.ok(isKilled || cut.length === 0, `${cut.length} flips`)
            }
        })
    }
})
