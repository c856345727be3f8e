import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { restoreFrom } from '../../src/colleague/restoring.js'
import { sourcesOf } from '../../src/colleague/state-transfer.js'
import { SnapshotWatch } from '../../src/colleague/state-health.js'
import { Colleague } from '../../src/index.js'
import { MemoryJournal } from '../../src/journal/memory-journal.js'
import { nullGovernment } from '../../src/paxos/membership/government.js'
import { Counter } from './counter.js'
import { Town } from './town.js'

const throughA = { through: () => [{ at: 'a' }] }

/** From now on a snapshot of the application begins and never ends. */
function hang(application: Counter): void {
    Object.assign(application, {
        async *snapshot() {
            yield '{'
            await new Promise(() => {})
        }
    })
}

describe('a snapshot that never ends', () => {
    test('is given up, the application goes on, and health() says why', async () => {
        await using town = new Town({
            snapshotTimeout: 400, handoverTimeout: 300, handoverAttempts: 2
        })
        const [a] = await town.settle('a')
        assert(a !== undefined)
        hang(a.application)
        const { colleague } = await town.land('d')
        const joining = colleague.join(throughA)
        joining.catch(() => {})
        let makingMs: number | null | undefined = null
        await town.until(() => {
            a.colleague.health((_error, health) => { makingMs = health?.snapshot.makingMs })
            return (makingMs ?? 0) > 200
        })
        const publishing = a.colleague.publish({ add: 7 })
        assert.equal((await town.during(publishing)).result, 7)
        await assert.rejects(town.during(joining), { code: 'stateless' })
        const { snapshot, isCurrent, failure } = await a.colleague.health() ?? {}
        assert.deepEqual([isCurrent, failure, snapshot?.makingMs], [true, null, null])
        assert.deepEqual([snapshot?.failure?.code, snapshot?.failure?.purpose],
            ['timed-out', 'newcomer'])
        assert.ok((snapshot?.failure?.at ?? 0) > a.colleague.startedAt)
    })

    test('is not begun again at once, however often newcomers ask', async () => {
        await using town = new Town({
            snapshotTimeout: 50, handoverTimeout: 300_000, handoverAttempts: 8, timeout: 600_000,
            ping: 10
        })
        const [a] = await town.settle('a')
        let begun = 0
        Object.assign(a?.application ?? {}, {
            snapshot: () => {
                begun++
                throw new Error('no snapshot today')
            }
        })
        const { colleague } = await town.land('d')
        colleague.join(throughA)
        await town.until(() => {
            const { length } = town.questions.filter(({ post }) =>
                post.name === 'colleague.snapshot')
            return length > 3
        })
        assert.equal(begun, 1)
    })

    test('keeps a newcomer from its seat, and nothing else, until it succeeds', async () => {
        await using town = new Town({ snapshotTimeout: 100 })
        const [a] = await town.settle('a')
        assert(a !== undefined)
        const { colleague, application } = await town.land('d', { journal: new MemoryJournal() })
        const plain = application.snapshot
        hang(application)
        let isJoined = false
        colleague.join(throughA).then(() => { isJoined = true })
        let failures = 0
        await town.until(() => {
            colleague.health((_error, health) => { failures = health?.snapshot.failures ?? 0 })
            return failures > 1
        })
        await town.during(colleague.publish({ add: 7 }))
        assert.equal(application.total, 7)
        const { snapshot } = await colleague.health() ?? {}
        assert.deepEqual([snapshot?.failure?.code, snapshot?.failure?.purpose],
            ['timed-out', 'journal'])
        const isNaturalized = (): boolean =>
            a.colleague.kibitzer.paxos.government.naturalized.includes('d')
        assert.deepEqual([isJoined, isNaturalized()], [false, false])
        application.snapshot = plain
        await town.until(() => isJoined && isNaturalized())
        const health = await colleague.health()
        assert.equal(health?.snapshot.failure, null)
        assert.ok((health?.snapshot.storedAgeMs ?? -1) >= 0)
    })
})

test('a state larger than newcomers may be handed bounds the journal all the same', async () => {
    await using town = new Town({ snapshotSize: 10, snapshotEvery: 500 })
    const a = await town.land('a', { journal: new MemoryJournal() })
    await a.colleague.bootstrap({ islandId: 'run' })
    for (let add = 0; add < 40; add++) {
        await town.during(a.colleague.publish({ add }))
    }
    await town.pass(2500)
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
        await using town = new Town({ restoreTimeout: 500 })
        await town.settle('a')
        const { colleague, application } = await town.land('d')
        application.restore = () => new Promise(() => {})
        await assert.rejects(town.during(colleague.join(throughA)), {
            code: 'application-failed'
        })
        assert.match(String(colleague.failure?.cause), /SlowRestore: .*restoreTimeout/)
    })

    test('is told by the time between two pieces, not by the time in all', async () => {
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

    test('reads what the application has left, so that the end is checked', async () => {
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
    test('is noted with its length', async () => {
        const limits = { timeout: 100, snapshotTimeout: 1000 }
        const watch = new SnapshotWatch(() => 7, limits, { id: 'a', republic: null })
        await watch.watch('newcomer', async ({ blocked }) => blocked(2500))
        assert.deepEqual(watch.health().stall, { at: 7, ms: 2500 })
    })

    test('does not cost a Colleague its seat, with the defaults', () => {
        const application = new Counter()
        const colleague = new Colleague({ islandName: 'town', colleagueId: 'a', application })
        assert.equal(colleague.kibitzer.paxos.options.patience, 10_000)
        colleague.destroy()
        const patient = new Colleague({
            islandName: 'town', colleagueId: 'a', application, patience: 3000, timeout: 2000
        })
        assert.equal(patient.kibitzer.paxos.options.patience, 3000)
        patient.destroy()
    })

    test('happens at a member without a seat first, and at the leader last', () => {
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
    test('is passed over for a source that is', async () => {
        await using town = new Town({ handoverTimeout: 60_000 })
        const [, b] = await town.settle('a', 'b', 'c')
        town.fate = ({ to, post }, isAnswer) =>
            to !== 'a' && post.name === 'colleague.snapshot' && !isAnswer
                ? { reply: { refusal: 'not-ready' } }
                : null
        const begunAt = Date.now()
        const { application } = await town.admit('d', 'a')
        assert.ok(Date.now() - begunAt < 5000)
        const asked = town.questions.filter(({ from, post }) =>
            from === 'd' && post.name === 'colleague.snapshot')
        // The leader is asked last, and once a member that holds the state has been asked.
        assert.equal(asked[0]?.to === 'a', false)
        assert.equal(asked.at(-1)?.to, 'a')
        await town.level()
        assert.deepEqual(application.applied, b?.application.applied)
    })

    test('is asked again until it is, with pauses, and health() says so', async () => {
        await using town = new Town({ handoverAttempts: 1, handoverTimeout: 60_000 })
        await town.settle('a')
        let isReady = false
        town.fate = ({ post }, isAnswer) =>
            !isReady && post.name === 'colleague.snapshot' && !isAnswer
                ? { reply: { refusal: 'not-ready' } }
                : null
        const { colleague } = await town.land('d')
        const joining = colleague.join(throughA)
        await town.pass(20_000)
        const { handover } = await colleague.health() ?? {}
        assert.deepEqual([handover?.obstacle, handover?.attempt], ['a is not ready', 1])
        const asked = town.questions.filter(({ post }) => post.name === 'colleague.snapshot')
        assert.ok(asked.length < 60, `${asked.length} questions in 20 s`)
        isReady = true
        await town.during(joining)
    })

    test('says so while its own state is on its way', async () => {
        await using town = new Town()
        await town.settle('a')
        const { colleague } = await town.land('d')
        town.fate = ({ post, from }) =>
            from === 'd' && post.name === 'colleague.snapshot'
                ? { reply: { refusal: 'not-ready' } }
                : null
        colleague.join(throughA)
        const { paxos } = colleague.kibitzer
        await town.until(() => paxos.government.promise !== '0/0')
        const post = {
            islandName: 'town', islandId: 'run', colleagueId: 'd', name: 'colleague.snapshot',
            post: { founding: paxos.founding, through: '1/0' }
        }
        assert.deepEqual(await colleague.answer(post), { refusal: 'not-ready' })
        colleague.destroy()
        assert.deepEqual(await colleague.answer(post), { refusal: 'stateless' })
    })
})
