import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import type { WhyAnswer } from '../../src/inspect/answers.js'
import { Inspector } from '../../src/inspect/inspector.js'
import { RecordedRepublic } from '../../src/inspect/recorded-republic.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { watch } from '../replay/testimonies.js'
import { Island, type Passage } from '../support/island.js'
import { settleSeats } from '../support/runs.js'
import { inspectorOf, publishSecrets } from './republics.js'

/** Whether a call connects two members, in one direction or the other. */
function connects({ from, to }: Passage, one: string, other: string): boolean {
    return (from === one && to === other) || (from === other && to === one)
}

/** Members that keep their seats while links are cut: what the inspector shows of the cut. */
async function cutLinks(
    ids: readonly string[], isCut: (passage: Passage) => boolean
): Promise<Inspector> {
    return await inspectorOf(watch(() => {
        using land = new Island({ patience: 60_000, parliamentFloor: 3 })
        settleSeats(land, ids)
        publishSecrets(land, 3)
        land.level()
        land.fate = (passage) => (isCut(passage) ? 'lost' : null)
        publishSecrets(land, 1)
        land.pass(5000)
    }))
}

async function linesOf(inspector: Inspector, question: string): Promise<readonly string[]> {
    const { lines } = await inspector.answer(question) as WhyAnswer
    return lines.map(({ text, place }) => `${place?.member ?? ''}: ${text}`)
}

function has(lines: readonly string[], says: RegExp): void {
    assert.ok(lines.some((line) => says.test(line)), `${says}\n${lines.join('\n')}`)
}

describe('why, of partial connectivity', () => {
    test('quorum loss: the only connected member is elected, with the consent of all', async () => {
        const inspector = await cutLinks(['a', 'b', 'c', 'd', 'e'], ({ from, to }) =>
            from !== to && from !== 'e' && to !== 'e')
        assert.deepEqual(inspector.overview.gaps.map(({ before, after }) => [before, after]),
            [['a', 'e']])
        const lines = await linesOf(inspector, 'gap?index=0')
        has(lines, /^e: e becomes candidate .*; cause: a timer/)
        for (const id of ['a', 'b', 'c', 'd']) {
            has(lines, new RegExp(`^e: e asks ${id}: would you elect me\\? .*: granted`))
        }
        has(lines, /^a: a becomes citizen .*; cause: a call, sent at input \d+ of e/)
        assert.equal(lines.at(-1), 'e: e leads')
        const last = inspector.overview.governments.at(-1)
        assert.match(last?.change ?? '', /^e leads after a collapse/)
    })

    test('constrained election: the calls of the others are lost, d wins', async () => {
        const inspector = await cutLinks(['a', 'b', 'c', 'd', 'e'], ({ from, to }) =>
            from !== to && (from === 'a' || to === 'a' || (from !== 'd' && to !== 'd')))
        const [gap] = inspector.overview.gaps
        assert.deepEqual([gap?.before, gap?.after], ['a', 'd'])
        const lines = await linesOf(inspector, 'gap?index=0')
        has(lines, /^d: d asks a: would you elect me\? \(canvass\): the call was lost/)
        has(lines, /^d: d asks b: would you elect me\? \(canvass\): granted/)
        has(lines, /^d: d asks b for a promise \(prepare\): promised/)
        assert.equal(lines.at(-1), 'd: d leads')
        const taken = inspector.overview.governments.find(({ leader }) => leader === 'd')
        const why = await linesOf(inspector, `entry?promise=${taken?.promise}`)
        has(why, /^d: d leads/)
        // The lost leader had numbered another government alike: its calls do not count.
        has(why, /^d: d first sent the entry to another member; cause: an answer/)
        has(why, /^d: d added the entry to its log, committed by the answer of/)
    })

    test('a chain: no gap, and the leader replaces the member behind the cut link', async () => {
        const inspector = await cutLinks(['a', 'b', 'c'], (passage) => connects(passage, 'a', 'b'))
        const { gaps, governments } = inspector.overview
        assert.deepEqual(gaps, [])
        const { change, promise, leader } = governments.at(-1) ?? {}
        assert.equal(leader, 'a')
        assert.equal(change, 'c moved into the majority; b moved into the minority')
        const lines = await linesOf(inspector, `entry?promise=${promise}`)
        has(lines, /^a: b answered a for the last time before the change/)
        has(lines, /^a: a called b \d+ times? without an answer/)
    })
})

describe('why, of lost members', () => {
    test('a lost disk: the old incarnation is exiled, the new one joins', async () => {
        const testimonies = watch(() => {
            using land = new Island()
            land.settle('a', 'b', 'c')
            publishSecrets(land, 3)
            land.level()
            land.crash('c')
            land.until(() => !('c' in land.kibitzer('a').paxos.government.properties))
            land.admit('c', 'a')
            publishSecrets(land, 3)
            land.level()
        })
        const [a, b, lost, found] = testimonies
        assert.ok(a !== undefined && b !== undefined && found !== undefined)
        assert.deepEqual([lost?.id, found.id], ['c', 'c'])
        const inspector = await inspectorOf([a, b, found])
        const exile = inspector.overview.governments.find(({ change }) =>
            /c was exiled/.test(change))
        const lines = await linesOf(inspector, `entry?promise=${exile?.promise}`)
        has(lines, /^a: c answered a for the last time before the change/)
        has(lines, /^a: a called c \d+ times? without an answer/)
        const returned = inspector.overview.governments.findLast(({ change }) =>
            /c immigrated/.test(change))
        assert.ok((returned?.at ?? 0) > (exile?.at ?? Number.POSITIVE_INFINITY))
        const [, , lane] = inspector.overview.lanes
        assert.equal(lane?.offset, 0, 'no call of the lost incarnation is joined to the new one')
        assert.ok((lane?.from ?? 0) > (exile?.at ?? Number.POSITIVE_INFINITY) - 1)
    })

    test('a power loss of all members: three processes start in one gap', async () => {
        const base = mkdtempSync(join(tmpdir(), 'power-loss-'))
        try {
            const folders = await loseAllPower(base)
            const inspector = new Inspector(await RecordedRepublic.open(folders, false))
            const { gaps, lanes } = inspector.overview
            for (const { starts, silences } of lanes) {
                assert.equal(starts.length, 3, 'a birth and two processes')
                assert.ok(silences.every(({ isRestart }) => typeof isRestart === 'boolean'))
            }
            const gap = gaps.find(({ from, to }) => lanes.every(({ starts }) =>
                starts.some(([at], index) => index > 1 && at >= from && at <= to + 1)))
            assert.ok(gap !== undefined, JSON.stringify(gaps))
            const lines = await linesOf(inspector, `gap?index=${gap.index}`)
            for (const id of ['a', 'b', 'c']) {
                has(lines, new RegExp(`^${id}: a process of ${id} starts`))
            }
            assert.match(lines.at(-1) ?? '', /^[abc]: [abc] leads$/)
        } finally {
            rmSync(base, { recursive: true })
        }
    })
})

/** Starts a member from its journal. */
async function start(network: MemoryNetwork, id: string, folder: string): Promise<Kibitzer> {
    const kibitzer = new Kibitzer({
        id, journal: new FileJournal(folder), ping: 50, timeout: 400, logger: false
    })
    await kibitzer.recover()
    network.attach(kibitzer)
    kibitzer.listen()
    return kibitzer
}

async function end(members: readonly Kibitzer[]): Promise<void> {
    const ended = members.map((kibitzer) => new Promise((resolve) => {
        kibitzer.destruction.wait(resolve)
    }))
    for (const kibitzer of members) {
        kibitzer.destroy()
    }
    await Promise.all(ended)
}

/** Three members with journals that end at the same instant, and start again. */
async function loseAllPower(base: string): Promise<readonly string[]> {
    const ids = ['a', 'b', 'c']
    const folders = ids.map((id) => join(base, id))
    const startAll = async (): Promise<readonly Kibitzer[]> => {
        const network = new MemoryNetwork()
        return await Promise.all(ids.map((id, index) => start(network, id, folders[index] ?? '')))
    }
    const before = await startAll()
    const [a, b, c] = before
    assert.ok(a !== undefined && b !== undefined && c !== undefined)
    a.bootstrap('r', { memory: 'a' })
    await b.join('r', { memory: 'a' }, { memory: 'b' })
    await c.join('r', { memory: 'a' }, { memory: 'c' })
    b.naturalize()
    c.naturalize()
    while (a.paxos.government.majority.length + a.paxos.government.minority.length < 3) {
        await c.publish({ n: 1 })
    }
    await end(before)
    const after = await startAll()
    await Promise.all(after.map((kibitzer, n) => kibitzer.publish({ n })))
    await end(after)
    return folders
}
