import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { connectHttp, handler, listenHttp, send } from '../../../src/transport/http/http.js'
import { HeldKey, type Key, KeyRing } from '../../../src/transport/security/keys.js'
import { SignedCall } from '../../../src/transport/http/signature.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { credentials } from '../credentials.js'
import { request, sendRaw } from '../socket.js'

const KEY = { id: 'k1', secret: 'a secret that is long enough, really' }
const OLD = { id: 'k0', secret: 'a secret that has done its duty, long' }
const NEVER = new AbortController().signal

/** Runs with a member that listens under the keys given. */
async function listening(
    use: (url: string, fake: FakeKibitzer) => Promise<void>, keys: readonly Key[] = [KEY, OLD]
): Promise<void> {
    const fake = new FakeKibitzer('b')
    const { url, close } = await listenHttp(fake, { keys })
    try {
        await use(url, fake)
    } finally {
        await close()
    }
}

/** The call that a header announces, if the code is valid. */
function announced(keys: KeyRing, header: string, length: number): SignedCall {
    const call = SignedCall.read(keys, header, { target: 'POST /kibitz', length })
    assert.ok(typeof call !== 'string', String(call))
    return call
}

describe('a ring of keys', () => {
    test('signs with the first key and knows all keys', () => {
        const ring = new KeyRing([KEY, OLD])
        assert.equal(ring.first.id, 'k1')
        assert.equal(ring.find('k0')?.id, 'k0')
        assert.equal(ring.find('k2'), undefined)
    })

    test('gives different codes for different divisions into parts', () => {
        const { first } = new KeyRing([KEY])
        const code = first.code(['ab', 'c'])
        assert.ok(first.verifies(code, ['ab', 'c']))
        for (const parts of [['a', 'bc'], ['abc'], ['ab', 'c', ''], ['ab'], []]) {
            assert.ok(!first.verifies(code, parts))
        }
        assert.ok(!first.verifies(code.subarray(1), ['ab', 'c']))
    })

    test('keeps an unchanged key, and drops a removed key', () => {
        const ring = new KeyRing([OLD, KEY])
        const [old, key] = [ring.find('k0'), ring.find('k1')]
        assert.ok(old && key)
        ring.replace([KEY])
        assert.deepEqual([ring.holds(key), ring.holds(old)], [true, false])
        ring.replace([{ ...KEY, secret: `${KEY.secret}!` }])
        assert.equal(ring.holds(key), false)
    })

    test('rejects unusable keys, and then stays unchanged', () => {
        const ring = new KeyRing([KEY])
        for (const keys of [[], [KEY, KEY], [{ ...KEY, secret: 'short' }], [{ ...KEY, id: '' }],
            [{ ...KEY, id: 'a b' }], [{ ...KEY, id: 'x'.repeat(65) }],
            [{ ...KEY, secret: undefined }], [{ ...KEY, id: undefined }], null
        ] as unknown as Key[][]) {
            const isRefused = { name: 'KibitzError', code: 'invalid-argument' }
            assert.throws(() => new KeyRing(keys), isRefused)
            assert.throws(() => ring.replace(keys), isRefused)
        }
        assert.equal(ring.first.id, 'k1')
    })

    test('shows no secret when printed', () => {
        const shown = inspect(new KeyRing([KEY]), { depth: null, showHidden: true })
        assert.ok(!shown.includes(KEY.secret.slice(0, 8)))
        assert.throws(() => new KeyRing([{ id: 'a', secret: 'hush hush' }]), (error: Error) =>
            !error.message.includes('hush'))
    })
})

describe('the listener over HTTP with a key', () => {
    test('answers a caller with one of the keys', () => listening(async (url, fake) => {
        for (const key of [KEY, OLD]) {
            const authorization = credentials(key, '{"n":1}')
            const { statuses, text } = await sendRaw(url, request('{"n":1}', { authorization }))
            assert.deepEqual(statuses, [200])
            assert.match(text, /\r\nauthentication-info: code=[\w-]{43}\r\n/)
        }
        assert.deepEqual([fake.requests.length, fake.turnedAway], [2, []])
    }))

    for (const [what, reason, header] of [
        ['without a header', 'no-key', null],
        ['with an empty one', 'no-key', ''],
        ['with another scheme', 'no-key', 'Bearer abc'],
        ['with a code that is too short', 'no-key',
            credentials(KEY, '').replace(/code=./, 'code=')],
        ['with more than belongs there', 'no-key', `${credentials(KEY, '')}, more=1`],
        ['under a key that is not known', 'unknown-key', credentials({ ...KEY, id: 'k7' }, '')]
    ] as const) {
        test(`answers 401 to a call ${what}, before it has read the body`, () =>
            listening(async (url, fake) => {
                // The body never comes: the answer does not wait for it.
                const headers = { authorization: header, 'content-length': '1000' }
                const { statuses, text } = await sendRaw(url, request('', headers))
                assert.deepEqual(statuses, [401])
                assert.match(text, /www-authenticate: Kibitz-HMAC\r\n/)
                assert.match(text, /\r\n\r\nUnauthorized\n$/)
                assert.deepEqual([fake.turnedAway, fake.requests], [[reason], []])
            }))
    }

    test('answers 401 if the code belongs to another body, key or call', () =>
        listening(async (url, fake) => {
            const body = '{"n":1}'
            const signed = SignedCall.begin(new KeyRing([KEY]), 'b:80', Buffer.from(body))
            const answer = signed.confirmation(200, Buffer.from(body))
            const good = signed.credentials({ target: 'POST /kibitz', length: body.length })
            for (const authorization of [
                credentials(KEY, '{"n":2}'),
                credentials(KEY, body, 'POST /other'),
                credentials(KEY, body, 'PUT /kibitz'),
                credentials({ ...KEY, secret: OLD.secret }, body),
                good.replace('key=k1', 'key=k0'),
                good.replace(/nonce=.{4}/, 'nonce=AAAA'),
                good.replace('to=b:80', 'to=c:80'),
                good.replace(/digest=.{4}/, 'digest=AAAA'),
                good.replace(/code=.*/, answer)
            ]) {
                const { statuses } = await sendRaw(url, request(body, { authorization }))
                assert.deepEqual(statuses, [401])
            }
            assert.deepEqual(fake.turnedAway, Array(9).fill('bad-mac'))
            assert.deepEqual(fake.requests, [])
        }))

    test('gives every unknown caller the same answer', () =>
        listening(async (url) => {
            const lines = ['GET /kibitz HTTP/1.1', 'PUT /kibitz HTTP/1.1', 'POST /kibitz HTTP/1.1']
            const said = lines.map(async (line) =>
                (await sendRaw(url, request('', {}, line))).text.replace(/date:.*\r\n/i, ''))
            const [first, ...rest] = await Promise.all(said)
            assert.deepEqual(rest, [first, first])
        }))

    test('may listen on every address', async () => {
        const { close } = await listenHttp(new FakeKibitzer('b'), {
            host: '0.0.0.0', advertise: 'b.example', keys: [KEY]
        })
        await close()
    })

    test('uses the bytes that a parser has left, and no parsed value',
        async () => {
            const fake = new FakeKibitzer('b')
            const handle = handler(fake, { keys: [KEY] })
            const server = createServer((arrived, response) => {
                const chunks: Buffer[] = []
                arrived.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
                    const raw = Buffer.concat(chunks)
                    const body = arrived.url === '/raw' ? raw : JSON.parse(raw.toString())
                    handle(Object.assign(arrived, { body }), response)
                })
            })
            await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
            const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
            const posted = (path: string): Buffer => {
                const authorization = credentials(KEY, '{}', `POST ${path}`)
                return request('{}', { authorization }, `POST ${path} HTTP/1.1`)
            }
            assert.deepEqual((await sendRaw(url, posted('/raw'))).statuses, [200])
            assert.deepEqual((await sendRaw(url, posted('/parsed'))).statuses, [])
            assert.deepEqual(fake.requests, [{}])
            server.close()
        })
})

describe('another route of a listener with a key', () => {
    const routes = {
        '/health': { method: 'GET', answer: () => Promise.resolve({ status: 200, body: 'well' }) },
        '/oob': { answer: (body: unknown) => Promise.resolve({ status: 409, body }) }
    } as const

    test('demands the key, and a call for one route works on no other route', async () => {
        const { url, close } = await listenHttp(new FakeKibitzer('b'), { keys: [KEY], routes })
        const get = (authorization: string | null): Promise<{ statuses: readonly number[] }> =>
            sendRaw(url, request('', { authorization }, 'GET /health HTTP/1.1'))
        assert.deepEqual((await get(null)).statuses, [401])
        assert.deepEqual((await get(credentials(KEY, '', 'GET /oob'))).statuses, [401])
        const to = new URL(url).host
        assert.deepEqual((await get(credentials(KEY, '', 'GET /health', to))).statuses, [200])
        const client = send({ keys: [KEY] })
        const oob = { url: new URL('/oob', url).href }
        const asked = await client.exchange(oob, { n: 1 }, NEVER)
        assert.deepEqual(asked, { status: 409, value: { n: 1 } })
        client.close()
        await close()
    })
})

describe('the client over HTTP with a key', () => {
    test('accepts only the answer to its own call from a holder of the key', async () => {
        const ring = new KeyRing([KEY])
        const foreign = new HeldKey({ ...KEY, secret: OLD.secret })
        const confirmations: ((body: Buffer, header: string, length: number) =>
            string | undefined)[] = [
            () => undefined,
            () => 'code=',
            (body, header, length) => announced(ring, header, length).confirmation(201, body),
            (body) => SignedCall.begin(ring, 'b:80', body).confirmation(200, body),
            (_body, header) => `code=${/code=(.*)/.exec(header)?.[1]}`,
            (body, header, length) => {
                const { nonce } = announced(ring, header, length)
                const code = foreign.code(['kibitz http answer 1', 'k1', nonce, '200', body])
                return `code=${code.toString('base64url')}`
            }
        ]
        const server = createServer((arrived, response) => {
            const body = Buffer.from('"a lie"')
            const confirm = confirmations.shift()
            const { authorization = '', 'content-length': length } = arrived.headers
            const confirmation = confirm?.(body, authorization, Number(length))
            if (confirmation !== undefined) {
                response.setHeader('authentication-info', confirmation)
            }
            response.end(body)
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const to = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/kibitz` }
        const fake = new FakeKibitzer('a')
        const disconnect = connectHttp(fake, { keys: [KEY], callTimeout: 10_000 })
        for (const _ of [...confirmations]) {
            assert.equal(await fake.call(envelope(to)), null)
        }
        assert.deepEqual(fake.turnedAway, Array(6).fill('bad-mac'))
        disconnect()
        server.close()
    })

    test('sends calls while keys change, and none under a removed key', async () => {
        const [ours, theirs] = [new KeyRing([OLD]), new KeyRing([OLD])]
        const fake = new FakeKibitzer('b')
        const { url, close } = await listenHttp(fake, { keys: theirs })
        const client = send({ keys: ours })
        const call = (): Promise<unknown> => client({ url }, envelope({ url }), NEVER)
        assert.deepEqual(await call(), { from: 'b' })
        for (const keys of [[OLD, KEY], [KEY, OLD], [KEY]]) {
            theirs.replace(keys)
            assert.deepEqual(await call(), { from: 'b' })
            ours.replace(keys)
            assert.deepEqual(await call(), { from: 'b' })
        }
        theirs.replace([OLD])
        await assert.rejects(call(), { code: 'unreachable' })
        assert.deepEqual(fake.turnedAway, ['unknown-key'])
        client.close()
        await close()
    })
})
