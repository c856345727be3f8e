import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addresses, Colleague, dns } from '../../src/index.js'
import { Counter } from './counter.js'
import { Town } from './town.js'

const throughA = { through: () => [{ at: 'a' }] }

describe('joining', () => {
    test('goes through whoever is asked, leader or not', async () => {
        await using town = new Town()
        const [, , c] = await town.settle('a', 'b', 'c')
        assert.equal(c?.colleague.kibitzer.status().role, 'citizen')
        const { colleague } = await town.admit('d', 'c')
        assert.equal((await colleague.health())?.islandId, 'run')
        await town.until(() => colleague.kibitzer.paxos.government.naturalized.includes('d'))
    })

    test('is refused for good by another service', async () => {
        await using town = new Town()
        await town.settle('a')
        const { colleague } = await town.land('d', { islandName: 'village' })
        await assert.rejects(town.during(colleague.join(throughA)), { code: 'refused' })
        assert.equal(colleague.failure, null)
        assert.equal(town.questions.length, 1)
    })

    for (const where of ['option', 'request'] as const) {
        test(`is refused for good by another run, told by its ${where}`, async () => {
            await using town = new Town()
            const [a] = await town.settle('a')
            const island = { islandId: 'another run' }
            const { colleague } = await town.land('d', where === 'option' ? island : {})
            const request = where === 'request' ? { ...throughA, ...island } : throughA
            const joining = colleague.join(request)
            await assert.rejects(town.during(joining), { code: 'refused' })
            assert.equal((await a?.colleague.health())?.rejected['other-island'], 1)
        })
    }

    test('asks on where nobody is found, nobody answers or nobody knows', async () => {
        await using town = new Town()
        const { colleague } = await town.land('d')
        let rounds = 0
        const found = [
            () => { throw new Error('no such name') },
            () => [],
            () => [{ at: 'nowhere' }],
            // It knows of no republic itself.
            () => [{ at: 'd' }]
        ]
        const obstacles: (string | null | undefined)[] = []
        const joining = colleague.join({
            through: async () => {
                obstacles.push((await colleague.health())?.admission?.obstacle)
                return found[rounds++]?.() ?? [{ at: 'a' }]
            }
        })
        await town.until(() => rounds === 5)
        await town.found('a')
        await town.during(joining)
        assert.match(String(obstacles[1]), /no such name/)
        assert.match(String(obstacles[2]), /no address was found/)
        assert.match(String(obstacles[3]), /No answer came/)
        assert.match(String(obstacles[4]), /not-ready/)
        assert.equal((await colleague.health())?.admission, null)
    })

    for (const silent of [1, 7, 40]) {
        test(`takes a ping for each of ${silent} silent addresses at most`, async () => {
            await using town = new Town({ ping: 20, timeout: 100, outOfBandTimeout: 10_000 })
            await town.settle('a')
            town.fate = ({ to }) => to === 'a' ? null : 'lost'
            const { colleague } = await town.land('d')
            const found = Array.from({ length: silent }, (_, index) => ({ at: `silent-${index}` }))
            const begunAt = Date.now()
            await town.during(colleague.join({ through: () => [...found, { at: 'a' }] }))
            assert.ok(Date.now() - begunAt < 1000 + 20 * silent, `${Date.now() - begunAt} ms`)
        })
    }

    test('asks no more than 64 silent addresses at a time', async () => {
        await using town = new Town({ ping: 20, timeout: 100, outOfBandTimeout: 10_000 })
        const { colleague } = await town.land('d')
        town.fate = () => 'lost'
        const found = Array.from({ length: 80 }, (_, index) => ({ at: `silent-${index}` }))
        const warnings: string[] = []
        const onWarning = ({ name }: Error): void => { warnings.push(name) }
        process.on('warning', onWarning)
        colleague.join({ through: () => found })
        await town.pass(5000)
        process.off('warning', onWarning)
        assert.equal(town.questions.length, 64)
        assert.deepEqual(warnings, [])
    })

    test('pauses longer and longer, and not as long as others', async () => {
        await using town = new Town({ ping: 250, timeout: 1000 })
        const { colleague } = await town.land('d')
        const times: number[] = []
        colleague.join({ through: () => { times.push(Date.now()); return [] } })
        await town.until(() => times.length === 9)
        const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
        for (const [index, pause] of pauses.entries()) {
            const longest = Math.min(4000, 250 * 2 ** index)
            assert.ok(pause >= longest / 2 && pause <= longest + 4, `${pauses}`)
        }
        assert.equal(new Set(pauses.slice(4)).size, 4)
    })

    test('waits for the exile of who bore the id before', async () => {
        await using town = new Town()
        await town.settle('a', 'b', 'c')
        town.crash('c')
        const { colleague, application } = await town.land('c')
        let obstacle: string | null | undefined
        const joining = colleague.join(throughA)
        await town.until(() => {
            colleague.health((_error, health) => { obstacle = health?.admission?.obstacle })
            return typeof obstacle === 'string'
        })
        assert.match(String(obstacle), /still/)
        await town.during(joining)
        await town.level()
        assert.deepEqual(application.applied, town.citizens[0]?.application.applied)
    })

    test('ends when it is aborted, at once', async () => {
        await using town = new Town()
        const { colleague } = await town.land('d')
        const controller = new AbortController()
        const { signal } = controller
        const joining = colleague.join({ through: () => [{ at: 'nowhere' }], signal })
        await town.pass(100)
        controller.abort()
        await assert.rejects(joining, { code: 'aborted' })
        await assert.rejects(colleague.join({ ...throughA, signal }), { code: 'aborted' })
        assert.equal(colleague.failure, null)
    })

    test('ends with the Colleague', async () => {
        await using town = new Town()
        const { colleague } = await town.land('d')
        const joining = colleague.join({ through: () => [{ at: 'nowhere' }] })
        await town.pass(100)
        colleague.destroy()
        await assert.rejects(joining, { code: 'destroyed' })
        await colleague.ended
    })

    test('is not for a founder, nor before anybody can reach the newcomer', async () => {
        await using town = new Town()
        const { colleague } = await town.found('a')
        await assert.rejects(town.during(colleague.join(throughA)), { code: 'already-member' })
        await assert.rejects(colleague.bootstrap(), { code: 'already-member' })
        const application = new Counter()
        const unreached = new Colleague({ islandName: 'town', colleagueId: 'b', application })
        await assert.rejects(unreached.join(throughA), { code: 'invalid-argument' })
        await assert.rejects(unreached.bootstrap(), { code: 'invalid-argument' })
        unreached.destroy()
        await assert.rejects(unreached.join(throughA), { code: 'destroyed' })
        await assert.rejects(unreached.listen(), { code: 'destroyed' })
    })
})

describe('discovery', () => {
    test('knows addresses, with and without a path', async () => {
        const discover = addresses('one:80', 'http://two:81/', 'https://three/peers', '[::1]:82')
        assert.deepEqual(await discover(), [
            { url: 'http://one/kibitz' },
            { url: 'http://two:81/kibitz' },
            { url: 'https://three/peers' },
            { url: 'http://[::1]:82/kibitz' }
        ])
        assert.throws(() => addresses('http://'), { code: 'invalid-argument' })
    })

    test('asks DNS anew each time', async () => {
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
