import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type {
    AskAnswer, OverviewAnswer, StepAnswer, WhyAnswer, WindowAnswer
} from '../../src/inspect/answers.js'
import { Inspector } from '../../src/inspect/inspector.js'
import { InspectServer } from '../../src/inspect/inspect-server.js'
import { OpeningInspector } from '../../src/inspect/opening-inspector.js'
import { readPage } from '../../src/inspect/page-files.js'
import { RecordedRepublic } from '../../src/inspect/recorded-republic.js'
import { island, rejects, replayerOf } from '../replay/testimonies.js'
import type { Testimony } from '../replay/witness.js'
import { publishAll, settleSeats } from '../support/runs.js'
import { NO_BROWSER, openPage, startBrowser } from './browser.js'
import { inspectorOf, journalsOf, leaderKilled } from './republics.js'
import '../support/silence.js'

/** A republic whose recordings are read through a number of inputs of all members. */
async function readThrough(testimonies: readonly Testimony[], count: number):
Promise<RecordedRepublic> {
    const replayers = await Promise.all(testimonies.map((each) => replayerOf(each)))
    const republic = new RecordedRepublic(replayers, false)
    let read = 0
    await assert.rejects(republic.read({
        observe: () => {
            if (++read === count) {
                throw new Error('enough')
            }
        }
    }), /enough/)
    return republic
}

/** The recordings of a part that is read. */
function cut(testimonies: readonly Testimony[], republic: RecordedRepublic): Testimony[] {
    return testimonies.map((testimony) => {
        const lane = republic.history.lanes.find(({ member }) => member === testimony.id)
        assert.ok(lane !== undefined)
        const { first, last } = lane
        return { ...testimony, played: testimony.played.slice(0, last - first + 1) }
    })
}

const LATE = /so far: the recordings are still being read\. Try again later\./

describe('a history that is being read', { timeout: 60_000 }, () => {
    const testimonies = leaderKilled()
    const total = testimonies.reduce((sum, { played }) => sum + played.length, 0)

    test('equals the history of recordings that end there', async () => {
        for (const share of [0.3, 0.5, 0.7, 0.9]) {
            const republic = await readThrough(testimonies, Math.floor(total * share))
            const growing = new Inspector(republic)
            const parts = cut(testimonies, republic)
                .filter(({ played }) => played.length > 0)
            const ended = await inspectorOf(parts)
            const { lanes, governments, gaps, reading, to } = growing.overview
            assert.deepEqual(governments, ended.overview.governments)
            assert.deepEqual(gaps, ended.overview.gaps)
            assert.deepEqual(reading, { done: Math.floor(total * share) - 1, of: total })
            assert.ok(to > ended.overview.to)
            for (const lane of ended.overview.lanes) {
                const same = lanes.find(({ member }) => member === lane.member)
                const { roles, starts, silences, diskWaits, from, to: end, last } = lane
                assert.deepEqual({ ...same, ...lane, unsettled: 0 },
                    {
                        ...same, roles, starts, silences, diskWaits, from, to: end, last,
                        unsettled: 0
                    })
            }
            const window = `window?from=0&to=${to + 1}`
            const { calls } = await growing.answer(window) as WindowAnswer
            const { calls: same } = await ended.answer(window) as WindowAnswer
            const withoutId = (each: WindowAnswer['calls'][number]): object =>
                ({ ...each, id: 0, fate: '' })
            const key = (each: object): string => JSON.stringify(each)
            assert.deepEqual(calls.map(withoutId).map(key).sort(),
                same.map(withoutId).map(key).sort())
        }
    })

    test('answers for the part that is read, and refuses the rest', async () => {
        const whole = await inspectorOf(testimonies)
        const growing = new Inspector(await readThrough(testimonies, Math.floor(total / 2)))
        const [, b] = growing.overview.lanes
        const last = b?.last ?? 0
        const end = whole.overview.lanes[1]?.last ?? 0
        assert.ok(last > 10 && last < end)
        const step = await growing.answer(`step?member=b&number=${last}`) as StepAnswer
        const same = await whole.answer(`step?member=b&number=${last}`) as StepAnswer
        assert.deepEqual([step.state, step.cause, step.last], [same.state, same.cause, last])
        await assert.rejects(growing.answer(`step?member=b&number=${end}`), LATE)
        await assert.rejects(growing.answer('entry?promise=ff/ff'), LATE)
        await assert.rejects(growing.answer('place?member=b&promise=ff/ff'), LATE)
        await assert.rejects(growing.answer(`what-if?member=b&number=${last}&kind=drop`),
            /A variant needs the whole recordings/)
        const { governments } = growing.overview
        const promise = governments.at(-1)?.promise ?? ''
        const why = await growing.answer(`entry?promise=${promise}`) as WhyAnswer
        assert.match(why.title, new RegExp(promise))
        const asked = await growing.answer('ask?member=b&from=1&expression=number') as AskAnswer
        assert.equal(asked.evaluated, last)
        assert.ok((whole.overview.reading ?? null) === null)
    })

    test('says that the end of a lane is not the end of its recording', async () => {
        const { overview } = new Inspector(await readThrough(testimonies, Math.floor(total / 2)))
        const { overview: whole } = await inspectorOf(testimonies)
        for (const { member, last, unread } of overview.lanes) {
            const ended = whole.lanes.find((lane) => lane.member === member)
            assert.equal(unread === undefined, last === ended?.last, member)
            // Inputs of one millisecond are spread over the millisecond.
            assert.ok(Math.abs((unread ?? ended?.to ?? 0) - (ended?.to ?? 0)) <= 1, member)
        }
        assert.ok(whole.lanes.every(({ unread }) => unread === undefined))
    })

    test('grows in the page', async (context) => {
        const part = new Inspector(await readThrough(testimonies, Math.floor(total / 2)))
        const whole = await inspectorOf(testimonies)
        let inspector = part
        const answer = (question: string): Promise<object> => inspector.answer(question)
        const server = new InspectServer({ answer }, readPage())
        const browser = await startBrowser()
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        try {
            const { page } = await openPage(browser, await server.listen(0))
            await page.getByText(/The chart shows the first \d+ of \d+ inputs, and grows/).waitFor()
            assert.ok(await page.locator('rect.unread').count() >= 3)
            const bands = page.locator('.government')
            assert.equal(await bands.count(), part.overview.governments.length)
            inspector = whole
            await page.locator('rect.unread').first().waitFor({ state: 'detached' })
            await page.getByText(/and grows/).waitFor({ state: 'detached' })
            assert.equal(await bands.count(), whole.overview.governments.length)
        } finally {
            await browser.close()
            await server.close()
        }
    })
})

describe('the opening of journals', { timeout: 60_000 }, () => {
    const base = mkdtempSync(join(tmpdir(), 'opening-'))
    after(() => rmSync(base, { recursive: true }))

    /** Journals with some thousand inputs: their replay takes longer than one turn. */
    async function journals(): Promise<readonly string[]> {
        const testimonies = island((land) => {
            settleSeats(land, ['a', 'b', 'c'])
            for (let round = 0; round < 130; round++) {
                publishAll(land, 20)
                land.level()
            }
        })
        return await journalsOf(testimonies, base)
    }

    test('answers before everything is read, and can be ended', async () => {
        const folders = await journals()
        const opening = new OpeningInspector(folders, false)
        let overview: Partial<OverviewAnswer> = {}
        while (overview.state !== 'ready') {
            overview = await opening.answer('overview') as OverviewAnswer
            await new Promise((resolve) => setImmediate(resolve))
        }
        const { done = 0, of = 0 } = overview.reading ?? {}
        assert.ok(done > 0 && done < of, `${done} of ${of}`)
        const { overview: whole } = await opening.opened
        assert.equal(whole.reading, undefined)
        assert.equal(whole.lanes.reduce((sum, { last }) => sum + last, 0), of)
        const ended = new AbortController()
        const other = new OpeningInspector(folders, false, ended.signal)
        ended.abort()
        await rejects(other.opened, 'aborted', /was aborted|ended/)
        assert.equal(Reflect.get(await other.answer('overview'), 'state'), 'failed')
    })
})
