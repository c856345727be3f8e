import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ColleagueGroup } from './colleague-group.js'

describe('out-of-band questions', () => {
    test('are answered by the leader, also to itself', async () => {
        await using group = new ColleagueGroup()
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        await group.untilSettled(a.colleague.publish({ add: 7 }))
        for (const { colleague } of [a, b]) {
            const answer = await group.untilSettled(colleague.outOfBand('total', { n: 1 }))
            assert.deepEqual(answer, { total: 7, post: { n: 1 } })
        }
        const { post, to } = group.questions.at(-1) ?? {}
        assert.equal(to, 'a')
        assert.deepEqual(post, {
            islandName: 'group', islandId: 'run', colleagueId: 'a', name: 'total', post: { n: 1 }
        })
    })

    test('that fail are refused, and stop no member with a state', async () => {
        await using group = new ColleagueGroup({ outOfBandTimeout: 300 })
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        const { colleague } = b
        for (const name of ['other', 'colleague.other']) {
            const asking = group.untilSettled(colleague.outOfBand(name, 1))
            await assert.rejects(asking, { code: 'refused' })
        }
        group.faultOf = () => 'lost'
        const ask = (): Promise<unknown> => group.untilSettled(colleague.outOfBand('total', 1))
        await assert.rejects(ask(), { code: 'unreachable' })
        group.faultOf = () => ({ reply: 'nonsense' })
        await assert.rejects(ask(), { code: 'refused' })
        assert.equal(colleague.failure, null)
        assert.equal((await a.colleague.health())?.rejected['failed'], 1)
    })

    for (const fault of ['lost', { reply: { refusal: 'failed' } }] as const) {
        test(`stop a newcomer without a state if ${JSON.stringify(fault)}`, async () => {
            await using group = new ColleagueGroup({ outOfBandTimeout: 300 })
            await group.startRepublic('a')
            const { colleague } = await group.start('d')
            group.faultOf = ({ post }) =>
                post.name === 'colleague.snapshot' ? { reply: { refusal: 'not-ready' } }
                    : post.name === 'total' ? fault : null
            const joining = colleague.join({ through: () => [{ at: 'a' }] })
            await group.until(() => colleague.kibitzer.paxos.government.promise !== '0/0')
            const code = fault === 'lost' ? 'unreachable' : 'refused'
            await assert.rejects(group.untilSettled(colleague.outOfBand('total', 1)), { code })
            await assert.rejects(joining, { code })
            await assert.rejects(colleague.ended, { code })
        })
    }

    test('are unreachable before the admission', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.start('d')
        await assert.rejects(colleague.outOfBand('total', 1), { code: 'unreachable' })
        assert.equal(colleague.failure, null)
    })

    test('are refused as overloaded', async () => {
        await using group = new ColleagueGroup({ questionsActive: 1, questionsWaiting: 1 })
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        let release = (): void => {}
        const held = new Promise<void>((resolve) => { release = resolve })
        Object.assign(a.application, { outOfBand: () => held })
        const own = [a.colleague.outOfBand('total', 1), a.colleague.outOfBand('total', 1)]
        const asking = b.colleague.outOfBand('total', 1)
        await assert.rejects(group.untilSettled(asking), { code: 'overloaded' })
        const { questions, rejected } = await a.colleague.health() ?? {}
        assert.deepEqual([questions?.active, questions?.waiting, questions?.refused], [1, 1, 1])
        assert.equal(rejected?.['overloaded'], 1)
        release()
        await Promise.all(own)
        await group.untilSettled(b.colleague.outOfBand('total', 1))
    })

    test('may come from all active requests at the leader', async () => {
        await using group = new ColleagueGroup({ requestsActive: 4, outOfBandTimeout: 300 })
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        const { requests } = a.colleague
        const ask = () => requests.enter(() => a.colleague.outOfBand('total', 1))
        const answers = await group.untilSettled(Promise.all([ask(), ask(), ask(), ask(), ask()]))
        assert.deepEqual(answers, Array(5).fill({ total: 0, post: 1 }))
        await group.join('b', 'a')
    })

    test('to the member itself have the same time limit', async () => {
        await using group = new ColleagueGroup({ outOfBandTimeout: 300 })
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        Object.assign(a.application, { outOfBand: () => new Promise(() => {}) })
        await assert.rejects(group.untilSettled(a.colleague.outOfBand('total', 1)), {
            code: 'unreachable'
        })
        assert.equal(a.colleague.failure, null)
    })

    test('to a slow application do not delay a newcomer', async () => {
        await using group = new ColleagueGroup({ questionsActive: 1, questionsWaiting: 1 })
        const [a] = await group.startRepublic('a')
        assert(a !== undefined)
        Object.assign(a.application, { outOfBand: () => new Promise(() => {}) })
        a.colleague.outOfBand('total', 1)
        a.colleague.outOfBand('total', 2)
        const { application } = await group.join('b', 'a')
        assert.deepEqual(application.applied, a.application.applied)
    })

    for (const [what, change, refusal] of [
        ['another service', { islandName: 'village' }, 'other-island'],
        ['another run', { islandId: 'other' }, 'other-island'],
        ['another colleague', { colleagueId: 'b' }, 'other-colleague'],
        ['no question', { name: 7 }, 'malformed'],
        ['another founding', {
            name: 'colleague.snapshot', post: { founding: 'x', through: '1/0' }
        }, 'other-island'],
        ['a snapshot of a future entry', { name: 'colleague.snapshot' }, 'not-ready'],
        ['no snapshot', { name: 'colleague.snapshot', post: null }, 'malformed'],
        ['a chunk of an unknown snapshot', {
            name: 'colleague.chunk', post: { snapshot: 'x', index: 0, bytes: false }
        }, 'expired'],
        ['no chunk', { name: 'colleague.chunk', post: 7 }, 'malformed'],
        ['a malformed introduction', { name: 'colleague.introduce', post: 7 }, 'malformed']
    ] as const) {
        test(`refuses ${what}`, async () => {
            await using group = new ColleagueGroup()
            const { colleague } = await group.found('a')
            const { founding } = colleague.kibitzer.paxos
            const post = {
                islandName: 'group', islandId: 'run', colleagueId: 'a', name: 'total',
                post: { founding, through: 'ff/0' }
            }
            assert.deepEqual(await colleague.answer({ ...post, ...change }), { refusal })
            assert.equal((await colleague.health())?.rejected[refusal], 1)
        })
    }
})
