import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { connect as dialTls } from 'node:tls'
import { connectHttp, listenHttp } from '../../../src/transport/http/http.js'
import {
    listenMixed, type MixedListener, type MixedOptions
} from '../../../src/transport/mixed/listener.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { Certificates } from '../../../src/transport/security/certificates.js'
import { connectTcp } from '../../../src/transport/tcp/tcp.js'
import { Authority } from '../authority.js'
import { LanguageRecorder } from '../language-recorder.js'
import { dial, readUntilClosed, request, sendRaw } from '../socket.js'

const KEYS = [{ id: 'k1', secret: 'a secret that is long enough, really' }]
const PATIENCE = { callTimeout: 10_000, connectTimeout: 10_000 }
const authority = new Authority()

/** Runs a test with a member that takes frames and HTTP on one port. */
async function listening(
    options: MixedOptions,
    use: (listener: MixedListener, fake: FakeKibitzer) => Promise<void>
): Promise<void> {
    const fake = new FakeKibitzer('b')
    const listener = await listenMixed(fake, options, true)
    try {
        await use(listener, fake)
    } finally {
        await listener.close()
    }
}

describe('one port for frames and HTTP', { timeout: 60_000 }, () => {
    for (const [name, given] of [
        ['without protection', () => ({})],
        ['under keys', () => ({ keys: KEYS })],
        ['over TLS', (id: string) => ({ tls: authority.issue(id) })]
    ] as const) {
        test(`answers both ${name}`, () => listening(given('b'), async ({ url, tcp }, fake) => {
            for (const [connect, address] of [[connectTcp, tcp], [connectHttp, url]] as const) {
                const caller = new FakeKibitzer('a')
                const disconnect = connect(caller, { ...PATIENCE, ...given('a') })
                assert.deepEqual(await caller.call(envelope({ url: address })), { from: 'b' })
                disconnect()
            }
            const peer = name === 'over TLS' ? { id: 'a', republic: 'republic' } : undefined
            assert.deepEqual(fake.peers, [peer, peer])
            assert.deepEqual(fake.turnedAway, [])
        }))

        test(`is called with frames ${name}`, () => listening(given('b'), async ({ url, tcp }) => {
            const recorder = await LanguageRecorder.open(Number(new URL(url).port))
            const caller = new FakeKibitzer('a')
            const { close } = await listenMixed(caller, { ...PATIENCE, ...given('a') }, false)
            const at = (address: string | null): string | undefined =>
                address?.replace(/127.*:\d+/, recorder.at)
            const both = envelope({ url: at(url), tcp: at(tcp) })
            assert.deepEqual(await caller.call(both), { from: 'b' })
            if (name !== 'over TLS') {
                assert.deepEqual(recorder.languages, ['frames'])
            }
            await Promise.all([close(), recorder.close()])
        }))
    }

    test('demands a key in both languages', () =>
        listening({ keys: KEYS }, async ({ url, tcp }, fake) => {
            for (const [connect, address] of [[connectTcp, tcp], [connectHttp, url]] as const) {
                const stranger = new FakeKibitzer('a')
                const disconnect = connect(stranger, PATIENCE)
                assert.equal(await stranger.call(envelope({ url: address })), null)
                disconnect()
            }
            assert.deepEqual(fake.turnedAway, ['no-key', 'no-key'])
            assert.deepEqual(fake.requests, [])
        }))

    test('ends a connection that sends no byte, or half the head of a request', () =>
        listening({ handshakeTimeout: 200, headersTimeout: 200 }, async ({ url }, fake) => {
            const silent = readUntilClosed(await dial(url))
            const half = sendRaw(url, 'GET /livez HTTP/1.1\r\nhost:')
            assert.deepEqual((await silent).statuses, [])
            assert.deepEqual((await half).statuses, [408])
            assert.deepEqual(fake.turnedAway, ['too-slow', 'too-slow'])
        }))

    test('limits the connections of both languages together', () =>
        listening({ connectionsMax: 2 }, async ({ url }, fake) => {
            const sockets: { readonly socket: Socket, readonly closed: Promise<unknown> }[] = []
            for (const [index, bytes] of ['GET /', '\0', '', 'GET /'].entries()) {
                const socket = await dial(url)
                sockets.push({ socket, closed: readUntilClosed(socket) })
                await new Promise<unknown>((resolve) => socket.write(bytes, resolve))
                await (index > 1 ? sockets[index - 2]?.closed : undefined)
            }
            assert.deepEqual(fake.turnedAway, ['too-many', 'too-many'])
            for (const { socket } of sockets) {
                socket.destroy()
            }
        }))

    test('ends a silent connection whose certificate has lost its authority', async () => {
        const certificates = new Certificates(authority.issue('b'))
        await listening({ tls: certificates }, async ({ url }, fake) => {
            const { hostname: host, port } = new URL(url)
            const options = { ...new Certificates(authority.issue('a')).forClient() }
            const socket = dialTls({ ...options, host, port: Number(port) })
            await new Promise((resolve) => socket.once('secureConnect', resolve))
            const closed = readUntilClosed(socket)
            const other = new Authority()
            const answered = fake.refusal()
            certificates.replace(other.issue('b'))
            socket.write(request('{}'))
            await answered
            assert.deepEqual(fake.turnedAway, ['bad-certificate'])
            assert.deepEqual((await closed).statuses, [])
            assert.deepEqual(fake.requests, [])
        })
    })
})

describe('a peer with both addresses', { timeout: 60_000 }, () => {
    test('is called over HTTP if it speaks no frames, and no call is lost', async () => {
        const [old, caller] = [new FakeKibitzer('b'), new FakeKibitzer('a')]
        const listener = await listenHttp(old)
        const recorder = await LanguageRecorder.open(Number(new URL(listener.url).port))
        const { close } = await listenMixed(caller, PATIENCE, true)
        const to = { url: `http://${recorder.at}/kibitz`, tcp: `tcp://${recorder.at}` }
        for (let call = 0; call < 5; call++) {
            assert.deepEqual(await caller.call(envelope(to)), { from: 'b' })
        }
        assert.deepEqual(recorder.languages, ['frames', 'http'])
        assert.deepEqual(caller.turnedAway, [])
        await Promise.all([close(), listener.close(), recorder.close()])
    })

    test('is called with frames again after ten seconds', async () => {
        const [peer, caller] = [new FakeKibitzer('b'), new FakeKibitzer('a')]
        const old = await listenHttp(peer)
        const recorder = await LanguageRecorder.open(Number(new URL(old.url).port))
        const { close } = await listenMixed(caller, PATIENCE, true)
        const to = { url: `http://${recorder.at}/kibitz`, tcp: `tcp://${recorder.at}` }
        assert.deepEqual(await caller.call(envelope(to)), { from: 'b' })
        await old.close()
        const listener = await listenMixed(peer, {}, true)
        recorder.port = Number(new URL(listener.url).port)
        const realNow = performance.now
        try {
            performance.now = () => realNow.call(performance) + 11_000
            assert.deepEqual(await caller.call(envelope(to)), { from: 'b' })
        } finally {
            performance.now = realNow
        }
        assert.equal(recorder.languages.at(-1), 'frames')
        await Promise.all([close(), listener.close(), recorder.close()])
    })
})
