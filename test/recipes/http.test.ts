import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { compose, ReplicatedMap } from '../../src/recipes/index.js'
import { recipesHandler } from '../../src/recipes/http/recipes-handler.js'
import { type MountRecipes, ServedRecipes, SERVERS } from './http-servers.js'
import '../support/silence.js'

const NODE = SERVERS['node:http'] as MountRecipes

for (const [name, mount] of Object.entries(SERVERS)) {
    describe(`the recipes in ${name}`, { timeout: 60_000 }, () => {
        test('serve every recipe', async () => {
            await using served = await ServedRecipes.start(mount)
            const ask = async (
                method: string, path: string, body?: unknown
            ): Promise<unknown[]> => {
                const answer = await served.ask(method, path, body)
                return [answer.status, answer.body]
            }
            const [status, { version }] = await ask('PUT', '/config/sea%2Fcolour',
                { value: { a: null } }) as [number, { version: string }]
            assert.equal(status, 200)
            const entry = { key: 'sea/colour', value: { a: null }, version }
            assert.deepEqual(await ask('GET', '/config/sea%2Fcolour?read=linearizable'),
                [200, entry])
            assert.deepEqual(await ask('GET', `/config/sea%2Fcolour?after=${version}`),
                [200, entry])
            assert.deepEqual(await ask('PUT', '/config/n', { value: 1, isNew: true }),
                [200, { isDone: true }])
            assert.deepEqual(await ask('PUT', '/config/n', { value: 2, expected: 1 }),
                [200, { isDone: true }])
            assert.deepEqual(await served.fail('PUT', '/config/n', { value: 3, expected: 1 }),
                [409, 'refused'])
            assert.equal((await ask('DELETE', '/config/n'))[0], 200)
            const [, list] = await ask('GET', '/config') as [number, { keys: string[] }]
            assert.deepEqual(list.keys, ['sea/colour'])
            assert.deepEqual(await ask('POST', '/visits/home', { by: 5 }), [200, { value: 5 }])
            assert.deepEqual(await ask('POST', '/visits/home', {}), [200, { value: 6 }])
            assert.deepEqual(await ask('GET', '/visits/home'), [200, { value: 6 }])
            assert.deepEqual(await ask('GET', '/visits'),
                [200, { count: 1, values: [['home', 6]] }])
            assert.deepEqual(await ask('DELETE', '/visits/home'), [200, { value: 6 }])
            assert.deepEqual(await ask('POST', '/ids/order', {}), [200, { value: 1 }])
            assert.deepEqual(await ask('GET', '/ids/order'), [200, { last: 1 }])
            assert.deepEqual(await ask('POST', '/logins/ann', { cost: 2 }),
                [200, { isAllowed: true, remaining: 0, retryAfterMs: 0 }])
            const refused = await served.ask('POST', '/logins/ann', {})
            assert.equal(refused.status, 429)
            const retryAfter = Number(refused.headers.get('retry-after'))
            assert.ok(retryAfter > 1700 && retryAfter <= 1800, `${retryAfter}`)
            assert.deepEqual(await ask('GET', '/logins/ann'), [200, { remaining: 0 }])
            assert.deepEqual(await ask('PUT', '/jobs/mail', { payload: 1, attempts: 3 }),
                [201, { isNew: true }])
            assert.deepEqual(await ask('PUT', '/jobs/mail', { payload: 1 }),
                [200, { isNew: false }])
            const [, job] = await ask('GET', '/jobs/mail') as [number, { attempts: number }]
            assert.equal(job.attempts, 3)
            assert.deepEqual(await ask('GET', '/office'), [200, { leader: null }])
        })

        test('hold a lock for a client, with a token', async () => {
            await using served = await ServedRecipes.start(mount)
            const { body: first } = await served.ask('POST', '/locks/x', { ttl: 60_000 })
            const { id, token, remainingMs } = first as Record<string, string | number>
            assert.ok(Number(remainingMs) > 40_000 && Number(remainingMs) <= 48_000)
            assert.deepEqual(await served.fail('POST', '/locks/x', { wait: false, ttl: 60_000 }),
                [409, 'refused'])
            const { status, body } = await served.ask('PUT', `/locks/x/${id}`, {})
            assert.deepEqual([status, body['token']], [200, token])
            const second = served.ask('POST', '/locks/x', { ttl: 60_000 })
            while (served.composition.parts.locks.waiting('x') === 0) {
                await served.colleague.barrier()
            }
            assert.deepEqual((await served.ask('DELETE', `/locks/x/${id}`)).body, { wasHeld: true })
            assert.notEqual((await second).body['token'], token)
            assert.deepEqual(await served.fail('PUT', `/locks/x/${id}`, {}),
                [404, 'invalid-argument'])
            assert.deepEqual((await served.ask('DELETE', `/locks/x/${id}`)).body,
                { wasHeld: false })
        })

        test('refuse unusable requests', async () => {
            await using served = await ServedRecipes.start(mount, { bodyMax: 1000 })
            const cases: [string, string, unknown, number, string][] = [
                ['GET', '/nothing/x', undefined, 404, 'invalid-argument'],
                ['GET', '/toString', undefined, 404, 'invalid-argument'],
                ['GET', '/config/absent', undefined, 404, 'invalid-argument'],
                ['GET', '/config/x?read=soon', undefined, 400, 'invalid-argument'],
                ['GET', '/config?limit=0', undefined, 400, 'invalid-argument'],
                ['PUT', '/config/x', { valeu: 1 }, 400, 'invalid-argument'],
                ['PUT', '/config/x', {}, 400, 'invalid-argument'],
                ['PUT', '/config/x', [1], 400, 'invalid-argument'],
                ['PUT', `/config/${'x'.repeat(1025)}`, { value: 1 }, 400, 'invalid-argument'],
                ['POST', '/config/x', {}, 405, 'invalid-argument'],
                ['DELETE', '/config', undefined, 405, 'invalid-argument'],
                ['POST', '/visits/home', { by: 0.5 }, 400, 'invalid-argument'],
                ['POST', '/logins/ann', { cost: 3 }, 400, 'invalid-argument'],
                ['POST', '/locks/x', { ttl: 5 }, 400, 'invalid-argument'],
                ['POST', '/locks/x/y/z', {}, 405, 'invalid-argument'],
                ['PUT', '/jobs/x', { attempts: 1 }, 400, 'invalid-argument']
            ]
            for (const [method, path, body, ...expected] of cases) {
                assert.deepEqual(await served.fail(method, path, body), expected, path)
            }
            if (!name.includes('parser')) {
                assert.deepEqual(await served.fail('PUT', '/config/x', { value: 'x'.repeat(1000) }),
                    [413, 'too-large'])
            }
            const bare = await fetch(`${served.mounted.url}/visits/x`, { method: 'POST' })
            assert.equal(bare.status, 415)
            for (let key = 1; key <= 3; key++) {
                const { status } = await served.ask('PUT', `/config/${key}`, { value: key })
                assert.equal(status, 200)
            }
            assert.deepEqual(await served.fail('PUT', '/config/4', { value: 4 }),
                [503, 'overloaded'])
        })
    })
}

describe('the recipes over HTTP', { timeout: 60_000 }, () => {
    test('ask for the permission of each request', async () => {
        const seen: unknown[] = []
        await using served = await ServedRecipes.start(NODE, {
            authorize: (incoming, action) => {
                seen.push(action)
                assert.notEqual(incoming.headers['x-broken'], 'yes')
                return !action.isWrite
            }
        })
        assert.equal((await served.ask('GET', '/visits/x')).status, 200)
        assert.deepEqual(await served.fail('POST', '/visits/x', {}), [403, 'refused'])
        assert.deepEqual(seen, [
            { part: 'visits', path: ['x'], isWrite: false },
            { part: 'visits', path: ['x'], isWrite: true }
        ])
        const broken = await fetch(served.mounted.url, { headers: { 'x-broken': 'yes' } })
        assert.equal(broken.status, 500)
        assert.doesNotMatch(await broken.text(), /x-broken|yes/)
    })

    test('show a page without a script, and with every text escaped', async () => {
        await using served = await ServedRecipes.start(NODE)
        await served.ask('PUT', `/config/${encodeURIComponent('<script>&"')}`, { value: 1 })
        await served.ask('POST', '/locks/x', { ttl: 60_000 })
        const response = await fetch(`${served.mounted.url}/`, {
            headers: { accept: 'text/html,*/*' }
        })
        const page = await response.text()
        assert.match(page, /&lt;script&gt;&amp;&quot;/)
        assert.match(page, /x: a, token 1\/[0-9a-f]+, 0 wait/)
        assert.doesNotMatch(page, /<script/)
        assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
        const { body } = await served.ask('GET', '')
        assert.deepEqual([body['id'], body['role'], body['leader']], ['a', 'leader', 'a'])
        assert.deepEqual(Object.keys(body['parts'] as object),
            ['config', 'locks', 'office', 'jobs', 'visits', 'ids', 'logins'])
    })

    test('end the lease of a client that sends no extension', async () => {
        await using served = await ServedRecipes.start(NODE)
        const startedAt = performance.now()
        const { body } = await served.ask('POST', '/locks/x', { ttl: 300 })
        const { body: next } = await served.ask('POST', '/locks/x', { ttl: 60_000 })
        // The first client ends by its own clock before the second client gets the lock.
        assert.ok(performance.now() - startedAt >= Number(body['remainingMs']))
        assert.notEqual(next['token'], body['token'])
    })

    test('withdraw the request of a client that leaves', async () => {
        await using served = await ServedRecipes.start(NODE)
        const { locks } = served.composition.parts
        const { body: { id } } = await served.ask('POST', '/locks/x', { ttl: 60_000 })
        const leaving = request(`${served.mounted.url}/locks/x`, {
            method: 'POST', headers: { 'content-type': 'application/json' }
        })
        leaving.on('error', () => {})
        leaving.end('{"ttl":60000}')
        while (locks.waiting('x') === 0) {
            await served.colleague.barrier()
        }
        leaving.destroy()
        while (locks.waiting('x') > 0) {
            await served.colleague.barrier()
        }
        await served.ask('DELETE', `/locks/x/${id}`)
        assert.deepEqual((await served.ask('GET', '/locks/x')).body,
            { count: 0, leases: [], waiting: 0 })
    })

    test('bound the requests and the leases', async () => {
        await using served = await ServedRecipes.start(NODE, { leasesMax: 2, requestsMax: 2 })
        await served.ask('POST', '/locks/x', { ttl: 60_000 })
        const waiting = served.ask('POST', '/locks/x', { ttl: 60_000, timeout: 1000 })
        while (served.composition.parts.locks.waiting('x') === 0) {
            await served.colleague.barrier()
        }
        assert.deepEqual(await served.fail('POST', '/locks/y', { ttl: 60_000 }),
            [503, 'overloaded'])
        const slow = request(`${served.mounted.url}/visits/x`, {
            method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 100 }
        })
        slow.on('error', () => {})
        slow.flushHeaders()
        let answer = await served.ask('GET', '/visits/x')
        while (answer.status === 200) {
            answer = await served.ask('GET', '/visits/x')
        }
        assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1'])
        assert.equal((await waiting).status, 504)
        const closed = new Promise((resolve) => slow.once('close', resolve))
        slow.destroy()
        await closed
    })

    test('answer 503 before the start and after the end', async () => {
        const idle = compose({ config: new ReplicatedMap() })
        const mounted = await NODE(idle as never, { authorize: () => true })
        const early = await fetch(`${mounted.url}/config/x`)
        assert.deepEqual([early.status, early.headers.get('retry-after')], [503, '1'])
        mounted.close()
        await using served = await ServedRecipes.start(NODE)
        await served.composition.stop()
        await served.colleague.stop()
        assert.deepEqual(await served.fail('GET', '/visits/x'), [503, 'destroyed'])
    })

    test('demand a decision about the clients', () => {
        const wrong = { code: 'invalid-argument' }
        const idle = compose({ config: new ReplicatedMap() })
        assert.throws(() => recipesHandler(idle, {} as never), { ...wrong, message: /authorize/ })
        assert.throws(() => recipesHandler({} as never, { authorize: () => true }), wrong)
        for (const prefix of ['x', '/', '/x/', '/x?']) {
            assert.throws(() => recipesHandler(idle, { authorize: () => true, prefix }), wrong)
        }
    })
})
