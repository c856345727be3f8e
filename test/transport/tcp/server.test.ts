import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KINDS } from '../../../src/transport/tcp/frame.js'
import { listenTcp, type ListenTcpOptions } from '../../../src/transport/tcp/tcp.js'
import { Bare, envelope } from '../bare.js'
import { frame, HELLO, RawCaller, sealed } from '../raw.js'
import { dial, hangUp } from '../socket.js'

const KEY = { id: 'k1', secret: 'one secret that is long enough, really' }
const OTHER = { id: 'k1', secret: 'another secret of the same name, longer' }

/** A member that listens, for as long as the test runs. */
async function listening(
    use: (url: string, bare: Bare) => Promise<void>, options: ListenTcpOptions = {}
): Promise<void> {
    const bare = new Bare('b')
    const { url, close } = await listenTcp(bare, options)
    try {
        await use(url, bare)
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

describe('what listens for frames', () => {
    test('answers each call under its number, and a ping with a pong', () =>
        listening(async (url, bare) => {
            bare.answer = (arrived) => arrived
            const caller = (await RawCaller.to(url)).say(HELLO, call(7, '{"n":7}'),
                frame(KINDS.ping, 3), call(8, '{"n":8}'))
            const heard = [await caller.hear(), await caller.hear(), await caller.hear()]
            assert.deepEqual(heard.sort((one, other) => (one?.id ?? 0) - (other?.id ?? 0)), [
                { kind: KINDS.pong, id: 3, text: '' },
                { kind: KINDS.answer, id: 7, text: '{"n":7}' },
                { kind: KINDS.answer, id: 8, text: '{"n":8}' }
            ])
        }))

    test('takes frames in whatever pieces they come', () => listening(async (url, bare) => {
        const caller = await RawCaller.to(url)
        caller.socket.setNoDelay(true)
        for (const byte of Buffer.concat([HELLO, call(1), call(2)])) {
            caller.say(Buffer.from([byte]))
            await new Promise((resolve) => setImmediate(resolve))
        }
        assert.equal((await caller.hear())?.id, 1)
        assert.equal((await caller.hear())?.id, 2)
        assert.deepEqual(bare.requests, [{}, {}])
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
        test(`closes without a word who ${what}`, () => listening(async (url, bare) => {
            const caller = (await RawCaller.to(url)).say(said)
            assert.equal(await caller.hear(), null)
            assert.deepEqual([bare.requests, bare.turnedAway], [[], [reason]])
            const next = (await RawCaller.to(url)).say(HELLO, call(1))
            assert.equal((await next.hear())?.id, 1)
        }, { bytesMax: 1000 }))
    }

    test('has no answer where it could not be carried', () => listening(async (url, bare) => {
        const circle: unknown[] = []
        circle.push(circle)
        const answers: unknown[] = [1n, circle, 'x'.repeat(999), 'x'.repeat(998)]
        bare.answer = () => answers.shift()
        const caller = (await RawCaller.to(url)).say(HELLO, ...[1, 2, 3, 4].map((id) => call(id)))
        const lengths: unknown[] = []
        for (let heard = 0; heard < 4; heard++) {
            lengths.push((await caller.hear())?.text.length)
        }
        assert.deepEqual(lengths, [0, 0, 0, 1000])
    }, { bytesMax: 1000 }))
})

describe('what listens for frames under a key', () => {
    const options = { keys: [{ id: 'k0', secret: 'the key that it signs with itself' }, KEY] }

    test('answers who has shown that it has one', () => listening(async (url, bare) => {
        const caller = await RawCaller.to(url)
        const seal = await caller.prove(KEY)
        caller.say(sealed(seal, KINDS.call, 5, '{"n":5}'), sealed(seal, KINDS.ping, 6, ''))
        const kinds = [(await caller.hear())?.kind, (await caller.hear())?.kind].sort()
        assert.deepEqual(kinds, [KINDS.answer, KINDS.pong])
        assert.deepEqual([bare.requests, bare.peers], [[{ n: 5 }], [undefined]])
    }, options))

    test('closes who has none', () => listening(async (url, bare) => {
        const caller = (await RawCaller.to(url)).say(HELLO)
        assert.equal(await caller.hear(), null)
        assert.deepEqual(bare.turnedAway, ['no-key'])
    }, options))

    test('does not know those it does not know', () => listening(async (url, bare) => {
        const caller = (await RawCaller.to(url)).say(
            frame(0, 0, `kibitz\u0001\u0002k9${'n'.repeat(32)}`))
        assert.equal(await caller.hear(), null)
        assert.deepEqual(bare.turnedAway, ['unknown-key'])
    }, options))

    test('shows a caller that it has the key before the caller shows anything', () =>
        listening(async (url) => {
            const caller = await RawCaller.to(url)
            await assert.rejects(caller.prove(OTHER), { reason: 'bad-mac' })
        }, options))

    test('takes no proof but the right one, and no call before it', () =>
        listening(async (url, bare) => {
            const liar = await RawCaller.to(url)
            await liar.prove(KEY, (proof) => flip(proof, 31))
            assert.equal(await liar.hear(), null)
            const short = await RawCaller.to(url)
            await short.prove(KEY, (proof) => proof.subarray(1))
            assert.equal(await short.hear(), null)
            const hasty = await RawCaller.to(url)
            hasty.say(frame(0, 0, `kibitz\u0001\u0002k1${'n'.repeat(32)}`), call(1))
            await hasty.closed
            assert.deepEqual(bare.turnedAway, ['bad-mac', 'bad-mac', 'malformed'])
            assert.deepEqual(bare.requests, [])
        }, options))

    test('takes no frame that was changed, left out, doubled, moved or not sealed', async () => {
        for (const spoil of [
            ([one = HELLO, two = HELLO]) => [one, flip(two, two.length - 1)],
            ([one = HELLO, two = HELLO]) => [one, flip(two, 8)],
            ([one = HELLO]) => [one, one],
            ([one = HELLO, , three = HELLO]) => [one, three],
            ([one = HELLO]) => [one, call(9)],
            ([one = HELLO]) => [one, frame(KINDS.call, 9, 'x')]
        ] as const satisfies readonly ((said: readonly Buffer[]) => readonly Buffer[])[]) {
            await listening(async (url, bare) => {
                const caller = await RawCaller.to(url)
                const seal = await caller.prove(KEY)
                const said = [1, 2, 3].map((id) => sealed(seal, KINDS.call, id, `{"n":${id}}`))
                caller.say(...spoil(said))
                await caller.closed
                assert.deepEqual(bare.requests, [{ n: 1 }])
                assert.deepEqual(bare.turnedAway, ['bad-mac'])
            }, options)
        }
    })

    test('takes nothing that was said on another connection', () => listening(async (url, bare) => {
        const [one, other] = [await RawCaller.to(url), await RawCaller.to(url)]
        const seal = await one.prove(KEY)
        await other.prove(KEY)
        other.say(sealed(seal, KINDS.call, 1, '{}'))
        await other.closed
        assert.deepEqual([bare.requests, bare.turnedAway], [[], ['bad-mac']])
    }, options))
})

describe('a limit of what listens for frames', () => {
    const BRIEF = 40

    test('on the time until somebody says hello', () => listening(async (url, bare) => {
        const silent = await RawCaller.to(url)
        await silent.closed
        const slow = (await RawCaller.to(url)).say(HELLO.subarray(0, 3))
        await slow.closed
        assert.deepEqual(bare.turnedAway, ['too-slow', 'too-slow'])
    }, { handshakeTimeout: BRIEF }))

    test('on the time that a frame takes', () => listening(async (url, bare) => {
        const caller = (await RawCaller.to(url)).say(HELLO, call(1), call(2).subarray(0, 6))
        assert.equal((await caller.hear())?.id, 1)
        assert.equal(await caller.hear(), null)
        assert.deepEqual(bare.turnedAway, ['too-slow'])
    }, { requestTimeout: BRIEF }))

    test('on the time that answers wait for who does not take them', () =>
        listening(async (url, bare) => {
            bare.answer = () => 'x'.repeat(4 * 1024 * 1024)
            const socket = await dial(url)
            socket.pause()
            const refused = bare.refusal()
            for (let id = 1; id < 40; id++) {
                socket.write(id === 1 ? Buffer.concat([HELLO, call(id)]) : call(id))
            }
            await refused
            assert.deepEqual(bare.turnedAway, ['too-slow'])
            assert.ok(bare.requests.length < 39, 'it took all calls, though no answer was taken')
            socket.destroy()
        }, { requestTimeout: BRIEF, callsMax: 4 }))

    test('on the time that a connection is kept for nothing', () => listening(async (url, bare) => {
        const caller = (await RawCaller.to(url)).say(HELLO, call(1))
        assert.equal((await caller.hear())?.id, 1)
        assert.equal(await caller.hear(), null)
        assert.deepEqual(bare.turnedAway, [])
    }, { keepAliveTimeout: BRIEF }))

    test('on the calls of one connection that are under way: the next waits', () =>
        listening(async (url, bare) => {
            const waiting: (() => void)[] = []
            const arrived = new Promise<void>((resolve) => {
                bare.answer = () => new Promise((answer) => {
                    waiting.push(() => answer(null))
                    if (waiting.length === 2) {
                        resolve()
                    }
                })
            })
            const caller = (await RawCaller.to(url)).say(HELLO, ...[1, 2, 3].map((id) => call(id)))
            const other = (await RawCaller.to(url)).say(HELLO)
            await arrived
            // Whatever came with them has been read by now: a whole connection was served since.
            other.say(frame(KINDS.ping, 1))
            await other.hear()
            assert.equal(waiting.length, 2)
            bare.answer = () => 'third'
            waiting[0]?.()
            assert.deepEqual([(await caller.hear())?.id, (await caller.hear())?.id], [1, 3])
        }, { callsMax: 2 }))

    test('on the number of connections: the oldest stranger goes', () =>
        listening(async (url, bare) => {
            const known = (await RawCaller.to(url)).say(HELLO, call(1))
            assert.equal((await known.hear())?.id, 1)
            const stranger = hangUp(await dial(url))
            const comes = (await RawCaller.to(url)).say(HELLO, call(2))
            assert.equal((await comes.hear())?.id, 2)
            await stranger
            const tooLate = await RawCaller.to(url)
            await tooLate.closed
            assert.deepEqual(bare.turnedAway, ['too-many', 'too-many'])
            assert.equal((await known.say(call(3)).hear())?.id, 3)
        }, { connectionsMax: 2 }))

    test('on nothing, where it counts nothing', async () => {
        for (const name of ['backoffMax', 'bytesMax', 'callsMax', 'callTimeout', 'connectionsMax',
            'connectTimeout', 'handshakeTimeout', 'keepAliveTimeout', 'requestTimeout',
            'silence']) {
            await assert.rejects(listenTcp(new Bare('b'), { [name]: 0 }), {
                name: 'KibitzError', code: 'invalid-argument', message: new RegExp(name)
            })
        }
    })

    test('on where it is reached from, where nothing keeps strangers out', async () => {
        await assert.rejects(listenTcp(new Bare('b'), { host: '0.0.0.0' }), {
            code: 'invalid-argument', message: /tls or keys/
        })
        for (const options of [{ insecure: true }, { keys: [KEY] }]) {
            await listening(async (url) => {
                (await dial(url)).destroy()
            }, { host: '0.0.0.0', advertise: '127.0.0.1', ...options })
        }
    })

    test('on its port, where that is taken', () => listening(async (url) => {
        const port = Number(new URL(url).port)
        const bare = new Bare('c')
        await assert.rejects(listenTcp(bare, { port }), { code: 'address-in-use' })
        const untaken = bare.call(envelope({ url }))
        bare.destroy()
        assert.equal(await untaken, 'conduit#endOfStream')
    }))
})
