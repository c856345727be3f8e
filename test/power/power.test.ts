import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { dice } from '../journal/dice.js'
import { persecute } from './campaign.js'
import { Outage } from './outage.js'
import { Republic } from './republic.js'
import type { Seat } from './seat.js'
import { compile, whyNot } from './shim.js'
import { STILL } from './words.js'

/** How often the power goes here; `npm run kill -- --power --cycles N` goes on. */
const CYCLES = 20

/** Whether there can be a shim; loud where there cannot. */
function isReady(): boolean {
    const reason = whyNot()
    if (reason !== null) {
        console.warn(reason)
    }
    return reason === null
}

let folder = ''
let shim = ''

before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kibitz-power-'))
    shim = isReady() ? compile(folder) : ''
})

after(() => {
    rmSync(folder, { recursive: true })
})

/** A test with disks of its own. */
function onDisks(name: string, run: (disks: Outage) => Promise<void>): void {
    test(name, async () => {
        if (shim !== '') {
            await run(new Outage(mkdtempSync(join(folder, 'disks-')), shim))
        }
    })
}

async function strikeAll(republic: Republic, strike: (seat: Seat) => void): Promise<void> {
    await Promise.all(republic.seats.map((seat) => seat.kill()))
    for (const seat of republic.seats) {
        strike(seat)
        seat.raise()
    }
}

/**
 * How a loss shows: what was acknowledged is not there, or something else is in its place. It is
 * whichever is looked at first.
 */
const LOSSES =
    /^Error: \w (has lost \w's \d+ to \d+, acknowledged|and \w differ in their|says \S+ is \w)/

function isPublishing({ isLevel, acked }: Seat): boolean {
    return isLevel && acked > 5
}

describe('processes that lose power', () => {
    const often = `${CYCLES} times, with any unstored bytes`
    onDisks(`lose no acknowledged entry, ${often}`, async (disks) => {
        const random = dice(3)
        await using republic = await Republic.found(disks.manner)
        await persecute(republic, {
            cycles: CYCLES, random, blackout: (seat) => disks.strike(seat, random)
        })
        const gone = Object.keys(disks.census).filter((kind) => /something/.test(kind))
        assert.ok(gone.length > 0, JSON.stringify(disks.census))
    })

    onDisks('lose acknowledged entries if members answer before the sync', async (disks) => {
        await using republic = await Republic.found(disks.manner)
        await strikeAll(republic, (seat) => {
            seat.isHasty = true
            seat.pace = STILL
        })
        await republic.until('all publish', () => republic.seats.every(isPublishing))
        const random = dice(4)
        await strikeAll(republic, (seat) => disks.of(seat.id).losePower(random, 'lost'))
        await assert.rejects(
            republic.until('all are level', () => republic.seats.every(({ isLevel }) => isLevel)),
            LOSSES)
    })

    onDisks('lose no entry if hasty members are only killed', async (disks) => {
        await using republic = await Republic.found(disks.manner)
        for (const isHasty of [true, false]) {
            await strikeAll(republic, (seat) => {
                seat.isHasty = isHasty
                seat.pace = STILL
            })
            await republic.until('all publish', () => republic.seats.every(isPublishing))
        }
        await republic.compare()
    })
})

interface Failure {
    readonly call: 'sync' | 'write'
    readonly name: 'EIO' | 'ENOSPC'
}

const FAILURES: readonly Failure[] = [
    { call: 'sync', name: 'EIO' },
    { call: 'write', name: 'EIO' },
    { call: 'write', name: 'ENOSPC' }
]

/** Lets the disk of a member fail, and sees how it ends and how the others go on. */
async function fail(
    republic: Republic, disks: Outage, seat: Seat, { call, name }: Failure
): Promise<void> {
    const disk = disks.of(seat.id)
    const others = republic.seats.filter((other) => other !== seat)
    seat.isDoomed = true
    disk.order({ call, errno: constants.errno[name] })
    await republic.until('it ends', () => !seat.isAlive)
    assert.equal(seat.end?.ended, 'journal-failed')
    // Where a part was taken, the rest is asked for once more, and that says why it was but a part.
    assert.deepEqual(disk.tried, name === 'ENOSPC' ? ['write'] : [], 'it tries no more')
    const befores = others.map(({ acked }) => acked)
    await republic.until('the others go on', () => others.every(({ acked }, index) => {
        return acked > (befores[index] ?? 0) + 20
    }))
    seat.raise()
    await republic.until('it ends again', () => !seat.isAlive)
    assert.equal(seat.end?.ended, 'journal-failed', 'as long as its disk fails')
    disk.order(null)
    seat.isDoomed = false
}

/** Lets the disk of the leader fail, and then of another member, and compares them in the end. */
async function failTwice(disks: Outage, failure: Failure): Promise<void> {
    await using republic = await Republic.found(disks.manner)
    await strikeAll(republic, (seat) => {
        seat.pace = STILL
    })
    for (const leads of [true, false]) {
        await republic.until('all publish', () => republic.seats.every(isPublishing))
        const seat = republic.seats.find(({ id }) => leads === (id === republic.leader))
        assert.ok(seat !== undefined)
        await fail(republic, disks, seat, failure)
        if (leads) {
            // The system has forgotten what it could not write.
            disks.of(seat.id).losePower(dice(5), 'lost')
        }
        seat.raise()
    }
    await republic.until('all publish', () => republic.seats.every(isPublishing))
    await republic.compare()
}

describe('a process on a failing disk', () => {
    for (const failure of FAILURES) {
        const what = `${failure.name} of a ${failure.call}`
        onDisks(`ends at once, the others go on, the member returns: ${what}`,
            async (disks) => await failTwice(disks, failure))
    }
})
