import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Dice, dice } from './dice.js'
import { killAt, liveUntilKilled, nothingTold, type Told } from './life.js'
import { type Luck, Platter } from './platter.js'
import { codeOf, type Held, journalOn, OWNER, readAll, reopen, state } from './records.js'

/** What was told is there, and nothing is there that was never written. */
function assertKept({ first, last, state: found }: Held, told: Told, what: string): void {
    assert.ok(last >= told.stable, `${what}: ${told.stable} was stable, and ${last} is the last`)
    assert.ok(last <= told.appended, `${what}: ${last} was never appended`)
    assert.ok(first - 1 === told.snapshot || first - 1 === told.wanted,
        `${what}: a snapshot through ${first - 1}, not ${told.snapshot} or ${told.wanted}`)
    const expected = first === 1 ? null : Buffer.concat(state(first - 1)).toString()
    assert.equal(found, expected, what)
}

/** How many things a loss of power would have to decide. */
function questions(platter: Platter): number {
    let count = 0
    platter.twin().losePower(() => {
        count++
        return false
    })
    return count
}

function answering(mask: number): Luck {
    let bit = 0
    return () => (mask >> bit++ & 1) === 1
}

function chance(random: Dice): Luck {
    const odds = random(4)
    return () => random(4) <= odds
}

/** All that a loss of power may do where that is little, else a part of it. */
function* fates(platter: Platter, random: Dice, most: number): Generator<Luck> {
    const count = questions(platter)
    if (2 ** count <= most) {
        for (let mask = 0; mask < 2 ** count; mask++) {
            yield answering(mask)
        }
        return
    }
    yield () => false
    yield () => true
    for (let draw = 0; draw < most; draw++) {
        yield chance(random)
    }
}

/** A disk on which a process made so many calls before it was killed. */
async function killedAt(
    call: number, isBusy: boolean, isPlain: boolean = false
): Promise<{ platter: Platter, told: Told, ended: boolean }> {
    const platter = new Platter()
    platter.isPlain = isPlain
    const told = nothingTold()
    killAt(platter, call)
    const error = await liveUntilKilled(platter, told, { rounds: 9, isBusy })
    return { platter, told, ended: error === null && platter.calls <= call }
}

async function loseAtEveryCall(isBusy: boolean, isPlain: boolean): Promise<void> {
    const random = dice(1)
    let losses = 0
    for (let call = 0; ; call++) {
        const { platter, told, ended } = await killedAt(call, isBusy, isPlain)
        for (const fate of fates(platter, random, 64)) {
            const twin = platter.twin()
            twin.losePower(fate)
            assertKept(await reopen(twin), told, `call ${call}`)
            losses++
        }
        if (ended) {
            assert.ok(call > 100 && losses > 400, `${call} calls, ${losses} losses`)
            return
        }
    }
}

describe('a journal', () => {
    for (const isBusy of [false, true]) {
        const pace = isBusy ? 'appending during a snapshot' : 'one operation at a time'
        test(`keeps the stable records if the power fails at any call, ${pace}`,
            async () => await loseAtEveryCall(isBusy, false))
    }

    test('keeps the stable records if the power fails at any call, without prepared space',
        async () => await loseAtEveryCall(true, true))

    test('keeps the stable records if the power fails while the journal opens', async () => {
        const random = dice(2)
        let losses = 0
        for (let call = 0; ; call += 2) {
            const { platter, told, ended } = await killedAt(call, call % 4 === 0)
            if (random(3) === 0) {
                platter.losePower(chance(random))
            }
            for (let second = 0; ; second++) {
                const twin = platter.twin()
                killAt(twin, second)
                const journal = journalOn(twin)
                const code = await codeOf(journal.open(OWNER))
                twin.onCall = () => {}
                const last = code === null ? journal.stat().last : told.stable
                twin.losePower(chance(random))
                const held = await reopen(twin)
                assertKept(held, { ...told, stable: last }, `calls ${call} and ${second}`)
                losses++
                if (code === null) {
                    break
                }
            }
            if (ended) {
                assert.ok(losses > 300, `${losses} losses`)
                return
            }
        }
    })

    test('keeps the stable records over twelve lives on one disk', async () => {
        for (let seed = 0; seed < 40; seed++) {
            const random = dice(1000 + seed)
            const platter = new Platter()
            const told = nothingTold()
            for (let life = 0; life < 12; life++) {
                killAt(platter, random(120))
                await liveUntilKilled(platter, told, { rounds: 4, isBusy: random(2) === 0 })
                if (random(2) === 0) {
                    platter.losePower(chance(random))
                } else {
                    platter.crash()
                }
                platter.onCall = () => {}
                const what = `seed ${seed}, life ${life}`
                const journal = journalOn(platter)
                await journal.open(OWNER)
                const held = await readAll(journal)
                assertKept(held, told, what)
                // What it holds now was told by its opening.
                Object.assign(told, {
                    appended: held.last, stable: held.last,
                    snapshot: held.first - 1, wanted: held.first - 1
                })
                platter.crash()
            }
            assert.ok(told.stable > 10, `seed ${seed}: ${told.stable}`)
        }
    })

    test('refuses to open or holds fewer records, but never wrong records, if the disk lies',
        async () => {
            const codes = new Map<unknown, number>()
            for (let seed = 0; seed < 200; seed++) {
                const random = dice(2000 + seed)
                const platter = new Platter()
                const told = nothingTold()
                await liveUntilKilled(platter, told, { rounds: 1, isBusy: false })
                platter.isLiar = true
                killAt(platter, random(100))
                await liveUntilKilled(platter, told, { rounds: 9, isBusy: false })
                platter.losePower(chance(random))
                platter.isLiar = false
                platter.onCall = () => {}
                // reopen compares every record with the one of its number.
                const code = await codeOf(reopen(platter))
                codes.set(code, (codes.get(code) ?? 0) + 1)
            }
            assert.deepEqual([...codes.keys()].sort(), ['journal-damaged', null].sort())
        })
})
