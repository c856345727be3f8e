import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, mock, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { GrowingRepublic } from '../../src/inspect/growing-republic.js'
import { Inspector } from '../../src/inspect/inspector.js'
import { RecordedRepublic } from '../../src/inspect/recorded-republic.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { isJournalFile } from '../../src/replay/journal-files.js'
import { ReplayedMember } from '../../src/replay/replayed-member.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { island } from '../replay/testimonies.js'
import type { Testimony } from '../replay/witness.js'
import { at } from '../support/island.js'
import { end } from '../support/recorded-pair.js'
import { publishAll, RUNS, settleSeats } from '../support/runs.js'
import { journalsOf, leaderKilled } from './republics.js'
import '../support/silence.js'

/** Small segments, so that a journal of a test has several. */
const SEGMENT = { segmentSize: 8 * 1024 }

/** Everything that the page can show of a republic. */
async function shownOf(republic: RecordedRepublic): Promise<readonly unknown[]> {
    const inspector = new Inspector(republic)
    const { overview } = inspector
    const { history } = republic
    const members = overview.lanes.filter(({ first, last }) => last >= first)
    const questions = [
        `window?from=0&to=${overview.to + 1}`,
        ...overview.gaps.map(({ index }) => `gap?index=${index}`),
        ...overview.governments.map(({ promise }) => `entry?promise=${promise}`),
        ...members.flatMap(({ member, first, last }) => [
            `open?member=${member}`, `inputs?member=${member}&from=${first}`,
            `step?member=${member}&number=${last}`,
            `ask?member=${member}&from=${first}&expression=committed`
        ])
    ]
    const answers: unknown[] = []
    for (const question of questions) {
        answers.push([question, await inspector.answer(question).catch(String)])
    }
    const offsets = members.map(({ member }) =>
        history.clockOffset(member, members[0]?.member ?? ''))
    return [overview, history.calls, history.governments, history.joined, offsets, ...answers]
}

/** Compares all that the page can show, as texts: a report of large objects would take minutes. */
async function compare(grown: RecordedRepublic, fresh: RecordedRepublic): Promise<void> {
    const expected = await shownOf(fresh)
    for (const [index, part] of (await shownOf(grown)).entries()) {
        const [text, wanted] = [JSON.stringify(part), JSON.stringify(expected[index])]
        if (text !== wanted) {
            const at = [...text].findIndex((character, place) => character !== wanted[place])
            const excerpt = (whole: string): string => whole.slice(Math.max(0, at - 200), at + 100)
            assert.fail(`part ${index}: ${excerpt(text)}\ninstead of ${excerpt(wanted)}`)
        }
    }
}

/** Writes recordings into journals, bit by bit, and calls `onBit` after each bit. */
async function replayBitByBit(
    testimonies: readonly Testimony[], base: string, seed: number,
    onBit: (folders: readonly string[], changed: ReadonlySet<string>) => Promise<void>
): Promise<void> {
    const folders = testimonies.map(({ id }) => join(base, id))
    const journals = await Promise.all(testimonies.map(async ({ id }, index) => {
        const journal = new FileJournal(folders[index] ?? '', SEGMENT)
        await journal.open(id)
        return journal
    }))
    const rest = testimonies.map(({ played }) => [...played])
    try {
        await onBit(folders, new Set())
        for (let state = seed; rest.some((inputs) => inputs.length > 0);) {
            const changed = new Set<string>()
            for (const [index, inputs] of rest.entries()) {
                state = (state * 48_271) % 0x7fff_ffff
                const bit = inputs.splice(0, state % 5 === 0 ? 0 : state % 80)
                for (const input of bit) {
                    journals[index]?.append(Buffer.from(input))
                }
                await journals[index]?.flush()
                changed.add(folders[index] ?? '')
            }
            await onBit(folders, changed)
        }
    } finally {
        await Promise.all(journals.map((journal) => journal.close()))
    }
    await onBit(folders, new Set(folders))
}

describe('a republic that grows with its journals', { timeout: 120_000 }, () => {
    const base = mkdtempSync(join(tmpdir(), 'growing-'))
    after(() => rmSync(base, { recursive: true }))
    afterEach(() => mock.restoreAll())

    const runs: Record<string, () => readonly Testimony[]> = {
        'whose leader was killed': leaderKilled,
        'whose clocks disagree': () => island((land) => {
            land.found('a')
            for (const [index, id] of ['b', 'c'].entries()) {
                const now = (): number => Date.now() + (index === 0 ? 700 : -4000)
                const kibitzer = land.land(id, { Date: { now } })
                kibitzer.join('republic', at('a'), at(id))
                land.level()
                kibitzer.naturalize()
            }
            publishAll(land, 5)
            land.pass(2_000)
            land.crash('a')
            publishAll(land, 5)
            land.level()
        }),
        ...Object.fromEntries(['lost calls, lost answers and crashes, seed 3',
            'a member that is cut off, and learns that it was exiled',
            'immigration, naturalization and growth to five, under load'].map((name) =>
            [`of ${name}`, () => island(RUNS[name] ?? (() => assert.fail()))]))
    }
    for (const [name, run] of Object.entries(runs)) {
        test(`equals a new reading at every step: a republic ${name}`, async () => {
            let growing: GrowingRepublic | null = null
            let steps = 0
            const folder = join(base, String(Object.keys(runs).indexOf(name)))
            await replayBitByBit(run(), folder, 7919, async (folders, changed) => {
                growing ??= await GrowingRepublic.open(folders, false)
                assert.notEqual(await growing.grow(changed), null, `step ${steps}`)
                const fresh = await RecordedRepublic.open(folders, false)
                await compare(growing.republic, fresh)
                steps++
            })
            assert.ok(steps >= 5, `${steps} steps`)
        })
    }

    test('is read anew if an input cannot be used', async () => {
        const folders = await journalsOf(leaderKilled(), join(base, 'unusable'))
        const growing = await GrowingRepublic.open(folders, false)
        const [folder = ''] = folders
        const journal = new FileJournal(folder)
        await journal.open('a')
        journal.append(Buffer.from('{"module":"kibitz","method":"sent","when":7}'))
        await journal.close()
        assert.equal(await growing.grow(new Set([folder])), null)
        const fresh = await GrowingRepublic.open(folders, false)
        assert.match(fresh.republic.damageOf('a'), /is not usable/)
        await compare(growing.republic, fresh.republic)
        assert.equal(await fresh.grow(new Set([folder])), null)
    })

    test('is read anew if a further member has a shorter timeout', async () => {
        const testimonies = island((land) => {
            settleSeats(land, ['a', 'b', 'c'])
            land.land('d', { timeout: 700 }).join('republic', at('a'), at('d'))
            land.level()
        })
        const [d] = testimonies.slice(-1)
        assert.equal(d?.id, 'd')
        const empty = testimonies.map((each) => (each === d ? { ...each, played: [] } : each))
        const folders = await journalsOf(empty, join(base, 'timeout'))
        const growing = await GrowingRepublic.open(folders, false)
        const journal = new FileJournal(folders.at(-1) ?? '')
        await journal.open('d')
        for (const input of d.played) {
            journal.append(Buffer.from(input))
        }
        await journal.close()
        assert.equal(await growing.grow(new Set(folders)), null)
    })

    test('replays each new input once, and no other input', async () => {
        const testimonies = island((land) => {
            settleSeats(land, ['a', 'b', 'c'])
            for (let round = 0; round < 20; round++) {
                publishAll(land, 5)
                land.level()
            }
        })
        let growing: GrowingRepublic | null = null
        let total = 0
        const folder = join(base, 'counted')
        await replayBitByBit(testimonies, folder, 104_729, async (folders, changed) => {
            growing ??= await GrowingRepublic.open(folders, false)
            const counted = [
                mock.method(ReplayedMember.prototype, 'apply'),
                mock.method(ReplayedMember.prototype, 'advance')
            ]
            const count = await growing.grow(changed) ?? assert.fail()
            total += count
            const replayed = counted.reduce((sum, { mock: calls }) => sum + calls.callCount(), 0)
            assert.equal(replayed, count)
            mock.restoreAll()
        })
        const all = testimonies.reduce((sum, { played }) => sum + played.length, 0)
        assert.ok(all > 400, String(all))
        assert.equal(total, all)
    })
})

/** Two members with journals, and copies of the journals, as of one moment. */
class RecordedPair {
    readonly #network = new MemoryNetwork()
    readonly #journals: string
    readonly #copies: string
    readonly #started: Kibitzer[] = []

    constructor(base: string) {
        this.#journals = join(base, 'journals')
        this.#copies = join(base, 'copies')
    }

    async start(id: string): Promise<Kibitzer> {
        const kibitzer = new Kibitzer({ id, journal: new FileJournal(join(this.#journals, id)) })
        this.#started.push(kibitzer)
        await kibitzer.recover()
        this.#network.attach(kibitzer)
        kibitzer.listen()
        return kibitzer
    }

    async endAll(): Promise<void> {
        await Promise.all(this.#started.filter(({ destroyed }) => !destroyed).map(end))
    }

    /** Copies the journals while the members stand still: no other code of the process runs. */
    copy(): readonly string[] {
        return ['a', 'b'].map((id) => {
            const [from, to] = [join(this.#journals, id), join(this.#copies, id)]
            rmSync(to, { recursive: true, force: true })
            mkdirSync(to, { recursive: true })
            for (const name of readdirSync(from).filter(isJournalFile)) {
                copyFileSync(join(from, name), join(to, name))
            }
            return to
        })
    }
}

describe('a republic of running members that grows', { timeout: 120_000 }, () => {
    const base = mkdtempSync(join(tmpdir(), 'growing-members-'))
    const pair = new RecordedPair(base)
    after(async () => {
        await pair.endAll()
        rmSync(base, { recursive: true })
    })

    test('equals a new reading after restarts, and is read anew after a snapshot', async () => {
        const a = await pair.start('a')
        a.bootstrap('pair', { memory: 'a' })
        let b = await pair.start('b')
        await b.join('pair', { memory: 'a' }, { memory: 'b' })
        let growing = await GrowingRepublic.open(pair.copy(), false)
        const grow = async (): Promise<number | null> => {
            const folders = pair.copy()
            const count = await growing.grow(new Set(folders))
            if (count === null) {
                assert.equal(await growing.grow(new Set()), null)
                growing = await GrowingRepublic.open(folders, false)
            }
            const fresh = await RecordedRepublic.open(folders, false)
            await compare(growing.republic, fresh)
            return count
        }
        for (let value = 0; value < 5; value++) {
            await a.publish({ value })
            assert.ok((await grow() ?? 0) > 0)
        }
        for (let restart = 0; restart < 2; restart++) {
            await end(b)
            assert.notEqual(await grow(), null)
            b = await pair.start('b')
            await b.publish({ restart })
            assert.ok((await grow() ?? 0) > 0)
        }
        const { promise } = await a.publish('before the snapshot')
        assert.ok((await grow() ?? 0) > 0)
        await a.snapshot(promise, Buffer.from('state'))
        assert.equal(await grow(), null)
        await b.publish('after the snapshot')
        assert.ok((await grow() ?? 0) > 0)
        await Promise.all([a, b].map(end))
        assert.notEqual(await grow(), null)
    })
})
