import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { FrameReader, KINDS, readFrame } from '../../../src/transport/tcp/frame.js'
import { KeyRing } from '../../../src/transport/security/keys.js'
import { connectTcp, listenTcp, send, type TcpSendOptions } from '../../../src/transport/tcp/tcp.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { frame } from '../raw.js'
import { checkUndo } from '../disconnection.js'

const NEVER = new AbortController().signal
const SECRET = 'a secret that is long enough, really'

/** The state of one connection of the test server. */
interface Line {
    readonly socket: Socket
    /** The number of earlier connections. */
    readonly nth: number
}

type Call = (signal?: AbortSignal, body?: string) => Promise<unknown>
type Take = (line: Line, kind: number, id: number, text: string) => void

/** A server that a test controls, and a client that calls the server. */
async function calling(
    take: Take,
    use: (call: Call, lines: readonly Line[]) => Promise<void>,
    options: TcpSendOptions = {}
): Promise<void> {
    const lines: Line[] = []
    const server = createServer((socket) => {
        const reader = new FrameReader(16 * 1024 * 1024)
        const line = { socket, nth: lines.length }
        lines.push(line)
        socket.on('error', () => {})
        socket.on('data', (chunk: Buffer) => {
            reader.push(chunk)
            for (let bytes = reader.take(); bytes !== null; bytes = reader.take()) {
                const { kind, id, payload } = readFrame(bytes)
                take(line, kind, id, payload.toString())
            }
        })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = send({ connectTimeout: 10_000, silence: 10_000, ...options })
    const to = { url: `tcp://127.0.0.1:${port}` }
    try {
        await use((signal = NEVER, body = '') => client(to, envelope(to, body), signal), lines)
    } finally {
        client.close()
        for (const { socket } of lines) {
            socket.destroy()
        }
        await new Promise((resolve) => server.close(resolve))
    }
}

const answers: Take = ({ socket }, kind, id) => {
    if (kind === KINDS.call) {
        socket.write(frame(KINDS.answer, id, '1'))
    }
}

describe('the client of frames', () => {
    test('sends all calls to one addressee over one connection', () =>
        calling(answers, async (call, lines) => {
            const calls = Array.from({ length: 50 }, () => call())
            assert.deepEqual(await Promise.all(calls), calls.map(() => 1))
            assert.equal(await call(), 1)
            assert.equal(lines.length, 1)
        }))

    for (const [what, take] of [
        ['hangs up', ({ socket }) => socket.destroy()],
        ['resets', ({ socket }) => socket.resetAndDestroy()],
        ['ends', ({ socket }) => socket.end()],
        ['speaks HTTP', ({ socket }) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
        ['announces too much', ({ socket }) => socket.write(Buffer.from([1, 0, 0, 0]))],
        ['calls back', ({ socket }, _kind, id) => socket.write(frame(KINDS.call, id, '1'))],
        ['challenges nobody', ({ socket }) => socket.write(frame(KINDS.challenge, 0, 'x'))]
    ] as const satisfies readonly [string, Take][]) {
        test(`rejects if the addressee ${what}, and dials again`, () => {
            return calling((line, kind, id, text) => {
                const isFaulty = line.nth === 0
                if (kind === KINDS.call || isFaulty) {
                    (isFaulty ? take : answers)(line, kind, id, text)
                }
            }, async (call, lines) => {
                await assert.rejects(call(), { code: 'unreachable' })
                let answer: unknown = null
                while (answer === null) {
                    // It is not dialled again at once.
                    answer = await call().catch(() => null)
                }
                assert.deepEqual([answer, lines.length], [1, 2])
            }, { backoffMax: 1 })
        })
    }

    for (const [what, text] of [['no JSON', '{'], ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
        ['nothing', '']] as const) {
        test(`rejects an answer of ${what}, and sends later calls`, () => {
            let isFaulty = true
            return calling(({ socket }, kind, id) => {
                if (kind === KINDS.call) {
                    socket.write(frame(KINDS.answer, id, isFaulty ? text : '1'))
                }
            }, async (call, lines) => {
                await assert.rejects(call())
                isFaulty = false
                assert.equal(await call(), 1)
                assert.equal(lines.length, 1)
            })
        })
    }

    test('ignores an answer that is repeated or belongs to no call', () =>
        calling(({ socket }, kind, id) => {
            if (kind === KINDS.call) {
                const answer = frame(KINDS.answer, id, String(id))
                socket.write(Buffer.concat([frame(KINDS.answer, 77, '0'), answer, answer]))
            }
        }, async (call) => {
            assert.deepEqual(await Promise.all([call(), call(), call()]), [1, 2, 3])
        }))

    test('doubles the pause before the next dial, up to backoffMax', (context) => {
        let now = 1000
        context.mock.method(performance, 'now', () => now)
        return calling(({ socket }) => socket.destroy(), async (call, lines) => {
            const waits: number[] = []
            for (let dials = 1; dials <= 5; dials++) {
                const before = now
                while (lines.length < dials) {
                    await assert.rejects(call(), { code: 'unreachable' })
                    now += lines.length < dials ? 1 : 0
                }
                waits.push(now - before)
            }
            assert.deepEqual(waits, [0, 20, 40, 50, 50])
        }, { backoffMax: 50 })
    })

    test('dials at once if the lost connection had answered', (context) => {
        context.mock.method(performance, 'now', () => 1000)
        return calling((line, kind, id, text) => {
            answers(line, kind, id, text)
        }, async (call, lines) => {
            assert.equal(await call(), 1)
            const lost = new Promise((resolve) => lines[0]?.socket.once('close', resolve))
            lines[0]?.socket.destroy()
            await lost
            // What is under way while the loss is not known yet is lost with it.
            const answer = await call().catch(() => 'lost')
            assert.equal(answer === 'lost' ? await call() : answer, 1)
            assert.equal(lines.length, 2)
        })
    })

    test('pings a silent addressee, and cuts the connection without a pong', () => {
        const kinds: number[] = []
        return calling((_line, kind) => {
            kinds.push(kind)
        }, async (call) => {
            await assert.rejects(call(), { code: 'unreachable' })
            assert.deepEqual(kinds.slice(0, 3), [KINDS.hello, KINDS.call, KINDS.ping])
        }, { silence: 20 })
    })

    test('keeps the connection of an addressee that sends a pong', () => {
        let pings = 0
        return calling(({ socket }, kind, id) => {
            pings += kind === KINDS.ping ? 1 : 0
            if (kind === KINDS.ping) {
                socket.write(pings === 5 ? frame(KINDS.answer, 1, '"at last"') : frame(KINDS.pong))
            }
            assert.ok(id <= 1)
        }, async (call) => {
            assert.equal(await call(), 'at last')
        }, { silence: 20 })
    })

    test('rejects a call if the dial exceeds connectTimeout', () => {
        const keys = [{ id: 'k1', secret: SECRET }]
        // Without a challenge, the handshake never ends.
        return calling(() => {}, async (call) => {
            await assert.rejects(call(), { code: 'unreachable' })
        }, { keys, connectTimeout: 20, silence: 20 })
    })

    test('rejects an aborted call, and keeps the connection', () =>
        calling((line, kind, id, text) => {
            if (id === 2) {
                answers(line, kind, id, text)
            } else if (kind === KINDS.ping) {
                line.socket.write(frame(KINDS.pong))
            }
        }, async (call, lines) => {
            const controller = new AbortController()
            const rejected = assert.rejects(call(controller.signal), { name: 'AbortError' })
            controller.abort()
            await rejected
            assert.equal(await call(), 1)
            assert.equal(lines.length, 1)
        }, { silence: 20 }))

    test('sends no call above bytesMax', () => calling(answers, async (call, lines) => {
        await assert.rejects(call(), { code: 'too-large' })
        assert.equal(lines.length, 0)
    }, { bytesMax: 10 }))

    test('limits the bytes that an addressee does not read', () => calling(({ socket }) => {
        socket.pause()
    }, async (call) => {
        const heavy = 'x'.repeat(4 * 1024 * 1024)
        const calls = Array.from({ length: 12 }, () => call(NEVER, heavy))
        await assert.rejects(Promise.race(calls), { message: /Too many bytes wait/ })
        void Promise.allSettled(calls)
    }))

    test('sends no call to properties without a tcp url', async () => {
        const client = send()
        for (const to of [null, 'tcp://127.0.0.1:1', {}, { url: 7 }, { url: 'http://127.0.0.1' },
            { url: 'tls://127.0.0.1:1' }, { url: 'tcp:' }, { url: 'tcp://' }]) {
            await assert.rejects(async () => await client(to, envelope(to), NEVER), {
                code: 'unreachable'
            })
        }
        client.close()
        await assert.rejects(client({ url: 'tcp://127.0.0.1:1' }, envelope(1), NEVER), {
            code: 'unreachable', message: /closed/
        })
    })
})

describe('a Kibitzer that is connected over TCP', () => {
    test('is disconnected by the undo', () =>
        checkUndo({ listen: listenTcp, connect: connectTcp }))

    test('sends calls while its keys change, and none under a removed key', async () => {
        const [k1, k2] = ['k1', 'k2'].map((id) => ({ id, secret: `${SECRET} ${id}` }))
        assert.ok(k1 && k2)
        const [ours, theirs] = [new KeyRing([k1]), new KeyRing([k1])]
        const [a, b] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
        const callee = await listenTcp(b, { keys: theirs })
        const disconnect = connectTcp(a, { keys: ours, callTimeout: 10_000, backoffMax: 1 })
        const call = (): Promise<unknown> => a.call(envelope({ url: callee.url }))
        const well = { from: 'b' }
        assert.deepEqual(await call(), well)
        for (const keys of [[k1, k2], [k2, k1], [k2]]) {
            theirs.replace(keys)
            assert.deepEqual(await call(), well)
            ours.replace(keys)
            assert.deepEqual(await call(), well)
        }
        assert.deepEqual([a.turnedAway, b.turnedAway], [[], []])
        theirs.replace([k1])
        assert.equal(await call(), null)
        assert.deepEqual(b.turnedAway, ['unknown-key'])
        disconnect()
        await callee.close()
    })

    test('turns away a server that knows the id of the key but not the secret', async () => {
        const [a, b] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
        const callee = await listenTcp(b, { keys: [{ id: 'k1', secret: SECRET }] })
        const disconnect = connectTcp(a, { keys: [{ id: 'k1', secret: `${SECRET}!` }] })
        assert.equal(await a.call(envelope({ url: callee.url })), null)
        assert.deepEqual([a.turnedAway, b.requests], [['bad-mac'], []])
        disconnect()
        await callee.close()
    })
})
