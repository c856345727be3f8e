import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KINDS } from '../../../src/transport/tcp/frame.js'
import { listenTcp, type ListenTcpOptions } from '../../../src/transport/tcp/tcp.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { frame, HELLO, RawCaller, withCode } from '../raw.js'
import { dial, readUntilClosed } from '../socket.js'

const KEY = { id: 'k1', secret: 'one secret that is long enough, really' }
const OTHER = { id: 'k1', secret: 'another secret of the same name, longer' }

/** A member that listens, for as long as the test runs. */
async function listening(
    use: (url: string, fake: FakeKibitzer) => Promise<void>, options: ListenTcpOptions = {}
): Promise<void> {
    const fake = new FakeKibitzer('b')
    const { url, close } = await listenTcp(fake, options)
    try {
        await use(url, fake)
    } finally {
        await close()
    }
}

function call(id: number, payload: string | Buffer = '{}'): Buffer {
    return frame(KINDS.call, id, payload)
}

/** The same bytes but for one bit. */
function flip(bytes: Buffer, at: number): Buffer {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ 1
    return flipped
}

function lengthOnly(length: number): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(length)
    return bytes
}

describe('the server of frames', () => {
    test('answers each call under its number, and a ping with a pong', () =>
        listening(async (url, fake) => {
            fake.answer = (arrived) => arrived
            const caller = (await RawCaller.to(url)).send(HELLO, call(7, '{"n":7}'),
                frame(KINDS.ping, 3), call(8, '{"n":8}'))
            const heard = [await caller.receive(), await caller.receive(), await caller.receive()]
            assert.deepEqual(heard.sort((one, other) => (one?.id ?? 0) - (other?.id ?? 0)), [
                { kind: KINDS.pong, id: 3, text: '' },
                { kind: KINDS.answer, id: 7, text: '{"n":7}' },
                { kind: KINDS.answer, id: 8, text: '{"n":8}' }
            ])
        }))

    test('receives frames in any chunks', () => listening(async (url, fake) => {
        const caller = await RawCaller.to(url)
        caller.socket.setNoDelay(true)
        for (const byte of Buffer.concat([HELLO, call(1), call(2)])) {
            caller.send(Buffer.from([byte]))
            await new Promise((resolve) => setImmediate(resolve))
        }
        assert.equal((await caller.receive())?.id, 1)
        assert.equal((await caller.receive())?.id, 2)
        assert.deepEqual(fake.requests, [{}, {}])
    }))

    for (const [what, reason, said] of [
        ['speaks HTTP', 'malformed', 'POST / HTTP/1.1\r\n\r\n'],
        ['begins TLS', 'malformed', Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196])],
        ['says nothing in a frame', 'malformed', lengthOnly(0)],
        ['announces more than may be', 'malformed', lengthOnly(513)],
        ['announces more than there is', 'malformed', lengthOnly(0xffff_ffff)],
        ['calls before it has said hello', 'malformed', call(1)],
        ['says hello twice', 'malformed', Buffer.concat([HELLO, HELLO])],
        ['says hello in another version', 'malformed', frame(0, 0, 'kibitz\u0002\u0000')],
        ['says hello and something else', 'malformed', frame(0, 0, 'kibitz\u0001\u0000.')],
        ['says half of hello', 'malformed', frame(0, 0, 'kibit')],
        ['speaks under a key', 'unknown-key', frame(0, 0, `kibitz\u0001\u0001k${'n'.repeat(32)}`)],
        ['answers', 'malformed', Buffer.concat([HELLO, frame(KINDS.answer, 1, '{}')])],
        ['says what nobody knows', 'malformed', Buffer.concat([HELLO, frame(99)])],
        ['says no JSON', 'malformed', Buffer.concat([HELLO, call(1, '{"a":')])],
        ['says nothing', 'malformed', Buffer.concat([HELLO, call(1, '')])],
        ['says no UTF-8', 'malformed', Buffer.concat([HELLO, call(1, Buffer.from([0x22, 0xff]))])]
    ] as const) {
        test(`closes a client that ${what}`, () => listening(async (url, fake) => {
            const caller = (await RawCaller.to(url)).send(said)
            assert.equal(await caller.receive(), null)
            assert.deepEqual([fake.requests, fake.turnedAway], [[], [reason]])
            const next = (await RawCaller.to(url)).send(HELLO, call(1))
            assert.equal((await next.receive())?.id, 1)
        }, { bytesMax: 1000 }))
    }

    test('answers nothing if JSON cannot carry the answer', () => listening(async (url, fake) => {
        const circle: unknown[] = []
        circle.push(circle)
        const answers: unknown[] = [1n, circle, 'x'.repeat(999), 'x'.repeat(998)]
        fake.answer = () => answers.shift()
        const caller = (await RawCaller.to(url)).send(HELLO, ...[1, 2, 3, 4].map((id) => call(id)))
        const lengths: unknown[] = []
        for (let heard = 0; heard < 4; heard++) {
            lengths.push((await caller.receive())?.text.length)
        }
        assert.deepEqual(lengths, [0, 0, 0, 1000])
    }, { bytesMax: 1000 }))
})

describe('the server of frames with a key', () => {
    const options = { keys: [{ id: 'k0', secret: 'the key that it signs with itself' }, KEY] }

    test('answers a client that has proven the key', () => listening(async (url, fake) => {
        const caller = await RawCaller.to(url)
        const seal = await caller.prove(KEY)
        caller.send(withCode(seal, KINDS.call, 5, '{"n":5}'), withCode(seal, KINDS.ping, 6, ''))
        const kinds = [(await caller.receive())?.kind, (await caller.receive())?.kind].sort()
        assert.deepEqual(kinds, [KINDS.answer, KINDS.pong])
        assert.deepEqual([fake.requests, fake.peers], [[{ n: 5 }], [undefined]])
    }, options))

    test('closes the connection of a client without a key', () => listening(async (url, fake) => {
        const caller = (await RawCaller.to(url)).send(HELLO)
        assert.equal(await caller.receive(), null)
        assert.deepEqual(fake.turnedAway, ['no-key'])
    }, options))

    test('rejects a client with an unknown key', () => listening(async (url, fake) => {
        const caller = (await RawCaller.to(url)).send(
            frame(0, 0, `kibitz\u0001\u0002k9${'n'.repeat(32)}`))
        assert.equal(await caller.receive(), null)
        assert.deepEqual(fake.turnedAway, ['unknown-key'])
    }, options))

    test('proves the key before the client proves anything', () =>
        listening(async (url) => {
            const caller = await RawCaller.to(url)
            await assert.rejects(caller.prove(OTHER), { reason: 'bad-mac' })
        }, options))

    test('accepts only a valid proof, and no call before the proof', () =>
        listening(async (url, fake) => {
            const liar = await RawCaller.to(url)
            await liar.prove(KEY, (proof) => flip(proof, 31))
            assert.equal(await liar.receive(), null)
            const short = await RawCaller.to(url)
            await short.prove(KEY, (proof) => proof.subarray(1))
            assert.equal(await short.receive(), null)
            const hasty = await RawCaller.to(url)
            hasty.send(frame(0, 0, `kibitz\u0001\u0002k1${'n'.repeat(32)}`), call(1))
            await hasty.closed
            assert.deepEqual(fake.turnedAway, ['bad-mac', 'bad-mac', 'malformed'])
            assert.deepEqual(fake.requests, [])
        }, options))

    test('rejects a frame that was changed, omitted, doubled, moved or has no code', async () => {
        for (const spoil of [
            ([one = HELLO, two = HELLO]) => [one, flip(two, two.length - 1)],
            ([one = HELLO, two = HELLO]) => [one, flip(two, 8)],
            ([one = HELLO]) => [one, one],
            ([one = HELLO, , three = HELLO]) => [one, three],
            ([one = HELLO]) => [one, call(9)],
            ([one = HELLO]) => [one, frame(KINDS.call, 9, 'x')]
        ] as const satisfies readonly ((said: readonly Buffer[]) => readonly Buffer[])[]) {
            await listening(async (url, fake) => {
                const caller = await RawCaller.to(url)
                const seal = await caller.prove(KEY)
                const said = [1, 2, 3].map((id) => withCode(seal, KINDS.call, id, `{"n":${id}}`))
                caller.send(...spoil(said))
                await caller.closed
                assert.deepEqual(fake.requests, [{ n: 1 }])
                assert.deepEqual(fake.turnedAway, ['bad-mac'])
            }, options)
        }
    })

    test('rejects frames of another connection', () => listening(async (url, fake) => {
        const [one, other] = [await RawCaller.to(url), await RawCaller.to(url)]
        const seal = await one.prove(KEY)
        await other.prove(KEY)
        other.send(withCode(seal, KINDS.call, 1, '{}'))
        await other.closed
        assert.deepEqual([fake.requests, fake.turnedAway], [[], ['bad-mac']])
    }, options))
})

describe('a limit of the server of frames', () => {
    const BRIEF = 40

    test('applies to the time until the hello', () => listening(async (url, fake) => {
        const silent = await RawCaller.to(url)
        await silent.closed
        const slow = (await RawCaller.to(url)).send(HELLO.subarray(0, 3))
        await slow.closed
        assert.deepEqual(fake.turnedAway, ['too-slow', 'too-slow'])
    }, { handshakeTimeout: BRIEF }))

    test('applies to the time of a frame', () => listening(async (url, fake) => {
        const caller = (await RawCaller.to(url)).send(HELLO, call(1), call(2).subarray(0, 6))
        assert.equal((await caller.receive())?.id, 1)
        assert.equal(await caller.receive(), null)
        assert.deepEqual(fake.turnedAway, ['too-slow'])
    }, { requestTimeout: BRIEF }))

    test('applies to the time of unread answers', () =>
        listening(async (url, fake) => {
            fake.answer = () => 'x'.repeat(4 * 1024 * 1024)
            const socket = await dial(url)
            socket.pause()
            const refused = fake.refusal()
            for (let id = 1; id < 40; id++) {
                socket.write(id === 1 ? Buffer.concat([HELLO, call(id)]) : call(id))
            }
            await refused
            assert.deepEqual(fake.turnedAway, ['too-slow'])
            assert.ok(fake.requests.length < 39, 'it took all calls, though no answer was taken')
            socket.destroy()
        }, { requestTimeout: BRIEF, callsMax: 4 }))

    test('applies to the time of an idle connection', () => listening(async (url, fake) => {
        const caller = (await RawCaller.to(url)).send(HELLO, call(1))
        assert.equal((await caller.receive())?.id, 1)
        assert.equal(await caller.receive(), null)
        assert.deepEqual(fake.turnedAway, [])
    }, { keepAliveTimeout: BRIEF }))

    test('applies to the calls in flight on one connection: the next call waits', () =>
        listening(async (url, fake) => {
            const waiting: (() => void)[] = []
            const arrived = new Promise<void>((resolve) => {
                fake.answer = () => new Promise((answer) => {
                    waiting.push(() => answer(null))
                    if (waiting.length === 2) {
                        resolve()
                    }
                })
            })
            const caller = (await RawCaller.to(url)).send(HELLO, ...[1, 2, 3].map((id) => call(id)))
            const other = (await RawCaller.to(url)).send(HELLO)
            await arrived
            // Whatever came with them has been read by now: a whole connection was served since.
            other.send(frame(KINDS.ping, 1))
            await other.receive()
            assert.equal(waiting.length, 2)
            fake.answer = () => 'third'
            waiting[0]?.()
            assert.deepEqual([(await caller.receive())?.id, (await caller.receive())?.id], [1, 3])
        }, { callsMax: 2 }))

    test('applies to the number of connections: the oldest unproven connection is closed', () =>
        listening(async (url, fake) => {
            const known = (await RawCaller.to(url)).send(HELLO, call(1))
            assert.equal((await known.receive())?.id, 1)
            const stranger = readUntilClosed(await dial(url))
            const comes = (await RawCaller.to(url)).send(HELLO, call(2))
            assert.equal((await comes.receive())?.id, 2)
            await stranger
            const tooLate = await RawCaller.to(url)
            await tooLate.closed
            assert.deepEqual(fake.turnedAway, ['too-many', 'too-many'])
            assert.equal((await known.send(call(3)).receive())?.id, 3)
        }, { connectionsMax: 2 }))

    test('must be a positive number', async () => {
        for (const name of ['backoffMax', 'bytesMax', 'callsMax', 'callTimeout', 'connectionsMax',
            'connectTimeout', 'handshakeTimeout', 'keepAliveTimeout', 'requestTimeout',
            'silence']) {
            await assert.rejects(listenTcp(new FakeKibitzer('b'), { [name]: 0 }), {
                name: 'KibitzError', code: 'invalid-argument', message: new RegExp(name)
            })
        }
    })

    test('applies to the address of a listener without tls and keys', async () => {
        await assert.rejects(listenTcp(new FakeKibitzer('b'), { host: '0.0.0.0' }), {
            code: 'invalid-argument', message: /tls or keys/
        })
        for (const options of [{ insecure: true }, { keys: [KEY] }]) {
            await listening(async (url) => {
                (await dial(url)).destroy()
            }, { host: '0.0.0.0', advertise: '127.0.0.1', ...options })
        }
    })

    test('names the port if the port is in use', () => listening(async (url) => {
        const port = Number(new URL(url).port)
        const fake = new FakeKibitzer('c')
        await assert.rejects(listenTcp(fake, { port }), { code: 'address-in-use' })
        const untaken = fake.call(envelope({ url }))
        fake.destroy()
        assert.equal(await untaken, 'conduit#endOfStream')
    }))
})
