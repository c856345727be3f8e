import assert from 'node:assert/strict'
import { pbkdf2 } from 'node:crypto'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { connect as dialTls, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { Certificates } from '../../src/transport/security/certificates.js'
import { KINDS } from '../../src/transport/tcp/frame.js'
import { listenHttp } from '../../src/transport/http/http.js'
import { connectTcp, listenTcp } from '../../src/transport/tcp/tcp.js'
import { Authority, type Issued } from './authority.js'
import { FakeKibitzer, envelope } from '../../src/transport/conformance/fake-kibitzer.js'
import { frame, HELLO } from './raw.js'
import { dial, request } from './socket.js'

const [old, next] = [new Authority(), new Authority()]
const PATIENCE = { callTimeout: 10_000 }
const ANSWER = 'the answer'
const derive = promisify(pbkdf2)

/** The calls that one connection over HTTP carries. */
const REQUESTS_MAX = 10_000

const LISTEN = { https: listenHttp, tls: listenTcp } as const

/** A call as each transport carries it. */
const CALLS = {
    https: [request('{}', { connection: 'keep-alive' })],
    tls: [HELLO, frame(KINDS.call, 1, '{}')]
} as const

/** A connection with a certificate that ignores every received byte. */
async function stubborn(url: string, { ca, cert, key }: Issued): Promise<TLSSocket> {
    const { hostname, port } = new URL(url)
    const socket = dialTls({
        ca, cert, key, host: hostname, port: Number(port), checkServerIdentity: () => undefined
    })
    await once(socket, 'secureConnect')
    socket.on('error', () => {})
    socket.resume()
    return socket
}

/** Resolves when a connection is closed, whichever way. */
function closing(socket: TLSSocket): Promise<void> {
    return new Promise((resolve) => {
        socket.once('close', () => resolve())
    })
}

/** Resolves when a member receives a call, with a function that answers the call. */
function asked(fake: FakeKibitzer): Promise<() => void> {
    return new Promise((resolve) => {
        fake.answer = () => new Promise((answer) => resolve(() => answer({ from: fake.id })))
    })
}

for (const [kind, listen] of Object.entries(LISTEN)) {
    describe(`a busy peer over ${kind}`, { timeout: 30_000 }, () => {
        test('is cut when the authority of its certificate is removed', async () => {
            const fake = new FakeKibitzer('b')
            const tls = new Certificates(old.issue('b'))
            const { url, close } = await listen(fake, { ...PATIENCE, tls })
            const busy = asked(fake)
            const socket = await stubborn(url, old.issue('evil'))
            const closed = closing(socket)
            for (const part of CALLS[kind as keyof typeof CALLS]) {
                socket.write(part)
            }
            const answer = await busy
            tls.replace(next.issue('b'))
            await closed
            answer()
            assert.equal(fake.requests.length, 1)
            assert.deepEqual(fake.turnedAway, ['bad-certificate'])
            await close()
        })

        test('is cut when its certificate ends', async () => {
            const fake = new FakeKibitzer('b')
            const { url, close } = await listen(fake, { ...PATIENCE, tls: old.issue('b') })
            const socket = await stubborn(url, old.issue('a', { endsIn: 2000 }))
            const closed = closing(socket)
            const [first, ...rest] = CALLS[kind as keyof typeof CALLS]
            const call = rest[0] ?? first
            // An answer takes work, so that the certificate ends before the calls of a connection.
            fake.answer = async () => {
                await derive('secret', 'salt', 5_000, 32, 'sha256')
                return ANSWER
            }
            // The client calls again after each answer.
            let received = ''
            socket.on('data', (data) => {
                received += String(data)
                if (received.includes(ANSWER)) {
                    received = ''
                    socket.write(call)
                }
            })
            socket.write(first)
            if (call !== first) {
                socket.write(call)
            }
            await closed
            assert.ok(fake.requests.length < REQUESTS_MAX, 'the limit of calls cut the connection')
            await close()
        })

        test('stays if its certificate is valid, and reconnects for its next call', async () => {
            const fake = new FakeKibitzer('b')
            const both = [old.ca, next.ca]
            const tls = new Certificates({ ...old.issue('b'), ca: both })
            const { url, close } = await listen(fake, { ...PATIENCE, tls })
            const busy = asked(fake)
            const socket = await stubborn(url, old.issue('a'))
            for (const part of CALLS[kind as keyof typeof CALLS]) {
                socket.write(part)
            }
            const answer = await busy
            const answered = once(socket, 'data')
            tls.replace({ ...next.issue('b'), ca: both })
            assert.equal(socket.closed, false)
            answer()
            await answered
            await close()
        })
    })
}

describe('a listener over HTTP', { timeout: 30_000 }, () => {
    test('cuts a peer that calls beyond the limit of a connection', async () => {
        const fake = new FakeKibitzer('b')
        const { url, close } = await listenHttp(fake)
        const socket = await dial(url)
        const call = request('{}', { connection: 'keep-alive' })
        const closed = new Promise((resolve) => {
            socket.once('close', resolve)
        })
        // The peer ignores `connection: close`, and calls again after each answer.
        let received = ''
        socket.on('data', (data) => {
            received += String(data)
            for (let end = received.indexOf('}'); end !== -1; end = received.indexOf('}')) {
                received = received.slice(end + 1)
                socket.write(call)
            }
            if (received.includes(' 503 ')) {
                received = ''
                socket.write(call)
            }
        })
        socket.write(call)
        await closed
        assert.equal(fake.requests.length, REQUESTS_MAX)
        await close()
    })
})

describe('a client of frames', { timeout: 30_000 }, () => {
    test('that does not leave gets no answer any more, and is cut', async () => {
        const fake = new FakeKibitzer('b')
        const tls = new Certificates(old.issue('b'))
        const { url, close } = await listenTcp(fake, { ...PATIENCE, tls })
        const socket = await stubborn(url, old.issue('a'))
        const closed = closing(socket)
        const busy = asked(fake)
        socket.write(HELLO)
        socket.write(frame(KINDS.call, 1, '{}'))
        const answer = await busy
        fake.answer = () => 'at once'
        tls.replace(old.issue('b'))
        answer()
        // The client calls again after each answer.
        socket.on('data', () => socket.write(frame(KINDS.call, 1, '{}')))
        await closed
        assert.deepEqual(fake.turnedAway, [])
        await close()
    })

    test('loses no call when certificates change while it is busy', async () => {
        const [caller, callee] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
        const [ours, theirs] = [new Certificates(old.issue('a')), new Certificates(old.issue('b'))]
        const { url, close } = await listenTcp(callee, { ...PATIENCE, tls: theirs })
        const options = { ...PATIENCE, connectTimeout: 10_000, tls: ours }
        const disconnect = connectTcp(caller, options)
        const busy = asked(callee)
        const first = caller.call(envelope({ url }, 1))
        const answer = await busy
        theirs.replace(old.issue('b'))
        ours.replace(old.issue('a2'))
        callee.answer = () => 'at once'
        assert.equal(await caller.call(envelope({ url }, 2)), 'at once')
        assert.deepEqual(callee.peers.map((peer) => peer?.id), ['a', 'a2'])
        answer()
        assert.deepEqual(await first, { from: 'b' })
        disconnect()
        await close()
    })
})
