import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connect as dialTls, type ConnectionOptions } from 'node:tls'
import type { WireCall } from '../../../src/guard/envelope.js'
import {
    Certificates, identityOf, type TlsOptions
} from '../../../src/transport/security/certificates.js'
import { connectHttp, listenHttp } from '../../../src/transport/http/http.js'
import { connectTcp, listenTcp } from '../../../src/transport/tcp/tcp.js'
import { requests } from '../../guard/samples.js'
import { Authority } from '../authority.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { dial, readUntilClosed } from '../socket.js'

const authority = new Authority()
const PATIENCE = { callTimeout: 10_000 }

/** The two transports that carry certificates, made to look alike. */
const TRANSPORTS = {
    https: { listen: listenHttp, connect: connectHttp },
    'tcp with TLS': { listen: listenTcp, connect: connectTcp }
} as const

type Transport = typeof TRANSPORTS[keyof typeof TRANSPORTS]

/** A request to a named member, as an engine sends the request. */
function addressed(to: unknown, id: string): WireCall {
    const body = { ...requests.canvass, to: { id, immigrated: '2/0' } }
    return { module: 'kibitz', method: 'receive', to, body }
}

/** Runs a test with a caller and a callee. */
async function between(
    { listen, connect }: Transport,
    tls: { readonly caller: TlsOptions | Certificates, readonly callee: TlsOptions | Certificates },
    use: (caller: FakeKibitzer, callee: FakeKibitzer, url: string) => Promise<void>
): Promise<void> {
    const [caller, callee] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
    const { url, close } = await listen(callee, { ...PATIENCE, tls: tls.callee })
    const disconnect = connect(caller, { ...PATIENCE, connectTimeout: 10_000, tls: tls.caller })
    try {
        await use(caller, callee, url)
    } finally {
        disconnect()
        await close()
    }
}

describe('a certificate', () => {
    test('names its member', () => {
        for (const [names, peer] of [
            ['URI:kibitz://republic/a', { id: 'a', republic: 'republic' }],
            ['DNS:a, URI:kibitz://r/A.b_c:1-2, IP Address:::1', { id: 'A.b_c:1-2', republic: 'r' }],
            ['URI:kibitz://a%20%2F%C3%A9/b', { id: 'b', republic: 'a /é' }],
            ['URI:https://a/b', null],
            ['DNS:kibitz://r/a', null],
            ['URI:kibitz://r/a, URI:kibitz://r/b', null],
            ['URI:"kibitz://r/a, URI:kibitz://r/b"', null],
            ['DNS:"x, URI:kibitz://r/a"', null],
            ['URI:kibitz://r/', null],
            ['URI:kibitz:///a', null],
            ['URI:kibitz://r/a/b', null],
            ['URI:kibitz://r/a b', null],
            ['URI:kibitz://%ff/a', null],
            ['', null],
            [undefined, null]
        ] as const) {
            assert.deepEqual(identityOf(names), peer, names)
        }
    })

    test('is rejected without an authority, a matching key, or a name', () => {
        const good = authority.issue('a')
        const certificates = new Certificates(good)
        for (const options of [
            { ...good, ca: undefined }, { ...good, cert: undefined }, { ...good, key: undefined },
            { ...good, key: authority.issue('a').key }, { ...good, cert: 'no PEM' },
            authority.issue('a', { uris: [] }), authority.issue('a', { uris: ['https://a/b'] }),
            undefined
        ] as unknown as TlsOptions[]) {
            const isRefused = { name: 'KibitzError', code: 'invalid-argument' }
            assert.throws(() => new Certificates(options), isRefused)
            assert.throws(() => certificates.replace(options), isRefused)
        }
        assert.equal(certificates.version, 0)
    })
})

for (const [name, transport] of Object.entries(TRANSPORTS)) {
    const good = { caller: authority.issue('a'), callee: authority.issue('b') }

    describe(name, () => {
        test('names the caller', () => between(transport, good, async (caller, callee, url) => {
            assert.deepEqual(await caller.call(envelope({ url })), { from: 'b' })
            assert.deepEqual(callee.peers, [{ id: 'a', republic: 'republic' }])
            assert.match(url, /^(?:https|tls):/)
        }))

        for (const [what, oddity] of [
            ['that has expired', { endsIn: -1000 }],
            ['of no member', { uris: ['https://a/b'] }],
            ['of two members', { uris: ['kibitz://republic/a', 'kibitz://republic/b'] }]
        ] as const) {
            test(`refuses a caller with a certificate ${what}`, async () => {
                // Which no member would take for its own: the client has to be made by hand.
                const tls = authority.issue('a', oddity)
                await between(transport, good, async (_caller, callee, url) => {
                    await shown(url, { cert: tls.cert, key: tls.key })
                    assert.deepEqual(callee.requests, [])
                    assert.deepEqual(callee.turnedAway, ['bad-certificate'])
                })
            })
        }

        test('refuses a caller without a certificate or of another authority', () =>
            between(transport, good, async (_caller, callee, url) => {
                await shown(url, {})
                const { cert, key } = new Authority().issue('a')
                await shown(url, { cert, key })
                assert.deepEqual(callee.turnedAway, ['bad-certificate', 'bad-certificate'])
                assert.deepEqual(callee.requests, [])
            }))

        test('refuses older TLS', () => between(transport, good, async (_caller, callee, url) => {
            await shown(url, { ...good.caller, maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' })
            assert.deepEqual([callee.requests, callee.turnedAway], [[], ['malformed']])
        }))

        test('refuses missing TLS', () => between(transport, good, async (_a, callee, url) => {
            const socket = await dial(url)
            const closed = readUntilClosed(socket)
            const refused = callee.refusal()
            socket.write('POST /kibitz HTTP/1.1\r\n\r\n')
            await Promise.all([closed, refused])
            assert.deepEqual([callee.requests, callee.turnedAway], [[], ['malformed']])
        }))

        test('calls no member of another authority or with an ended certificate', async () => {
            for (const callee of [
                new Authority().issue('b'), authority.issue('b', { endsIn: -1000 })
            ]) {
                await between(transport, { ...good, callee }, async (caller, called, url) => {
                    assert.equal(await caller.call(envelope({ url })), null)
                    assert.deepEqual([caller.turnedAway[0], called.requests],
                        ['bad-certificate', []])
                })
            }
        })

        test('never calls without TLS', () => between(transport, good, async (caller, _b, url) => {
            const plain = url.replace('https:', 'http:').replace('tls:', 'tcp:')
            assert.equal(await caller.call(envelope({ url: plain })), null)
            assert.deepEqual(await caller.call(envelope({ url })), { from: 'b' })
        }))

        test('rejects the answer of another member than the addressee', () =>
            between(transport, good, async (caller, callee, url) => {
                callee.answer = () => 'an answer'
                assert.equal(await caller.call(addressed({ url }, 'c')), null)
                assert.equal(await caller.call(addressed({ url }, 'b')), 'an answer')
            }))

        test('replaces its certificates and its authority while it runs', async () => {
            const caller = new Certificates(good.caller)
            const callee = new Certificates(good.callee)
            await between(transport, { caller, callee }, async (a, b, url) => {
                const call = (): Promise<unknown> => a.call(envelope({ url }))
                assert.deepEqual(await call(), { from: 'b' })
                const next = new Authority()
                const both = [authority.ca, next.ca]
                callee.replace({ ...good.callee, ca: both })
                caller.replace({ ...good.caller, ca: both })
                assert.deepEqual(await call(), { from: 'b' })
                callee.replace({ ...next.issue('b'), ca: both })
                assert.deepEqual(await call(), { from: 'b' })
                caller.replace({ ...next.issue('a2'), ca: both })
                assert.deepEqual(await call(), { from: 'b' })
                assert.equal(b.peers.at(-1)?.id, 'a2')
                assert.deepEqual([a.turnedAway, b.turnedAway], [[], []])
                callee.replace(next.issue('b'))
                caller.replace({ ...good.caller, ca: both })
                assert.equal(await call(), null)
                assert.deepEqual(b.turnedAway, ['bad-certificate'])
            })
        })

        test('may listen on every address', async () => {
            const { listen } = transport
            const { close } = await listen(new FakeKibitzer('b'), {
                host: '0.0.0.0', advertise: 'b.example', tls: good.callee
            })
            await close()
        })

        test('limits the time of a handshake', async () => {
            const fake = new FakeKibitzer('b')
            const { url, close } = await transport.listen(fake, {
                tls: good.callee, headersTimeout: 40, handshakeTimeout: 40
            })
            await readUntilClosed(await dial(url))
            assert.deepEqual(fake.turnedAway, ['too-slow'])
            await close()
        })
    })
}

/** Shows a certificate, and waits until the other side has closed the connection. */
async function shown(url: string, options: ConnectionOptions): Promise<void> {
    const { hostname, port } = new URL(url)
    await new Promise<void>((resolve) => {
        const socket = dialTls({
            ca: authority.ca, ...options, host: hostname, port: Number(port),
            checkServerIdentity: () => undefined
        })
        socket.on('secureConnect', () => {
            socket.write('POST /kibitz HTTP/1.1\r\nhost: b\r\ncontent-type: application/json\r\n'
                + 'content-length: 2\r\nconnection: close\r\n\r\n{}')
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve())
        socket.resume()
    })
}
