import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import {
    answer, handler, listenHttp, type ListenHttpOptions
} from '../../../src/transport/http/http.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { dial, readUntilClosed, request, sendRaw } from '../socket.js'

/** A member that listens, for as long as the test runs. */
async function listening(
    use: (url: string, fake: FakeKibitzer) => Promise<void>, options: ListenHttpOptions = {}
): Promise<void> {
    const fake = new FakeKibitzer('b')
    const { url, close } = await listenHttp(fake, options)
    try {
        await use(url, fake)
    } finally {
        await close()
    }
}

describe('the listener over HTTP', () => {
    test('answers a call on a free port of loopback', () =>
        listening(async (url, fake) => {
            assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/kibitz$/)
            const { statuses, text } = await sendRaw(url, request('{"n":1}'))
            assert.deepEqual(statuses, [200])
            assert.match(text, /content-type: application\/json\r\ncontent-length: 12\r\n/i)
            assert.match(text, /\r\n\r\n\{"from":"b"\}$/)
            assert.deepEqual(fake.requests, [{ n: 1 }])
        }))

    for (const [what, status, said] of [
        ['another method', 405, request('', {}, 'PUT /kibitz HTTP/1.1')],
        ['a look', 405, request('', {}, 'GET /kibitz HTTP/1.1')],
        ['another path', 404, request('{}', {}, 'POST /kibitz/ HTTP/1.1')],
        ['a query', 404, request('{}', {}, 'POST /kibitz?a=b HTTP/1.1')],
        ['no type', 415, request('{}', { 'content-type': null })],
        ['another type', 415, request('{}', { 'content-type': 'text/plain' })],
        ['a type that begins alike', 415, request('{}', { 'content-type': 'application/jsonp' })],
        ['no JSON', 400, request('{"a":')],
        ['nothing', 400, request('')],
        ['JSON that is not UTF-8', 400, request(Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
        ['JSON nested beyond reason', 200, request(`${'['.repeat(2e5)}${']'.repeat(2e5)}`)],
        ['a length that is no number', 400, request('{}', { 'content-length': '2x' })],
        ['two lengths', 400, request('{}', { 'content-length': '2\r\ncontent-length: 3' })],
        ['a length and chunks', 400, request('0\r\n\r\n', { 'transfer-encoding': 'chunked' })],
        ['chunks', 411, request('2\r\n{}\r\n0\r\n\r\n',
            { 'content-length': null, 'transfer-encoding': 'chunked' })],
        ['HTTP of the first kind', 415, 'POST /kibitz\r\n\r\n'],
        ['no HTTP', 400, 'HELLO\r\n\r\n'],
        ['a head beyond the limit', 431, request('{}', { 'x-long': 'x'.repeat(9000) })]
    ] as const) {
        test(`answers ${status} to ${what}`, () => listening(async (url, fake) => {
            assert.deepEqual((await sendRaw(url, said)).statuses, [status])
            assert.equal(fake.requests.length, status === 200 ? 1 : 0)
            assert.deepEqual((await sendRaw(url, request('{}'))).statuses, [200])
        }))
    }

    test('takes a type with a charset', () => listening(async (url) => {
        const typed = request('{}', { 'content-type': 'Application/JSON; charset=utf-8' })
        assert.deepEqual((await sendRaw(url, typed)).statuses, [200])
    }))

    test('says which method it takes, and nothing of what was wrong', () =>
        listening(async (url) => {
            assert.match((await sendRaw(url, request('', {}, 'GET /kibitz HTTP/1.1'))).text,
                /\r\nallow: POST\r\n[\s\S]*\r\n\r\nMethod Not Allowed\n$/i)
            assert.match((await sendRaw(url, request('{"secret":'))).text, /\r\n\r\nBad Request\n$/)
        }))

    test('keeps a connection for many calls, and answers pipelined ones in order', () =>
        listening(async (url, fake) => {
            fake.answer = (arrived) => arrived
            const kept = request('{"n":1}', { connection: 'keep-alive' })
            const { statuses, text } = await sendRaw(url, kept, kept, request('{"n":2}'))
            assert.deepEqual(statuses, [200, 200, 200])
            assert.match(text, /\{"n":1\}[\s\S]*\{"n":1\}[\s\S]*\{"n":2\}$/)
        }))

    test('answers null where the Kibitzer answers nothing', () => listening(async (url, fake) => {
        fake.answer = () => undefined
        assert.match((await sendRaw(url, request('{}'))).text, /\r\n\r\nnull$/)
    }))

    test('serves the path that it is told', () => listening(async (url) => {
        assert.match(url, /\/peers$/)
        const said = request('{}', {}, 'POST /peers HTTP/1.1')
        assert.deepEqual((await sendRaw(url, said)).statuses, [200])
    }, { path: '/peers' }))
})

describe('a limit of what listens', () => {
    test('applies to the announced length, before the body is read', () =>
        listening(async (url, fake) => {
            const announced = request('', { 'content-length': '101' })
            assert.deepEqual((await sendRaw(url, announced)).statuses, [413])
            const whole = request(`"${'x'.repeat(98)}"`)
            assert.deepEqual((await sendRaw(url, whole)).statuses, [200])
            assert.equal(fake.requests.length, 1)
        }, { bytesMax: 100 }))

    test('is twelve mebibytes by default', () => listening(async (url) => {
        const most = 12 * 1024 * 1024
        const over = request('', { 'content-length': String(most + 1) })
        assert.deepEqual((await sendRaw(url, over)).statuses, [413])
        const all = request(`"${'x'.repeat(most - 2)}"`)
        assert.deepEqual((await sendRaw(url, all)).statuses, [200])
    }))

    test('applies to the time of a head', () => listening(async (url) => {
        assert.deepEqual((await sendRaw(url, 'POST /kibitz HTTP/1.1\r\nhost:')).statuses, [408])
    }, { headersTimeout: 50, requestTimeout: 100 }))

    test('applies to the time of a body', () => listening(async (url, fake) => {
        const slow = request('', { 'content-length': '2' })
        assert.deepEqual((await sendRaw(url, slow, '{')).statuses, [408])
        assert.equal(fake.requests.length, 0)
    }, { headersTimeout: 50, requestTimeout: 100 }))

    test('applies to the time of a connection without a byte', () => listening(async (url) => {
        await sendRaw(url)
    }, { headersTimeout: 50, requestTimeout: 100 }))

    test('applies to the time of an idle connection', () => listening(async (url) => {
        const kept = request('{}', { connection: 'keep-alive' })
        assert.deepEqual((await sendRaw(url, kept)).statuses, [200])
    }, { keepAliveTimeout: 50 }))

    test('applies to the number of connections: the oldest unproven connection is closed', () =>
        listening(async (url, fake) => {
            const kept = request('{}', { connection: 'keep-alive' })
            const known = await dial(url)
            const served = new Promise((resolve) => known.once('data', resolve))
            known.write(kept)
            await served
            const silent = readUntilClosed(await dial(url))
            assert.deepEqual((await sendRaw(url, request('{}'))).statuses, [200])
            assert.deepEqual((await silent).statuses, [])
            assert.deepEqual(fake.turnedAway, ['too-many'])
            const closed = readUntilClosed(known)
            known.write(request('{}'))
            assert.deepEqual((await closed).statuses, [200])
        }, { connectionsMax: 2 }))

    test('applies to the number of connections: proven connections are not evicted', () =>
        listening(async (url) => {
            const known = await dial(url)
            const served = new Promise((resolve) => known.once('data', resolve))
            known.write(request('{}', { connection: 'keep-alive' }))
            await served
            assert.deepEqual((await sendRaw(url, request('{}'))).statuses, [])
            const closed = readUntilClosed(known)
            known.write(request('{}'))
            assert.deepEqual((await closed).statuses, [200])
        }, { connectionsMax: 1 }))

    test('applies to the calls in flight on one connection', () => listening(async (url, fake) => {
        const asked = new Promise<() => void>((resolve) => {
            fake.answer = () => new Promise((answer) => resolve(() => answer('at last')))
        })
        const kept = request('{}', { connection: 'keep-alive' })
        const said = sendRaw(url, kept, kept)
        const refused = fake.refusal()
        const speak = await asked
        await refused
        speak()
        assert.deepEqual((await said).statuses, [200, 503])
        assert.equal(fake.requests.length, 1)
    }, { callsMax: 1 }))

    test('must be a positive number', async () => {
        for (const name of ['bytesMax', 'callsMax', 'callTimeout', 'connectionsMax', 'headBytesMax',
            'headersTimeout', 'keepAliveTimeout', 'requestTimeout', 'socketsMax']) {
            await assert.rejects(listenHttp(new FakeKibitzer('b'), { [name]: 0 }), {
                name: 'KibitzError', code: 'invalid-argument', message: new RegExp(name)
            })
        }
    })
})

describe('a listener', () => {
    test('listens on other addresses than loopback only if insecure is set', async () => {
        for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1.example.org']) {
            await assert.rejects(listenHttp(new FakeKibitzer('b'), { host }), {
                code: 'invalid-argument', message: /insecure: true/
            })
        }
        await listening(async (url) => {
            assert.deepEqual((await sendRaw(url, request('{}'))).statuses, [200])
        }, { host: '0.0.0.0', advertise: '127.0.0.1', insecure: true })
    })

    test('rejects a port in use, and leaves nothing open', () => listening(async (url) => {
        const port = Number(new URL(url).port)
        const fake = new FakeKibitzer('b')
        await assert.rejects(listenHttp(fake, { port }), {
            name: 'KibitzError', code: 'address-in-use', message: new RegExp(String(port))
        })
        const untaken = fake.call(envelope({ url }))
        fake.destroy()
        assert.equal(await untaken, 'conduit#endOfStream')
    }))

    test('rejects an unknown address and a malformed path', async () => {
        const host = '192.0.2.1'
        await assert.rejects(listenHttp(new FakeKibitzer('b'), { host, insecure: true }), {
            code: 'invalid-argument'
        })
        await assert.rejects(listenHttp(new FakeKibitzer('b'), { path: 'kibitz' }), {
            code: 'invalid-argument'
        })
    })

    test('survives callers that close the connection early', () => listening(async (url) => {
        const socket = await dial(url)
        const closed = readUntilClosed(socket)
        const half = request('{', { 'content-length': '2' })
        await new Promise((resolve) => socket.write(half, resolve))
        socket.resetAndDestroy()
        await closed
        assert.deepEqual((await sendRaw(url, request('{}'))).statuses, [200])
    }))

    test('closes once, with all connections', () => listening(async (url, fake) => {
        const idle = readUntilClosed(await dial(url))
        const busy = sendRaw(url, request('{}'))
        const speak = await new Promise<() => void>((resolve) => {
            fake.answer = () => new Promise((reply) => resolve(() => reply('late')))
        })
        fake.destroy()
        speak()
        assert.deepEqual((await idle).statuses, [])
        assert.deepEqual((await busy).statuses, [])
        await assert.rejects(dial(url), { code: 'ECONNREFUSED' })
    }))
})

describe('a route of one\'s own', () => {
    test('uses the body that a parser has left', async () => {
        const fake = new FakeKibitzer('b')
        const handle = handler(fake, { bytesMax: 1 })
        const server = createServer((arrived: IncomingMessage & { body?: unknown }, response) => {
            arrived.resume().on('end', () => {
                arrived.body = { parsed: true }
                handle(arrived, response)
            })
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as AddressInfo
        const { statuses } = await sendRaw(`http://127.0.0.1:${port}`, request('{"parsed":false}'))
        assert.deepEqual([statuses, fake.requests], [[200], [{ parsed: true }]])
        server.close()
    })

    test('does not wait for a body that was already read', async () => {
        const handle = handler(new FakeKibitzer('b'))
        const server = createServer((arrived, response) => {
            arrived.resume().on('end', () => handle(arrived, response))
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as AddressInfo
        assert.deepEqual((await sendRaw(`http://127.0.0.1:${port}`, request('{}'))).statuses, [])
        server.close()
    })

    test('of another framework gets an answer for any body', async () => {
        const fake = new FakeKibitzer('b')
        assert.deepEqual(await answer(fake, { n: 1 }), { from: 'b' })
        fake.answer = () => undefined
        assert.equal(await answer(fake, undefined), null)
        fake.answer = () => { throw new Error('no answer') }
        assert.equal(await answer(fake, {}), null)
    })
})
