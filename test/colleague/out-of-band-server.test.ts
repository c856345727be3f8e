import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { Colleague, type ColleagueOptions, type Health } from '../../src/index.js'
import { Counter } from './counter.js'
import { ColleagueGroup } from './colleague-group.js'
import '../support/silence.js'

/** A Colleague on an HTTP port, and a client. */
class Served implements AsyncDisposable {
    readonly colleague: Colleague<unknown, number>
    readonly origin: string

    private constructor(colleague: Colleague<unknown, number>, origin: string) {
        this.colleague = colleague
        this.origin = origin
    }

    static async begin(colleagueId: string, operable: boolean): Promise<Served> {
        const application = new Counter()
        const colleague = new Colleague({ islandName: 'served', colleagueId, application })
        const { properties } = await colleague.listen({ operable })
        return new Served(colleague, new URL(String(properties['url'])).origin)
    }

    async post(path: string, body: unknown): Promise<[status: number, body: unknown]> {
        const response = await fetch(`${this.origin}${path}`, {
            method: 'POST', body: JSON.stringify(body),
            headers: { 'content-type': 'application/json' }
        })
        const text = await response.text()
        const isJson = response.headers.get('content-type') === 'application/json'
        return [response.status, isJson ? JSON.parse(text) : text]
    }

    async [Symbol.asyncDispose](): Promise<void> {
        this.colleague.destroy()
        await this.colleague.ended
    }
}

describe('request(type, body)', () => {
    test('answers a known type, and any other type with a body of null', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.start('a')
        for (const type of ['frobnicate', 'constructor', 'request', '__proto__', '', 7, null]) {
            const answer = await colleague.request(type as string, undefined)
            assert.deepEqual(answer, { cookie: null, body: null })
        }
        assert.equal(await colleague.request('bootstrap', { islandId: 'run' }), null)
        const health = await colleague.request('health', null) as Health
        assert.deepEqual(
            [health.islandName, health.islandId, health.role], ['group', 'run', 'leader'])
        assert.equal(await colleague.request('kibitz', { nonsense: true }), null)
        assert.equal(await colleague.request('shutdown', null), null)
        assert.ok(colleague.kibitzer.destroyed)
        await colleague.ended
    })

    test('accepts an error-first callback', async () => {
        await using group = new ColleagueGroup()
        const { colleague } = await group.start('a')
        const told: unknown[] = []
        colleague.request('frobnicate', null, (error, answer) => told.push(error, answer))
        colleague.health((error, health) => told.push(error, health?.colleagueId))
        colleague.bootstrap({}, (error) => told.push(error))
        await group.advance(10)
        assert.deepEqual(told, [null, { cookie: null, body: null }, null, 'a', null])
        const failures: unknown[] = []
        colleague.outOfBand('other', 1, (error) => failures.push(error?.name))
        await group.advance(10)
        assert.deepEqual(failures, ['KibitzError'])
    })

    for (const [type, body] of [
        ['join', null],
        ['join', { through: 'a' }],
        ['join', { through: [7] }],
        ['join', { through: ['a b'] }],
        ['join', { through: ['a'], islandId: {} }],
        ['bootstrap', { islandId: [] }]
    ] as const) {
        test(`rejects ${type} with ${JSON.stringify(body)}`, async () => {
            await using group = new ColleagueGroup()
            const { colleague } = await group.start('a')
            await assert.rejects(colleague.request(type, body), { code: 'invalid-argument' })
            assert.equal(colleague.kibitzer.paxos.republic, null)
        })
    }
})

describe('over HTTP', { timeout: 60_000 }, () => {
    test('an operator commands a member with the option operable', async () => {
        await using a = await Served.begin('a', true)
        await using b = await Served.begin('b', true)
        assert.deepEqual(await a.post('/bootstrap', { islandId: 'run' }), [200, null])
        assert.equal((await a.post('/bootstrap', {}))[0], 409)
        assert.equal((await b.post('/join', { through: 7 }))[0], 400)
        assert.deepEqual(await b.post('/join', { through: [a.origin] }), [200, null])
        const health = await (await fetch(`${b.origin}/health`)).json() as Health
        assert.deepEqual([health.islandId, health.role, health.isCurrent], ['run', 'citizen', true])
        assert.equal((await b.post('/exile', {}))[0], 400)
        assert.match(JSON.stringify(await b.post('/exile', { id: 'a' })), /not-leader/)
        assert.match(JSON.stringify(await a.post('/exile', { id: 'b' })), /b answers this leader/)
        assert.deepEqual(await b.post('/shutdown', null), [200, null])
        await b.colleague.ended
    })

    test('a member without the option operable has no command routes', async () => {
        await using a = await Served.begin('a', false)
        await a.colleague.bootstrap()
        for (const path of ['/shutdown', '/join', '/bootstrap', '/exile', '/other']) {
            assert.equal((await a.post(path, null))[0], 404)
        }
        assert.equal((await a.post('/health', null))[0], 405)
        assert.equal(a.colleague.kibitzer.destroyed, false)
    })

    test('a question is answered, or refused with an HTTP status', async () => {
        await using a = await Served.begin('a', false)
        const post = { islandName: 'served', islandId: null, colleagueId: 'a', post: 1 }
        assert.deepEqual(
            await a.post('/oob', { ...post, name: 'total' }), [425, { refusal: 'not-ready' }])
        await a.colleague.bootstrap()
        assert.deepEqual(
            await a.post('/oob', { ...post, name: 'total' }), [200, { total: 0, post: 1 }])
        for (const [change, status, refusal] of [
            [{ islandName: 'other' }, 409, 'other-island'],
            [{ colleagueId: 'b' }, 421, 'other-colleague'],
            [{ name: 'colleague.other' }, 404, 'unknown-name'],
            [{ name: 'other' }, 500, 'failed'],
            [{ name: 7 }, 400, 'malformed']
        ] as const) {
            const answer = await a.post('/oob', { ...post, name: 'total', ...change })
            assert.deepEqual(answer, [status, { refusal }])
        }
    })

    test('members with a common key admit each other and no other member', async () => {
        const keys = [{ id: 'first', secret: randomBytes(32) }]
        const colleagues = ['a', 'b', 'c'].map((colleagueId) => {
            const application = new Counter()
            return new Colleague({ islandName: 'sealed', colleagueId, application, ping: 50 })
        })
        const [a, b, c] = colleagues
        assert(a !== undefined && b !== undefined && c !== undefined)
        const { properties } = await a.listen({ keys })
        await a.bootstrap()
        await a.publish({ add: 7 })
        const through = [String(properties['url'])]
        await b.listen({ keys })
        await b.join({ through })
        assert.equal((await b.publish({ add: 1 })).result, 8)
        await c.listen()
        const controller = new AbortController()
        const joining = c.join({ through, signal: controller.signal })
        let obstacle: string | null | undefined = null
        while (typeof obstacle !== 'string') {
            obstacle = (await c.health())?.admission?.obstacle
            await new Promise(setImmediate)
        }
        controller.abort()
        await assert.rejects(joining, { code: 'aborted' })
        assert.ok(!('c' in a.kibitzer.paxos.government.properties))
        const response = await fetch(new URL('oob', through[0]), {
            method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }
        })
        assert.equal(response.status, 401)
        for (const colleague of colleagues) {
            colleague.destroy()
            await colleague.ended
        }
    })

    test('overloaded is status 503', async () => {
        const application = new Counter()
        const colleague = new Colleague({
            islandName: 'served', colleagueId: 'a', application,
            questionsActive: 1, questionsWaiting: 1
        })
        const { properties } = await colleague.listen()
        await colleague.bootstrap()
        let release = (): void => {}
        const held = new Promise<void>((resolve) => { release = resolve })
        Object.assign(application, { outOfBand: () => held })
        const own = [colleague.outOfBand('total', 1), colleague.outOfBand('total', 1)]
        const to = { islandName: 'served', islandId: null, colleagueId: 'a' }
        const response = await fetch(new URL('oob', String(properties['url'])), {
            method: 'POST', body: JSON.stringify({ ...to, name: 'total', post: 1 }),
            headers: { 'content-type': 'application/json' }
        })
        assert.equal(response.status, 503)
        release()
        await Promise.all(own)
        colleague.destroy()
        await colleague.ended
    })
})

describe('the options of a Colleague', () => {
    const fit = { islandName: 'group', colleagueId: 'a', application: new Counter() }

    for (const [name, value] of [
        ['islandName', ''],
        ['islandName', 7],
        ['islandName', 'x'.repeat(257)],
        ['colleagueId', 'a b'],
        ['application', {}],
        ['application', null],
        ['properties', []],
        ['source', 'follower'],
        ['outOfBandTimeout', 0],
        ['handoverAttempts', 1.5],
        ['handoverTimeout', '1'],
        ['snapshotSize', -1],
        ['chunkSize', 2 ** 20 + 1],
        ['snapshotTimeout', 0],
        ['restoreTimeout', -1],
        ['spoolFolder', 7],
        ['questionsActive', 0],
        ['questionsWaiting', 1.5],
        ['requestsActive', 0],
        ['requestsWaiting', Number.NaN],
        ['timeout', 1]
    ] as const) {
        test(`must be usable: ${name} is not ${JSON.stringify(value).slice(0, 20)}`, () => {
            const options = { ...fit, [name]: value } as ColleagueOptions<unknown, number>
            assert.throws(() => new Colleague(options), { code: 'invalid-argument' })
        })
    }

    test('must be present', () => {
        const none = undefined as unknown as ColleagueOptions<unknown, number>
        assert.throws(() => new Colleague(none), { code: 'invalid-argument' })
    })

    test('contain its properties and the choice of the source', async () => {
        await using group = new ColleagueGroup()
        const [a, b] = await group.startRepublic('a', 'b')
        assert(a !== undefined && b !== undefined)
        const { colleague } = await group.start('c', {
            properties: { zone: 'north' },
            source: () => ['nobody', 'b', 'c']
        })
        await group.untilSettled(colleague.join({ through: () => [{ at: 'a' }] }))
        const { properties } = colleague.kibitzer.paxos.government
        assert.deepEqual(properties['c'], { zone: 'north', at: 'c' })
        const asked = group.questions.filter(({ from, post }) =>
            from === 'c' && post.name === 'colleague.snapshot')
        assert.deepEqual(asked.map(({ to }) => to), ['b'])
    })
})
