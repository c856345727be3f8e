import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { listenHttp } from '../../src/transport/http/http.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import { FakeKibitzer } from '../../src/transport/conformance/fake-kibitzer.js'

const KEY = { id: 'k1', secret: 'a secret that is long enough, really' }
const REFUSED = { name: 'KibitzError', code: 'invalid-argument' }

const LISTEN = { http: listenHttp, tcp: listenTcp } as const
type Kind = keyof typeof LISTEN

/** The url that a listener announces, with the port in use as `PORT`. */
async function announced(kind: Kind, options: object): Promise<string> {
    const { url, close } = await LISTEN[kind](new FakeKibitzer('b'), { keys: [KEY], ...options })
    await close()
    const { advertise = '' } = options as { advertise?: string }
    return /[a-z\]]:\d+(?:\/|$)/.test(advertise) ? url : url.replace(/:\d+(?=\/|$)/, ':PORT')
}

/** A worker of a cluster: listens, and reports the address. */
async function work(): Promise<void> {
    const urls = await Promise.all([
        listenHttp(new FakeKibitzer('b')).then(({ url }) => url),
        listenTcp(new FakeKibitzer('b')).then(({ url }) => url)
    ])
    process.send?.(urls)
}

/** The primary process of a cluster: starts workers, and prints their addresses. */
async function lead(): Promise<void> {
    const told = await Promise.all(['a', 'b', 'c'].map(async () => {
        const [urls] = await once(cluster.fork({ ROLE: 'worker' }), 'message')
        return urls as unknown
    }))
    process.send?.(told)
}

if (process.env.ROLE === 'primary') {
    await lead()
} else if (process.env.ROLE === 'worker') {
    await work()
} else {
    for (const kind of ['http', 'tcp'] as const) {
        const path = kind === 'http' ? '/kibitz' : ''

        describe(`the announced address over ${kind}`, () => {
            for (const [options, url] of [
                [{}, `127.0.0.1:PORT${path}`],
                [{ host: 'localhost' }, `localhost:PORT${path}`],
                [{ host: '0.0.0.0', advertise: 'one.example' }, `one.example:PORT${path}`],
                [{ host: '::', advertise: 'one.example:81' }, `one.example:81${path}`],
                [{ host: '::', advertise: '::1' }, `[::1]:PORT${path}`],
                [{ host: '::', advertise: '[::1]:81' }, `[::1]:81${path}`],
                [{ advertise: `${kind}://one.example:82/` }, `one.example:82${path}`]
            ] as const) {
                test(`is ${url} with ${JSON.stringify(options)}`, async () => {
                    assert.equal(await announced(kind, options), `${kind}://${url}`)
                })
            }

            for (const host of ['0.0.0.0', '::', '0', '::0', '::ffff:0.0.0.0', '']) {
                test(`is required if the host is '${host}'`, async () => {
                    const message = /advertise: 'one\.example'/
                    const listening = LISTEN[kind](new FakeKibitzer('b'), { host, keys: [KEY] })
                    await assert.rejects(listening, { ...REFUSED, message })
                })
            }

            for (const advertise of [
                '', '0.0.0.0', '[::]:80', 'one.example:0', 'one.example:99999', 'two words',
                'ftp://one.example', `${kind}://user@one.example`, `${kind}://one.example/?a`, 7,
                null
            ]) {
                test(`is not ${JSON.stringify(advertise)}`, async () => {
                    const options = { advertise, keys: [KEY] } as object
                    await assert.rejects(LISTEN[kind](new FakeKibitzer('b'), options), REFUSED)
                })
            }
        })
    }

    test('a url can name the path behind a proxy', async () => {
        assert.equal(await announced('http', { advertise: 'http://proxy.example:80/b/kibitz' }),
            'http://proxy.example:80/b/kibitz')
        await assert.rejects(announced('tcp', { advertise: 'tcp://proxy.example:80/b' }), REFUSED)
    })

    test('workers of a cluster do not share a port', { timeout: 60_000 }, async () => {
        const env = { ...process.env, ROLE: 'primary' }
        const primary = fork(fileURLToPath(import.meta.url), { env, execArgv: [] })
        const [told] = await once(primary, 'message') as [string[][]]
        primary.kill()
        assert.equal(new Set(told.flat()).size, 6)
    })
}
