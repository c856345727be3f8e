import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { listenHttp, send } from '../../../src/transport/http/http.js'
import { Bare } from '../bare.js'
import { credentials } from '../credentials.js'
import { dial, request, say } from '../socket.js'

const KEY = { id: 'k1', secret: 'a secret that is long enough, really' }
const NEVER = new AbortController().signal

/** Runs with a member that listens under a key. */
async function listening(use: (url: string, bare: Bare) => Promise<void>): Promise<void> {
    const bare = new Bare('b')
    const { url, close } = await listenHttp(bare, { keys: [KEY] })
    try {
        await use(url, bare)
    } finally {
        await close()
    }
}

describe('an order under a key', () => {
    const routes = { '/order': { answer: async (body: unknown) => ({ status: 200, body }) } }

    test('that was overheard at one member does not work at another', async () => {
        const [a, b] = await Promise.all(['a', 'b'].map((id) =>
            listenHttp(new Bare(id), { keys: [KEY], routes })))
        assert.ok(a && b)
        const heard: { authorization: string; body: string }[] = []
        // A member that only records the head and the body of each call.
        const tap = createServer(async (arrived, response) => {
            const { authorization = '' } = arrived.headers
            heard.push({ authorization, body: await text(arrived) })
            response.writeHead(500).end()
        })
        await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve))
        const order = { url: `http://127.0.0.1:${(tap.address() as AddressInfo).port}/order` }
        const client = send({ keys: [KEY] })
        await assert.rejects(client.exchange(order, null, NEVER))
        const [overheard] = heard
        assert.ok(overheard)
        for (const { url } of [a, b]) {
            const { authorization, body } = overheard
            const said = request(body, { authorization }, 'POST /order HTTP/1.1')
            assert.deepEqual((await say(url, said)).statuses, [421])
        }
        // What was meant for a works at a, under each name that a has, and not at b.
        for (const to of [new URL(a.url).host, `localhost:${new URL(a.url).port}`]) {
            const good = credentials(KEY, 'null', 'POST /order', to)
            const said = request('null', { authorization: good }, 'POST /order HTTP/1.1')
            assert.deepEqual((await say(a.url, said)).statuses, [200])
            assert.deepEqual((await say(b.url, said)).statuses, [421])
        }
        client.close()
        tap.close()
        await Promise.all([a.close(), b.close()])
    })

    test('works at the advertised address', async () => {
        const { url, close } = await listenHttp(new Bare('b'), {
            host: '0.0.0.0', advertise: 'b.example:81', keys: [KEY], routes
        })
        assert.equal(url, 'http://b.example:81/kibitz')
        await close()
    })
})

describe('memory under a key', () => {
    /** A call whose body does not arrive. */
    function begun(size: number): Buffer {
        const authorization = credentials(KEY, 'x'.repeat(size))
        return request('', { authorization, 'content-length': String(size) })
    }

    test('is not given to a call whose head proves no key', () => listening(async (url, bare) => {
        const code = 'A'.repeat(43)
        const authorization =
            `Kibitz-HMAC key=k1, nonce=${'A'.repeat(22)}, to=b:80, digest=${code}, code=${code}`
        const unproven = request('', { authorization, 'content-length': '8000000' })
        // The answer does not wait for the body, which never comes.
        assert.deepEqual((await say(url, unproven)).statuses, [401])
        assert.deepEqual(bare.turnedAway, ['bad-mac'])
    }))

    test('is bounded for all connections together, and given back when a caller goes away',
        async () => {
            const bare = new Bare('b')
            const { url, close } = await listenHttp(bare, {
                keys: [KEY], bytesMax: 1000, inboundBytesMax: 1500
            })
            const first = await dial(url)
            first.write(begun(1000))
            await until(async () => (await say(url, begun(501))).statuses[0] === 503)
            const short = request('{}', { authorization: credentials(KEY, '{}') })
            assert.deepEqual((await say(url, short)).statuses, [200])
            first.destroy()
            const body = `"${'x'.repeat(998)}"`
            await until(async () => {
                const whole = request(body, { authorization: credentials(KEY, body) })
                return (await say(url, whole)).statuses[0] === 200
            })
            await close()
        })

    test('is not given twice to one call that is repeated', () => listening(async (url) => {
        const first = await dial(url)
        const call = begun(100)
        first.write(call)
        await until(async () => (await say(url, call)).statuses[0] === 503)
        first.destroy()
    }))

    test('has room for the largest message', async () => {
        const options = { keys: [KEY], bytesMax: 1000, inboundBytesMax: 999 }
        await assert.rejects(listenHttp(new Bare('b'), options), { code: 'invalid-argument' })
    })
})

/** Waits until an attempt succeeds. Each attempt waits for a server. */
async function until(attempt: () => Promise<boolean>): Promise<void> {
    while (!await attempt()) {}
}
