import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Town } from './town.js'

describe('out of band', () => {
    test('whoever leads answers, also itself', async () => {
        await using town = new Town()
        const [a, b] = await town.settle('a', 'b')
        assert(a !== undefined && b !== undefined)
        await town.during(a.colleague.publish({ add: 7 }))
        for (const { colleague } of [a, b]) {
            const answer = await town.during(colleague.outOfBand('total', { n: 1 }))
            assert.deepEqual(answer, { total: 7, post: { n: 1 } })
        }
        const { post, to } = town.questions.at(-1) ?? {}
        assert.equal(to, 'a')
        assert.deepEqual(post, {
            islandName: 'town', islandId: 'run', colleagueId: 'a', name: 'total', post: { n: 1 }
        })
    })

    test('what fails there is refused here, and stops nobody who has a state', async () => {
        await using town = new Town({ outOfBandTimeout: 300 })
        const [a, b] = await town.settle('a', 'b')
        assert(a !== undefined && b !== undefined)
        const { colleague } = b
        for (const name of ['other', 'colleague.other']) {
            await assert.rejects(town.during(colleague.outOfBand(name, 1)), { code: 'refused' })
        }
        town.fate = () => 'lost'
        await assert.rejects(town.during(colleague.outOfBand('total', 1)), { code: 'unreachable' })
        town.fate = () => ({ reply: 'nonsense' })
        await assert.rejects(town.during(colleague.outOfBand('total', 1)), { code: 'refused' })
        assert.equal(colleague.failure, null)
        assert.equal((await a.colleague.health())?.rejected['failed'], 1)
    })

    for (const fate of ['lost', { reply: { refusal: 'failed' } }] as const) {
        test(`a newcomer without a state stops where it is ${JSON.stringify(fate)}`, async () => {
            await using town = new Town({ outOfBandTimeout: 300 })
            await town.settle('a')
            const { colleague } = await town.land('d')
            town.fate = ({ post }) =>
                post.name === 'colleague.snapshot' ? { reply: { refusal: 'not-ready' } }
                    : post.name === 'total' ? fate : null
            const joining = colleague.join({ through: () => [{ at: 'a' }] })
            await town.until(() => colleague.kibitzer.paxos.government.promise !== '0/0')
            const code = fate === 'lost' ? 'unreachable' : 'refused'
            await assert.rejects(town.during(colleague.outOfBand('total', 1)), { code })
            await assert.rejects(joining, { code })
            await assert.rejects(colleague.ended, { code })
        })
    }

    test('there is nobody to ask before the admission', async () => {
        await using town = new Town()
        const { colleague } = await town.land('d')
        await assert.rejects(colleague.outOfBand('total', 1), { code: 'unreachable' })
        assert.equal(colleague.failure, null)
    })

    test('overload is answered', async () => {
        await using town = new Town({ questionsActive: 1, questionsWaiting: 1 })
        const [a, b] = await town.settle('a', 'b')
        assert(a !== undefined && b !== undefined)
        let release = (): void => {}
        const held = new Promise<void>((resolve) => { release = resolve })
        Object.assign(a.application, { outOfBand: () => held })
        const own = [a.colleague.outOfBand('total', 1), a.colleague.outOfBand('total', 1)]
        const asking = b.colleague.outOfBand('total', 1)
        await assert.rejects(town.during(asking), { code: 'overloaded' })
        const { questions, rejected } = await a.colleague.health() ?? {}
        assert.deepEqual([questions?.active, questions?.waiting, questions?.refused], [1, 1, 1])
        assert.equal(rejected?.['overloaded'], 1)
        release()
        await Promise.all(own)
        await town.during(b.colleague.outOfBand('total', 1))
    })

    test('requests of users at the leader may all ask the leader', async () => {
        await using town = new Town({ requestsActive: 4, outOfBandTimeout: 300 })
        const [a] = await town.settle('a')
        assert(a !== undefined)
        const { requests } = a.colleague
        const ask = () => requests.enter(() => a.colleague.outOfBand('total', 1))
        const answers = await town.during(Promise.all([ask(), ask(), ask(), ask(), ask()]))
        assert.deepEqual(answers, Array(5).fill({ total: 0, post: 1 }))
        await town.admit('b', 'a')
    })

    test('a question to oneself takes no longer than any other', async () => {
        await using town = new Town({ outOfBandTimeout: 300 })
        const [a] = await town.settle('a')
        assert(a !== undefined)
        Object.assign(a.application, { outOfBand: () => new Promise(() => {}) })
        await assert.rejects(town.during(a.colleague.outOfBand('total', 1)), {
            code: 'unreachable'
        })
        assert.equal(a.colleague.failure, null)
    })

    test('slow questions for the application keep no newcomer out', async () => {
        await using town = new Town({ questionsActive: 1, questionsWaiting: 1 })
        const [a] = await town.settle('a')
        assert(a !== undefined)
        Object.assign(a.application, { outOfBand: () => new Promise(() => {}) })
        a.colleague.outOfBand('total', 1)
        a.colleague.outOfBand('total', 2)
        const { application } = await town.admit('b', 'a')
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
        ['a snapshot of what is to come', { name: 'colleague.snapshot' }, 'not-ready'],
        ['no snapshot', { name: 'colleague.snapshot', post: null }, 'malformed'],
        ['a chunk of nothing', {
            name: 'colleague.chunk', post: { snapshot: 'x', index: 0, bytes: false }
        }, 'expired'],
        ['no chunk', { name: 'colleague.chunk', post: 7 }, 'malformed'],
        ['nobody', { name: 'colleague.introduce', post: 7 }, 'malformed']
    ] as const) {
        test(`refuses ${what}`, async () => {
            await using town = new Town()
            const { colleague } = await town.found('a')
            const { founding } = colleague.kibitzer.paxos
            const post = {
                islandName: 'town', islandId: 'run', colleagueId: 'a', name: 'total',
                post: { founding, through: 'ff/0' }
            }
            assert.deepEqual(await colleague.answer({ ...post, ...change }), { refusal })
            assert.equal((await colleague.health())?.rejected[refusal], 1)
        })
    }
})
