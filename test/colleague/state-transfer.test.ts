import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Question } from './colleague-group.js'
import { ColleagueGroup } from './colleague-group.js'

/** Small, so that a state takes several chunks. */
const CHUNKED = { chunkSize: 16 }

/** The questions for snapshots and chunks. */
function isHandover({ from, post }: Question): boolean {
    return from === 'd' && /snapshot|chunk/.test(post.name)
}

/**
 * A newcomer takes over the state while other members publish. The source crashes at one step:
 * before the answer, or while the answer is on its way.
 *
 * @returns Whether there was such a step.
 */
async function dieAt(step: number, isAnswer: boolean, source: 'leader' | 'any'): Promise<boolean> {
    await using group = new ColleagueGroup({ ...CHUNKED, source })
    const [, b, c] = await group.startRepublic('a', 'b', 'c')
    assert(b !== undefined && c !== undefined)
    for (let number = 0; number < 10; number++) {
        await group.untilSettled(b.colleague.publish({ add: number }))
    }
    let steps = 0
    let hasDied = false
    group.faultOf = (question, isReply) => {
        if (!isHandover(question) || isReply !== isAnswer) {
            return null
        }
        steps++
        if (steps === step && !hasDied) {
            hasDied = true
            group.crash(question.to)
        }
        return null
    }
    const { colleague, application } = await group.start('d')
    const joining = colleague.join({ through: () => [{ at: 'b' }, { at: 'c' }] })
    let isOver = false
    joining.then(() => { isOver = true })
    for (let number = 0; !isOver; number++) {
        const publisher = group.citizens.find(({ id }) => id === 'b') ?? c
        void publisher.colleague.publish({ add: number })
        await group.advance(20)
        assert(number < 2000, 'the newcomer never gets its state')
    }
    await joining
    await group.untilLevel()
    const [survivor] = group.citizens
    assert.deepEqual(application.applied, survivor?.application.applied)
    assert.equal(application.total, survivor?.application.total)
    assert.equal(new Set(application.applied).size, application.applied.length)
    await group.until(() => colleague.kibitzer.paxos.government.naturalized.includes('d'))
    return hasDied
}

describe('a state transfer', () => {
    for (const source of ['leader', 'any'] as const) {
        test(`survives the crash of its source at any step, source ${source}`, async () => {
            let steps = 0
            for (const isAnswer of [false, true]) {
                for (let step = 1; await dieAt(step, isAnswer, source); step++) {
                    steps++
                }
            }
            assert.ok(steps >= 20, `only ${steps} steps`)
        })
    }

    test('requests a lost or damaged chunk again, without a new attempt', async () => {
        await using group = new ColleagueGroup(CHUNKED)
        const [a] = await group.startRepublic('a')
        await group.untilSettled(a?.colleague.publish({ add: 1 }) ?? Promise.reject())
        let asked = 0
        group.faultOf = ({ post }, isAnswer) => {
            if (post.name !== 'colleague.chunk' || isAnswer) {
                return null
            }
            asked++
            const mangled = { data: 'AAAA', digest: '00' }
            return asked === 2 ? { reply: { result: mangled } } : asked === 3 ? 'lost' : null
        }
        const { application } = await group.join('d', 'a')
        assert.equal(application.restorations, 1)
        await group.untilLevel()
        assert.deepEqual(application.applied, a?.application.applied)
    })

    test('begins again if the source has removed the snapshot', async () => {
        await using group = new ColleagueGroup({ ...CHUNKED, handoverTimeout: 100 })
        const [a] = await group.startRepublic('a')
        let stalled = 0
        group.faultOf = ({ post }, isAnswer) => {
            const isStalled = post.name === 'colleague.chunk' && !isAnswer && stalled < 2
            stalled += isStalled ? 1 : 0
            return isStalled ? 'lost' : null
        }
        const { application } = await group.join('d', 'a')
        assert.equal(application.restorations, 2)
        await group.untilLevel()
        assert.deepEqual(application.applied, a?.application.applied)
    })

    test('asks again if the source is not ready', async () => {
        await using group = new ColleagueGroup()
        await group.startRepublic('a')
        let unready = 3
        group.faultOf = ({ post }, isAnswer) => {
            return post.name === 'colleague.snapshot' && !isAnswer && unready-- > 0
                ? { reply: { refusal: 'not-ready' } }
                : null
        }
        const { application } = await group.join('d', 'a')
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
        test(`stops the newcomer if its source ${why} every time`, async () => {
            await using group = new ColleagueGroup({ handoverAttempts: 3 })
            await group.startRepublic('a')
            group.faultOf = ({ post }, isAnswer) =>
                post.name === 'colleague.snapshot' && !isAnswer ? { reply } : null
            const { colleague, application } = await group.start('d')
            const joining = colleague.join({ through: () => [{ at: 'a' }] })
            await assert.rejects(group.untilSettled(joining), { code: 'stateless' })
            await assert.rejects(colleague.ended, { code: 'stateless' })
            assert.equal(colleague.failure?.code, 'stateless')
            assert.ok(colleague.kibitzer.destroyed)
            assert.deepEqual(application.applied, [])
            const asked = group.questions.filter(({ post }) => post.name === 'colleague.snapshot')
            assert.equal(asked.length, 3)
        })
    }

    test('is refused if the state is too large', async () => {
        await using group = new ColleagueGroup({ handoverAttempts: 2, snapshotSize: 10 })
        const [a] = await group.startRepublic('a')
        await assert.rejects(group.join('d', 'a'), /too-large/)
        const { rejected, snapshot } = await a?.colleague.health() ?? {}
        assert.ok((rejected?.['too-large'] ?? 0) >= 2)
        const { code, purpose, message } = snapshot?.failure ?? {}
        assert.deepEqual([code, purpose], ['too-large', 'newcomer'])
        assert.match(message ?? '', /larger than 10 bytes \(option snapshotSize\)/)
        assert.equal(a?.colleague.kibitzer.destroyed, false)
    })

    test('shows its progress', async () => {
        await using group = new ColleagueGroup(CHUNKED)
        await group.startRepublic('a')
        group.faultOf = ({ post }, isAnswer) => {
            const { index = 0 } = (post.post ?? {}) as { readonly index?: number }
            return index === 1 && !isAnswer ? 'lost' : null
        }
        const { colleague } = await group.start('d')
        colleague.join({ through: () => [{ at: 'a' }] })
        let received = 0
        await group.until(() => {
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

    test('shares a snapshot between newcomers, and removes an unread snapshot', async () => {
        await using group = new ColleagueGroup({ handoverTimeout: 500 })
        const [a] = await group.startRepublic('a', 'b', 'c')
        assert.ok(((await a?.colleague.health())?.snapshots ?? 0) > 0)
        await group.advance(1000)
        assert.equal((await a?.colleague.health())?.snapshots, 0)
    })
})
