import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { restoreFrom } from '../../src/colleague/restoring.js'
import { sourcesOf } from '../../src/colleague/state-transfer.js'
import { SnapshotWatch } from '../../src/colleague/state-health.js'
import { Colleague } from '../../src/index.js'
import { MemoryJournal } from '../../src/journal/memory-journal.js'
import { nullGovernment } from '../../src/paxos/membership/government.js'
import { Counter } from './counter.js'
import { ColleagueGroup } from './colleague-group.js'
import '../support/silence.js'

const throughA = { through: () => [{ at: 'a' }] }

/** Makes every further snapshot of the application hang. */
function hang(application: Counter): void {
    Object.assign(application, {
        async *snapshot() {
            yield '{'
            await new Promise(() => {})
        }
    })
}

describe('a snapshot that never ends', () => {
    test('is given up, the application continues, and health() shows the reason', async () => {
        await using group = new ColleagueGroup({
            snapshotTimeout: 400, handoverTimeout: 300, handoverAttempts: 2
        })
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        hang(a.application)
        const { colleague } = await group.start('d')
        const joining = colleague.join(throughA)
        joining.catch(() => {})
        let makingMs: number | null | undefined = null
        await group.until(() => {
            a.colleague.health((_error, health) => { makingMs = health?.snapshot.makingMs })
            return (makingMs ?? 0) > 200
        })
        const publishing = a.colleague.publish({ add: 7 })
        assert.equal((await group.untilSettled(publishing)).result, 7)
        await assert.rejects(group.untilSettled(joining), { code: 'stateless' })
        const { snapshot, isCurrent, failure } = await a.colleague.health() ?? {}
        assert.deepEqual([isCurrent, failure, snapshot?.makingMs], [true, null, null])
        assert.deepEqual([snapshot?.failure?.code, snapshot?.failure?.purpose],
            ['timed-out', 'newcomer'])
        assert.ok((snapshot?.failure?.at ?? 0) > a.colleague.startedAt)
    })

    test('is not repeated at once if newcomers ask often', async () => {
        await using group = new ColleagueGroup({
            snapshotTimeout: 50, handoverTimeout: 300_000, handoverAttempts: 8, timeout: 600_000,
            ping: 10
        })
        const [a] = await group.startRepublic('a')
        let begun = 0
        Object.assign(a?.application ?? {}, {
            snapshot: () => {
                begun++
                throw new Error('no snapshot today')
            }
        })
        const { colleague } = await group.start('d')
        colleague.join(throughA)
        await group.until(() => {
            const { length } = group.questions.filter(({ post }) =>
                post.name === 'colleague.snapshot')
            return length > 3
        })
        assert.equal(begun, 1)
    })

    test('only delays the naturalization of a newcomer until a snapshot succeeds', async () => {
        await using group = new ColleagueGroup({ snapshotTimeout: 100 })
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        const { colleague, application } = await group.start('d', { journal: new MemoryJournal() })
        const plain = application.snapshot
        hang(application)
        let isJoined = false
        colleague.join(throughA).then(() => { isJoined = true })
        let failures = 0
        await group.until(() => {
            colleague.health((_error, health) => { failures = health?.snapshot.failures ?? 0 })
            return failures > 1
        })
        await group.untilSettled(colleague.publish({ add: 7 }))
        assert.equal(application.total, 7)
        const { snapshot } = await colleague.health() ?? {}
        assert.deepEqual([snapshot?.failure?.code, snapshot?.failure?.purpose],
            ['timed-out', 'journal'])
        const isNaturalized = (): boolean =>
            a.colleague.kibitzer.paxos.government.naturalized.includes('d')
        assert.deepEqual([isJoined, isNaturalized()], [false, false])
        application.snapshot = plain
        await group.until(() => isJoined && isNaturalized())
        const health = await colleague.health()
        assert.equal(health?.snapshot.failure, null)
        assert.ok((health?.snapshot.storedAgeMs ?? -1) >= 0)
    })
})

test('a state above snapshotSize still limits the journal', async () => {
    await using group = new ColleagueGroup({ snapshotSize: 10, snapshotEvery: 500 })
    const a = await group.start('a', { journal: new MemoryJournal() })
    await a.colleague.bootstrap({ islandId: 'run' })
    for (let add = 0; add < 40; add++) {
        await group.untilSettled(a.colleague.publish({ add }))
    }
    await group.advance(2500)
    const { journal, snapshot } = await a.colleague.health() ?? {}
    assert.ok((journal?.snapshot ?? 0) > 0)
    assert.ok((snapshot?.storedAt ?? 0) > 0)
    assert.equal(snapshot?.failure, null)
})

describe('a restore that makes no progress', () => {
    async function* two() {
        yield await Promise.resolve(Buffer.from('one'))
        yield Buffer.from('two')
    }
    const source = () => Object.assign(two(), { failure: null })

    test('stops the newcomer, with the reason', async () => {
        await using group = new ColleagueGroup({ restoreTimeout: 500 })
        await group.startRepublic('a')
        const { colleague, application } = await group.start('d')
        application.restore = () => new Promise(() => {})
        await assert.rejects(group.untilSettled(colleague.join(throughA)), {
            code: 'application-failed'
        })
        assert.match(String(colleague.failure?.cause), /SlowRestore: .*restoreTimeout/)
    })

    test('is detected by the time between two pieces, not by the total time', async () => {
        let ended = 0
        const restore = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
            for await (const _ of chunks) {
                ended++
            }
        }
        await restoreFrom({ restore }, source(), 60_000)
        assert.equal(ended, 2)
        const restoring = restoreFrom({ restore: () => new Promise(() => {}) }, source(), 10)
        await assert.rejects(restoring, { name: 'SlowRestore' })
    })

    test('reads the chunks that the application leaves, so that the end is checked', async () => {
        let isWhole = false
        async function* checked() {
            yield* two()
            isWhole = true
        }
        const restore = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
            await chunks[Symbol.asyncIterator]().next()
        }
        await restoreFrom({ restore }, Object.assign(checked(), { failure: null }), 60_000)
        assert.ok(isWhole)
    })
})

describe('a snapshot that blocks', () => {
    test('is recorded with its duration', async () => {
        const limits = { timeout: 100, snapshotTimeout: 1000 }
        const watch = new SnapshotWatch(() => 7, limits, { id: 'a', republic: null })
        await watch.watch('newcomer', async ({ blocked }) => blocked(2500))
        assert.deepEqual(watch.health().stall, { at: 7, ms: 2500 })
    })

    test('does not cost a Colleague its seat, with the defaults', () => {
        const application = new Counter()
        const colleague = new Colleague({ islandName: 'group', colleagueId: 'a', application })
        assert.equal(colleague.kibitzer.paxos.options.patience, 10_000)
        colleague.destroy()
        const patient = new Colleague({
            islandName: 'group', colleagueId: 'a', application, patience: 3000, timeout: 2000
        })
        assert.equal(patient.kibitzer.paxos.options.patience, 3000)
        patient.destroy()
    })

    test('happens first at a member without a seat, last at the leader', () => {
        const government = {
            ...nullGovernment('run'),
            majority: ['a', 'b'], minority: ['c'], constituents: ['d', 'e'],
            naturalized: ['a', 'b', 'c', 'd']
        }
        assert.deepEqual(sourcesOf('any', government, 'e'), ['d', 'c', 'b', 'a'])
        assert.deepEqual(sourcesOf('leader', government, 'e'), ['a'])
    })
})

describe('a source that is not ready', () => {
    test('is skipped for a ready source', async () => {
        await using group = new ColleagueGroup({ handoverTimeout: 60_000 })
        const [, b] = await group.startRepublic('a', 'b', 'c')
        group.faultOf = ({ to, post }, isAnswer) =>
            to !== 'a' && post.name === 'colleague.snapshot' && !isAnswer
                ? { reply: { refusal: 'not-ready' } }
                : null
        const begunAt = Date.now()
        const { application } = await group.join('d', 'a')
        assert.ok(Date.now() - begunAt < 5000)
        const asked = group.questions.filter(({ from, post }) =>
            from === 'd' && post.name === 'colleague.snapshot')
        // The newcomer asks the leader last, after the members that hold the state.
        assert.equal(asked[0]?.to === 'a', false)
        assert.equal(asked.at(-1)?.to, 'a')
        await group.untilLevel()
        assert.deepEqual(application.applied, b?.application.applied)
    })

    test('is asked again with pauses, and health() shows the obstacle', async () => {
        await using group = new ColleagueGroup({ handoverAttempts: 1, handoverTimeout: 60_000 })
        await group.startRepublic('a')
        let isReady = false
        group.faultOf = ({ post }, isAnswer) =>
            !isReady && post.name === 'colleague.snapshot' && !isAnswer
                ? { reply: { refusal: 'not-ready' } }
                : null
        const { colleague } = await group.start('d')
        const joining = colleague.join(throughA)
        await group.advance(20_000)
        const { handover } = await colleague.health() ?? {}
        assert.deepEqual([handover?.obstacle, handover?.attempt], ['a is not ready', 1])
        const asked = group.questions.filter(({ post }) => post.name === 'colleague.snapshot')
        assert.ok(asked.length < 60, `${asked.length} questions in 20 s`)
        isReady = true
        await group.untilSettled(joining)
    })

    test('answers not-ready while it receives its own state', async () => {
        await using group = new ColleagueGroup()
        await group.startRepublic('a')
        const { colleague } = await group.start('d')
        group.faultOf = ({ post, from }) =>
            from === 'd' && post.name === 'colleague.snapshot'
                ? { reply: { refusal: 'not-ready' } }
                : null
        colleague.join(throughA)
        const { paxos } = colleague.kibitzer
        await group.until(() => paxos.government.promise !== '0/0')
        const post = {
            islandName: 'group', islandId: 'run', colleagueId: 'd', name: 'colleague.snapshot',
            post: { founding: paxos.founding, through: '1/0' }
        }
        assert.deepEqual(await colleague.answer(post), { refusal: 'not-ready' })
        colleague.destroy()
        assert.deepEqual(await colleague.answer(post), { refusal: 'stateless' })
    })
})
