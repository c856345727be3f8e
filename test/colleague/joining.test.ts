import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addresses, Colleague, dns } from '../../src/index.js'
import { Counter } from './counter.js'
import { ColleagueGroup } from './colleague-group.js'
import '../support/silence.js'

const throughA = { through: () => [{ at: 'a' }] }

describe('joining', () => {
    test('succeeds through any member, leader or not', async () => {
        await using group = new ColleagueGroup()
        const [, , c] = await group.startRepublic('a', 'b', 'c')
        assert.equal(c?.colleague.kibitzer.status().role, 'citizen')
        const { colleague } = await group.join('d', 'c')
        assert.equal((await colleague.health())?.islandId, 'run')
        await group.until(() => colleague.kibitzer.paxos.government.naturalized.includes('d'))
    })

    test('fails with refused at another service', async () => {
        await using group = new ColleagueGroup()
        await group.startRepublic('a')
        const { colleague } = await group.start('d', { islandName: 'village' })
        await assert.rejects(group.untilSettled(colleague.join(throughA)), { code: 'refused' })
        assert.equal(colleague.failure, null)
        assert.equal(group.questions.length, 1)
    })

    for (const where of ['option', 'request'] as const) {
        test(`fails with refused at another run, given by ${where}`, async () => {
            await using group = new ColleagueGroup()
            const [a] = await group.startRepublic('a')
            const island = { islandId: 'another run' }
            const { colleague } = await group.start('d', where === 'option' ? island : {})
            const request = where === 'request' ? { ...throughA, ...island } : throughA
            const joining = colleague.join(request)
            await assert.rejects(group.untilSettled(joining), { code: 'refused' })
            assert.equal((await a?.colleague.health())?.rejected['other-island'], 1)
        })
    }

    test('repeats the question if no address, no answer or no republic is found', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.start('d')
        let rounds = 0
        const found = [
            () => { throw new Error('no such name') },
            () => [],
            () => [{ at: 'nowhere' }],
            // The asked Colleague belongs to no republic.
            () => [{ at: 'd' }]
        ]
        const obstacles: (string | null | undefined)[] = []
        const joining = colleague.join({
            through: async () => {
                obstacles.push((await colleague.health())?.admission?.obstacle)
                return found[rounds++]?.() ?? [{ at: 'a' }]
            }
        })
        await group.until(() => rounds === 5)
        await group.found('a')
        await group.untilSettled(joining)
        assert.match(String(obstacles[1]), /no such name/)
        assert.match(String(obstacles[2]), /no address was found/)
        assert.match(String(obstacles[3]), /No answer came/)
        assert.match(String(obstacles[4]), /not-ready/)
        assert.equal((await colleague.health())?.admission, null)
    })

    for (const silent of [1, 7, 40]) {
        test(`takes at most one ping for each of ${silent} silent addresses`, async () => {
            const options = { ping: 20, timeout: 100, outOfBandTimeout: 10_000 }
            await using group = new ColleagueGroup(options)
            await group.startRepublic('a')
            group.faultOf = ({ to }) => to === 'a' ? null : 'lost'
            const { colleague } = await group.start('d')
            const found = Array.from({ length: silent }, (_, index) => ({ at: `silent-${index}` }))
            const begunAt = Date.now()
            await group.untilSettled(colleague.join({ through: () => [...found, { at: 'a' }] }))
            assert.ok(Date.now() - begunAt < 1000 + 20 * silent, `${Date.now() - begunAt} ms`)
        })
    }

    test('asks at most 64 addresses at the same time', async () => {
        await using group = new ColleagueGroup({ ping: 20, timeout: 100, outOfBandTimeout: 10_000 })
        const { colleague } = await group.start('d')
        group.faultOf = () => 'lost'
        const found = Array.from({ length: 80 }, (_, index) => ({ at: `silent-${index}` }))
        const warnings: string[] = []
        const onWarning = ({ name }: Error): void => { warnings.push(name) }
        process.on('warning', onWarning)
        colleague.join({ through: () => found })
        await group.advance(5000)
        process.off('warning', onWarning)
        assert.equal(group.questions.length, 64)
        assert.deepEqual(warnings, [])
    })

    test('pauses longer with each round, with a random part', async () => {
        await using group = new ColleagueGroup({ ping: 250, timeout: 1000 })
        const { colleague } = await group.start('d')
        const times: number[] = []
        colleague.join({ through: () => { times.push(Date.now()); return [] } })
        await group.until(() => times.length === 9)
        const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
        for (const [index, pause] of pauses.entries()) {
            const longest = Math.min(4000, 250 * 2 ** index)
            assert.ok(pause >= longest / 2 && pause <= longest + 4, `${pauses}`)
        }
        assert.equal(new Set(pauses.slice(4)).size, 4)
    })

    test('waits for the exile of the earlier citizen with the id', async () => {
        await using group = new ColleagueGroup()
        await group.startRepublic('a', 'b', 'c')
        group.crash('c')
        const { colleague, application } = await group.start('c')
        let obstacle: string | null | undefined
        const joining = colleague.join(throughA)
        await group.until(() => {
            colleague.health((_error, health) => { obstacle = health?.admission?.obstacle })
            return typeof obstacle === 'string'
        })
        assert.match(String(obstacle), /still/)
        await group.untilSettled(joining)
        await group.untilLevel()
        assert.deepEqual(application.applied, group.citizens[0]?.application.applied)
    })

    test('ends at once if the signal aborts', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.start('d')
        const controller = new AbortController()
        const { signal } = controller
        const joining = colleague.join({ through: () => [{ at: 'nowhere' }], signal })
        await group.advance(100)
        controller.abort()
        await assert.rejects(joining, { code: 'aborted' })
        await assert.rejects(colleague.join({ ...throughA, signal }), { code: 'aborted' })
        assert.equal(colleague.failure, null)
    })

    test('ends with the Colleague', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.start('d')
        const joining = colleague.join({ through: () => [{ at: 'nowhere' }] })
        await group.advance(100)
        colleague.destroy()
        await assert.rejects(joining, { code: 'destroyed' })
        await colleague.ended
    })

    test('is rejected for a founder, and without a transport', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.found('a')
        const joining = group.untilSettled(colleague.join(throughA))
        await assert.rejects(joining, { code: 'already-member' })
        await assert.rejects(colleague.bootstrap(), { code: 'already-member' })
        const application = new Counter()
        const unreached = new Colleague({ islandName: 'group', colleagueId: 'b', application })
        await assert.rejects(unreached.join(throughA), { code: 'invalid-argument' })
        await assert.rejects(unreached.bootstrap(), { code: 'invalid-argument' })
        unreached.destroy()
        await assert.rejects(unreached.join(throughA), { code: 'destroyed' })
        await assert.rejects(unreached.listen(), { code: 'destroyed' })
    })
})

describe('discovery', () => {
    test('accepts addresses with and without a path', async () => {
        const discover = addresses('one:80', 'http://two:81/', 'https://three/peers', '[::1]:82')
        assert.deepEqual(await discover(), [
            { url: 'http://one/kibitz' },
            { url: 'http://two:81/kibitz' },
            { url: 'https://three/peers' },
            { url: 'http://[::1]:82/kibitz' }
        ])
        assert.throws(() => addresses('http://'), { code: 'invalid-argument' })
    })

    test('asks DNS in each round', async () => {
        const answers = [['10.0.0.1', '::2'], ['10.0.0.3']]
        const discover = dns('members', 80, () => Promise.resolve(answers.shift() ?? []))
        assert.deepEqual(await discover(), [
            { url: 'http://10.0.0.1/kibitz' },
            { url: 'http://[::2]/kibitz' }
        ])
        assert.deepEqual(await discover(), [{ url: 'http://10.0.0.3/kibitz' }])
        const found = await dns('localhost', 81)()
        assert.ok(found.length > 0)
    })
})
