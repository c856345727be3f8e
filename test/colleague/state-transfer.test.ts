import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Question } from './town.js'
import { Town } from './town.js'

/** Small, so that a state takes several chunks. */
const CHUNKED = { chunkSize: 16 }

/** What the newcomer asks for its state, among all questions. */
function isHandover({ from, post }: Question): boolean {
    return from === 'd' && /snapshot|chunk/.test(post.name)
}

/**
 * A newcomer takes over the state while entries keep coming. Its source dies at one step: before
 * it answers, or with the answer on its way.
 *
 * @returns Whether there was such a step.
 */
async function dieAt(step: number, isAnswer: boolean, source: 'leader' | 'any'): Promise<boolean> {
    await using town = new Town({ ...CHUNKED, source })
    const [, b, c] = await town.settle('a', 'b', 'c')
    assert(b !== undefined && c !== undefined)
    for (let number = 0; number < 10; number++) {
        await town.during(b.colleague.publish({ add: number }))
    }
    let steps = 0
    let hasDied = false
    town.fate = (question, isReply) => {
        if (!isHandover(question) || isReply !== isAnswer) {
            return null
        }
        steps++
        if (steps === step && !hasDied) {
            hasDied = true
            town.crash(question.to)
        }
        return null
    }
    const { colleague, application } = await town.land('d')
    const joining = colleague.join({ through: () => [{ at: 'b' }, { at: 'c' }] })
    let isOver = false
    joining.then(() => { isOver = true })
    for (let number = 0; !isOver; number++) {
        const publisher = town.citizens.find(({ id }) => id === 'b') ?? c
        void publisher.colleague.publish({ add: number })
        await town.pass(20)
        assert(number < 2000, 'the newcomer never gets its state')
    }
    await joining
    await town.level()
    const [survivor] = town.citizens
    assert.deepEqual(application.applied, survivor?.application.applied)
    assert.equal(application.total, survivor?.application.total)
    assert.equal(new Set(application.applied).size, application.applied.length)
    await town.until(() => colleague.kibitzer.paxos.government.naturalized.includes('d'))
    return hasDied
}

describe('the hand-over', () => {
    for (const source of ['leader', 'any'] as const) {
        test(`survives that its source dies at any step, asking ${source}`, async () => {
            let steps = 0
            for (const isAnswer of [false, true]) {
                for (let step = 1; await dieAt(step, isAnswer, source); step++) {
                    steps++
                }
            }
            assert.ok(steps >= 20, `only ${steps} steps`)
        })
    }

    test('asks again for a chunk that is lost or mangled, and begins but once', async () => {
        await using town = new Town(CHUNKED)
        const [a] = await town.settle('a')
        await town.during(a?.colleague.publish({ add: 1 }) ?? Promise.reject())
        let asked = 0
        town.fate = ({ post }, isAnswer) => {
            if (post.name !== 'colleague.chunk' || isAnswer) {
                return null
            }
            asked++
            const mangled = { data: 'AAAA', digest: '00' }
            return asked === 2 ? { reply: { result: mangled } } : asked === 3 ? 'lost' : null
        }
        const { application } = await town.admit('d', 'a')
        assert.equal(application.restorations, 1)
        await town.level()
        assert.deepEqual(application.applied, a?.application.applied)
    })

    test('begins anew where the snapshot is gone', async () => {
        await using town = new Town({ ...CHUNKED, handoverTimeout: 100 })
        const [a] = await town.settle('a')
        let stalled = 0
        town.fate = ({ post }, isAnswer) => {
            const isStalled = post.name === 'colleague.chunk' && !isAnswer && stalled < 2
            stalled += isStalled ? 1 : 0
            return isStalled ? 'lost' : null
        }
        const { application } = await town.admit('d', 'a')
        assert.equal(application.restorations, 2)
        await town.level()
        assert.deepEqual(application.applied, a?.application.applied)
    })

    test('asks again where the source is not ready', async () => {
        await using town = new Town()
        await town.settle('a')
        let unready = 3
        town.fate = ({ post }, isAnswer) => {
            return post.name === 'colleague.snapshot' && !isAnswer && unready-- > 0
                ? { reply: { refusal: 'not-ready' } }
                : null
        }
        const { application } = await town.admit('d', 'a')
        assert.equal(application.restorations, 1)
    })

    for (const [why, reply] of [
        ['refuses', { refusal: 'failed' }],
        ['has no state', { refusal: 'stateless' }],
        ['talks nonsense', { result: 'nonsense' }],
        ['offers an older state', {
            result: { snapshot: 's', promise: '1/0', size: 0 }
        }],
        ['offers too much', {
            result: { snapshot: 's', promise: 'ff/0', size: 2 ** 40 }
        }]
    ] as const) {
        test(`fails the newcomer loudly where its source ${why} every time`, async () => {
            await using town = new Town({ handoverAttempts: 3 })
            await town.settle('a')
            town.fate = ({ post }, isAnswer) =>
                post.name === 'colleague.snapshot' && !isAnswer ? { reply } : null
            const { colleague, application } = await town.land('d')
            const joining = colleague.join({ through: () => [{ at: 'a' }] })
            await assert.rejects(town.during(joining), { code: 'stateless' })
            await assert.rejects(colleague.ended, { code: 'stateless' })
            assert.equal(colleague.failure?.code, 'stateless')
            assert.ok(colleague.kibitzer.destroyed)
            assert.deepEqual(application.applied, [])
            const asked = town.questions.filter(({ post }) => post.name === 'colleague.snapshot')
            assert.equal(asked.length, 3)
        })
    }

    test('is refused where the state is larger than may travel', async () => {
        await using town = new Town({ handoverAttempts: 2, snapshotSize: 10 })
        const [a] = await town.settle('a')
        await assert.rejects(town.admit('d', 'a'), /too-large/)
        const { rejected, snapshot } = await a?.colleague.health() ?? {}
        assert.ok((rejected?.['too-large'] ?? 0) >= 2)
        const { code, purpose, message } = snapshot?.failure ?? {}
        assert.deepEqual([code, purpose], ['too-large', 'newcomer'])
        assert.match(message ?? '', /larger than 10 bytes \(option snapshotSize\)/)
        assert.equal(a?.colleague.kibitzer.destroyed, false)
    })

    test('shows how far it has come', async () => {
        await using town = new Town(CHUNKED)
        await town.settle('a')
        town.fate = ({ post }, isAnswer) => {
            const { index = 0 } = (post.post ?? {}) as { readonly index?: number }
            return index === 1 && !isAnswer ? 'lost' : null
        }
        const { colleague } = await town.land('d')
        colleague.join({ through: () => [{ at: 'a' }] })
        let received = 0
        await town.until(() => {
            colleague.health((_error, health) => { received = health?.handover?.received ?? 0 })
            return received > 0
        })
        const { handover, isCurrent, applied, admission } = await colleague.health() ?? {}
        assert.deepEqual({ ...handover, size: null }, {
            source: 'a', attempt: 1, promise: '2/0', received: 16, size: null,
            failure: null, obstacle: null
        })
        assert.deepEqual([isCurrent, applied, admission], [false, '0/0', null])
    })

    test('shares a snapshot between newcomers, and drops it when nobody reads it', async () => {
        await using town = new Town({ handoverTimeout: 500 })
        const [a] = await town.settle('a', 'b', 'c')
        assert.ok(((await a?.colleague.health())?.snapshots ?? 0) > 0)
        await town.pass(1000)
        assert.equal((await a?.colleague.health())?.snapshots, 0)
    })
})
