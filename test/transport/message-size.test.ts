import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/member/kibitzer.js'
import { KINDS } from '../../src/transport/tcp/frame.js'
import { connectTcp, listenTcp, send } from '../../src/transport/tcp/tcp.js'
import { FakeKibitzer, envelope } from '../../src/transport/conformance/fake-kibitzer.js'
import { frame, HELLO, RawCaller } from './raw.js'
import '../support/silence.js'

const NEVER = new AbortController().signal
const SECRET = 'a secret that is long enough, really'

describe('an addressee over TCP whose limit a call exceeds', () => {
    test('refuses the call by its id, and accepts no other call on this connection', async () => {
        const fake = new FakeKibitzer('b')
        const { url, close } = await listenTcp(fake, { bytesMax: 1000 })
        const large = frame(KINDS.call, 7, 'x'.repeat(1100))
        for (const pieces of [
            [large, frame(KINDS.call, 8, '{}')], [large.subarray(0, 4), large.subarray(4)]
        ]) {
            const caller = (await RawCaller.to(url)).send(HELLO, ...pieces)
            const refused = { kind: KINDS.refused, id: 7, text: '1000' }
            assert.deepEqual(await caller.receive(), refused)
            assert.equal(await caller.receive(), null)
        }
        assert.deepEqual([fake.requests, fake.turnedAway], [[], ['too-large', 'too-large']])
        await close()
    })

    for (const [name, keys] of [
        ['', undefined], [' under a key', [{ id: 'k1', secret: SECRET }]]
    ] as const) {
        test(`distinguishes the refusal of a large call from a loss${name}`, async () => {
            const fake = new FakeKibitzer('b')
            const secured = keys === undefined ? {} : { keys }
            const { url, close } = await listenTcp(fake, { ...secured, bytesMax: 10_000 })
            const client = send({ ...secured, connectTimeout: 10_000 })
            const call = (size: number): Promise<unknown> => {
                return client({ url }, envelope({ url }, 'x'.repeat(size)), NEVER)
            }
            const isRefused = { name: 'KibitzError', code: 'too-large', message: /10000 bytes/ }
            // More than the buffers of the sockets hold: the refusal comes amid the call.
            await assert.rejects(call(7 * 1024 * 1024), isRefused)
            assert.deepEqual(fake.turnedAway, ['too-large'])
            assert.deepEqual(await call(5000), { from: 'b' })
            // The client knows the limit now, and makes no connection suffer for it.
            const [small] = await Promise.all([call(5000), assert.rejects(call(20_000), isRefused)])
            assert.deepEqual(small, { from: 'b' })
            assert.deepEqual([fake.turnedAway, fake.requests.length], [['too-large'], 2])
            client.close()
            await close()
        })
    }

    test('is counted by a member whose peer refuses a large call', async () => {
        const fake = new FakeKibitzer('b')
        const { url, close } = await listenTcp(fake, { bytesMax: 1000 })
        const kibitzer = new Kibitzer({ id: 'a' })
        const disconnect = connectTcp(kibitzer)
        kibitzer.listen()
        const large = 'x'.repeat(2000)
        assert.equal(await kibitzer.join('republic', { url }, { large }), false)
        assert.deepEqual(kibitzer.status().refused, { '?': { 'too-large': 1 } })
        disconnect()
        kibitzer.destroy()
        await close()
    })
})
