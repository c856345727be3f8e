import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import {
    answer, handler, listenHttp, type ListenHttpOptions
} from '../../../src/transport/http/http.js'
import { Bare, envelope } from '../bare.js'
import { dial, hangUp, request, say } from '../socket.js'

/** A member that listens, for as long as the test runs. */
async function listening(
    use: (url: string, bare: Bare) => Promise<void>, options: ListenHttpOptions = {}
): Promise<void> {
    const bare = new Bare('b')
    const { url, close } = await listenHttp(bare, options)
    try {
        await use(url, bare)
    } finally {
        await close()
    }
}

describe('what listens for calls', () => {
    test('answers on loopback, on a port that is free, with the body of a call', () =>
        listening(async (url, bare) => {
            assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/kibitz$/)
            const { statuses, text } = await say(url, request('{"n":1}'))
            assert.deepEqual(statuses, [200])
            assert.match(text, /content-type: application\/json\r\ncontent-length: 12\r\n/i)
            assert.match(text, /\r\n\r\n\{"from":"b"\}$/)
            assert.deepEqual(bare.requests, [{ n: 1 }])
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
        test(`answers ${status} to ${what}`, () => listening(async (url, bare) => {
            assert.deepEqual((await say(url, said)).statuses, [status])
            assert.equal(bare.requests.length, status === 200 ? 1 : 0)
            assert.deepEqual((await say(url, request('{}'))).statuses, [200])
        }))
    }

    test('takes a type with a charset', () => listening(async (url) => {
        const typed = request('{}', { 'content-type': 'Application/JSON; charset=utf-8' })
        assert.deepEqual((await say(url, typed)).statuses, [200])
    }))

    test('says which method it takes, and nothing of what was wrong', () =>
        listening(async (url) => {
            assert.match((await say(url, request('', {}, 'GET /kibitz HTTP/1.1'))).text,
                /\r\nallow: POST\r\n[\s\S]*\r\n\r\nMethod Not Allowed\n$/i)
            assert.match((await say(url, request('{"secret":'))).text, /\r\n\r\nBad Request\n$/)
        }))

    test('keeps a connection for many calls, and answers pipelined ones in order', () =>
        listening(async (url, bare) => {
            bare.answer = (arrived) => arrived
            const kept = request('{"n":1}', { connection: 'keep-alive' })
            const { statuses, text } = await say(url, kept, kept, request('{"n":2}'))
            assert.deepEqual(statuses, [200, 200, 200])
            assert.match(text, /\{"n":1\}[\s\S]*\{"n":1\}[\s\S]*\{"n":2\}$/)
        }))

    test('answers null where the Kibitzer answers nothing', () => listening(async (url, bare) => {
        bare.answer = () => undefined
        assert.match((await say(url, request('{}'))).text, /\r\n\r\nnull$/)
    }))

    test('serves the path that it is told', () => listening(async (url) => {
        assert.match(url, /\/peers$/)
        const said = request('{}', {}, 'POST /peers HTTP/1.1')
        assert.deepEqual((await say(url, said)).statuses, [200])
    }, { path: '/peers' }))
})

describe('a limit of what listens', () => {
    test('on a length that is announced, before a byte of it is read', () =>
        listening(async (url, bare) => {
            const announced = request('', { 'content-length': '101' })
            assert.deepEqual((await say(url, announced)).statuses, [413])
            const whole = request(`"${'x'.repeat(98)}"`)
            assert.deepEqual((await say(url, whole)).statuses, [200])
            assert.equal(bare.requests.length, 1)
        }, { bytesMax: 100 }))

    test('on twelve mebibytes where nothing is said', () => listening(async (url) => {
        const most = 12 * 1024 * 1024
        const over = request('', { 'content-length': String(most + 1) })
        assert.deepEqual((await say(url, over)).statuses, [413])
        const all = request(`"${'x'.repeat(most - 2)}"`)
        assert.deepEqual((await say(url, all)).statuses, [200])
    }))

    test('on the time that a head takes', () => listening(async (url) => {
        assert.deepEqual((await say(url, 'POST /kibitz HTTP/1.1\r\nhost:')).statuses, [408])
    }, { headersTimeout: 50, requestTimeout: 100 }))

    test('on the time that a body takes', () => listening(async (url, bare) => {
        const slow = request('', { 'content-length': '2' })
        assert.deepEqual((await say(url, slow, '{')).statuses, [408])
        assert.equal(bare.requests.length, 0)
    }, { headersTimeout: 50, requestTimeout: 100 }))

    test('on the time that a connection says nothing at all', () => listening(async (url) => {
        await say(url)
    }, { headersTimeout: 50, requestTimeout: 100 }))

    test('on the time that a connection is kept for nothing', () => listening(async (url) => {
        const kept = request('{}', { connection: 'keep-alive' })
        assert.deepEqual((await say(url, kept)).statuses, [200])
    }, { keepAliveTimeout: 50 }))

    test('on the number of connections: the oldest that has said nothing goes', () =>
        listening(async (url, bare) => {
            const kept = request('{}', { connection: 'keep-alive' })
            const known = await dial(url)
            const served = new Promise((resolve) => known.once('data', resolve))
            known.write(kept)
            await served
            const silent = hangUp(await dial(url))
            assert.deepEqual((await say(url, request('{}'))).statuses, [200])
            assert.deepEqual((await silent).statuses, [])
            assert.deepEqual(bare.turnedAway, ['too-many'])
            const closed = hangUp(known)
            known.write(request('{}'))
            assert.deepEqual((await closed).statuses, [200])
        }, { connectionsMax: 2 }))

    test('on the number of connections: none is left for who comes when all are known', () =>
        listening(async (url) => {
            const known = await dial(url)
            const served = new Promise((resolve) => known.once('data', resolve))
            known.write(request('{}', { connection: 'keep-alive' }))
            await served
            assert.deepEqual((await say(url, request('{}'))).statuses, [])
            const closed = hangUp(known)
            known.write(request('{}'))
            assert.deepEqual((await closed).statuses, [200])
        }, { connectionsMax: 1 }))

    test('on the calls of one connection that are under way', () => listening(async (url, bare) => {
        const asked = new Promise<() => void>((resolve) => {
            bare.answer = () => new Promise((answer) => resolve(() => answer('at last')))
        })
        const kept = request('{}', { connection: 'keep-alive' })
        const said = say(url, kept, kept)
        const refused = bare.refusal()
        const speak = await asked
        await refused
        speak()
        assert.deepEqual((await said).statuses, [200, 503])
        assert.equal(bare.requests.length, 1)
    }, { callsMax: 1 }))

    test('on nothing, where it counts nothing', async () => {
        for (const name of ['bytesMax', 'callsMax', 'callTimeout', 'connectionsMax', 'headBytesMax',
            'headersTimeout', 'keepAliveTimeout', 'requestTimeout', 'socketsMax']) {
            await assert.rejects(listenHttp(new Bare('b'), { [name]: 0 }), {
                name: 'KibitzError', code: 'invalid-argument', message: new RegExp(name)
            })
        }
    })
})

describe('what listens', () => {
    test('is reached from this machine alone, unless it is told to be insecure', async () => {
        for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1.example.org']) {
            await assert.rejects(listenHttp(new Bare('b'), { host }), {
                code: 'invalid-argument', message: /insecure: true/
            })
        }
        await listening(async (url) => {
            assert.deepEqual((await say(url, request('{}'))).statuses, [200])
        }, { host: '0.0.0.0', advertise: '127.0.0.1', insecure: true })
    })

    test('says when its port is taken, and leaves nothing behind', () => listening(async (url) => {
        const port = Number(new URL(url).port)
        const bare = new Bare('b')
        await assert.rejects(listenHttp(bare, { port }), {
            name: 'KibitzError', code: 'address-in-use', message: new RegExp(String(port))
        })
        const untaken = bare.call(envelope({ url }))
        bare.destroy()
        assert.equal(await untaken, 'conduit#endOfStream')
    }))

    test('says when there is no such address or path', async () => {
        const host = '192.0.2.1'
        await assert.rejects(listenHttp(new Bare('b'), { host, insecure: true }), {
            code: 'invalid-argument'
        })
        await assert.rejects(listenHttp(new Bare('b'), { path: 'kibitz' }), {
            code: 'invalid-argument'
        })
    })

    test('lives through callers who break off', () => listening(async (url) => {
        const socket = await dial(url)
        const closed = hangUp(socket)
        const half = request('{', { 'content-length': '2' })
        await new Promise((resolve) => socket.write(half, resolve))
        socket.resetAndDestroy()
        await closed
        assert.deepEqual((await say(url, request('{}'))).statuses, [200])
    }))

    test('closes once, with every connection', () => listening(async (url, bare) => {
        const idle = hangUp(await dial(url))
        const busy = say(url, request('{}'))
        const speak = await new Promise<() => void>((resolve) => {
            bare.answer = () => new Promise((reply) => resolve(() => reply('late')))
        })
        bare.destroy()
        speak()
        assert.deepEqual((await idle).statuses, [])
        assert.deepEqual((await busy).statuses, [])
        await assert.rejects(dial(url), { code: 'ECONNREFUSED' })
    }))
})

describe('a route of one\'s own', () => {
    test('takes the body that a parser before it has left', async () => {
        const bare = new Bare('b')
        const handle = handler(bare, { bytesMax: 1 })
        const server = createServer((arrived: IncomingMessage & { body?: unknown }, response) => {
            arrived.resume().on('end', () => {
                arrived.body = { parsed: true }
                handle(arrived, response)
            })
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as AddressInfo
        const { statuses } = await say(`http://127.0.0.1:${port}`, request('{"parsed":false}'))
        assert.deepEqual([statuses, bare.requests], [[200], [{ parsed: true }]])
        server.close()
    })

    test('does not wait for a body that somebody else has read', async () => {
        const handle = handler(new Bare('b'))
        const server = createServer((arrived, response) => {
            arrived.resume().on('end', () => handle(arrived, response))
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as AddressInfo
        assert.deepEqual((await say(`http://127.0.0.1:${port}`, request('{}'))).statuses, [])
        server.close()
    })

    test('of another framework is answered, come what may', async () => {
        const bare = new Bare('b')
        assert.deepEqual(await answer(bare, { n: 1 }), { from: 'b' })
        bare.answer = () => undefined
        assert.equal(await answer(bare, undefined), null)
        bare.answer = () => { throw new Error('no answer') }
        assert.equal(await answer(bare, {}), null)
    })
})
