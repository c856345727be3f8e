import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { listenHttp, send } from '../../../src/transport/http/http.js'
import { FakeKibitzer } from '../../../src/transport/conformance/fake-kibitzer.js'
import { credentials } from '../credentials.js'
import { dial, request, sendRaw } from '../socket.js'

const KEY = { id: 'k1', secret: 'a secret that is long enough, really' }
const NEVER = new AbortController().signal

/** Runs with a member that listens under a key. */
async function listening(use: (url: string, fake: FakeKibitzer) => Promise<void>): Promise<void> {
    const fake = new FakeKibitzer('b')
    const { url, close } = await listenHttp(fake, { keys: [KEY] })
    try {
        await use(url, fake)
    } finally {
        await close()
    }
}

describe('an order under a key', () => {
    const routes = { '/order': { answer: async (body: unknown) => ({ status: 200, body }) } }

    test('that was overheard at one member does not work at another member', async () => {
        const [a, b] = await Promise.all(['a', 'b'].map((id) =>
            listenHttp(new FakeKibitzer(id), { keys: [KEY], routes })))
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
            assert.deepEqual((await sendRaw(url, said)).statuses, [421])
        }
        // What was meant for a works at a, under each name that a has, and not at b.
        for (const to of [new URL(a.url).host, `localhost:${new URL(a.url).port}`]) {
            const good = credentials(KEY, 'null', 'POST /order', to)
            const said = request('null', { authorization: good }, 'POST /order HTTP/1.1')
            assert.deepEqual((await sendRaw(a.url, said)).statuses, [200])
            assert.deepEqual((await sendRaw(b.url, said)).statuses, [421])
        }
        client.close()
        tap.close()
        await Promise.all([a.close(), b.close()])
    })

    test('works at the advertised address', async () => {
        const { url, close } = await listenHttp(new FakeKibitzer('b'), {
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

    test('is not given to a call whose head proves no key', () => listening(async (url, fake) => {
        const code = 'A'.repeat(43)
        const authorization =
            `Kibitz-HMAC key=k1, nonce=${'A'.repeat(22)}, to=b:80, digest=${code}, code=${code}`
        const unproven = request('', { authorization, 'content-length': '8000000' })
        // The answer does not wait for the body, which never comes.
        assert.deepEqual((await sendRaw(url, unproven)).statuses, [401])
        assert.deepEqual(fake.turnedAway, ['bad-mac'])
    }))

    test('is limited for all connections together, and freed when a caller closes',
        async () => {
            const fake = new FakeKibitzer('b')
            const { url, close } = await listenHttp(fake, {
                keys: [KEY], bytesMax: 1000, inboundBytesMax: 1500
            })
            const first = await dial(url)
            first.write(begun(1000))
            await until(async () => (await sendRaw(url, begun(501))).statuses[0] === 503)
            const short = request('{}', { authorization: credentials(KEY, '{}') })
            assert.deepEqual((await sendRaw(url, short)).statuses, [200])
            first.destroy()
            const body = `"${'x'.repeat(998)}"`
            await until(async () => {
                const whole = request(body, { authorization: credentials(KEY, body) })
                return (await sendRaw(url, whole)).statuses[0] === 200
            })
            await close()
        })

    test('is not granted twice to a repeated call', () => listening(async (url) => {
        const first = await dial(url)
        const call = begun(100)
        first.write(call)
        await until(async () => (await sendRaw(url, call)).statuses[0] === 503)
        first.destroy()
    }))

    test('has room for the largest message', async () => {
        const options = { keys: [KEY], bytesMax: 1000, inboundBytesMax: 999 }
        const listening = listenHttp(new FakeKibitzer('b'), options)
        await assert.rejects(listening, { code: 'invalid-argument' })
    })
})

/** Waits until an attempt succeeds. Each attempt waits for a server. */
async function until(attempt: () => Promise<boolean>): Promise<void> {
    while (!await attempt()) {}
}
