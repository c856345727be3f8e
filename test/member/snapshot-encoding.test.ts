import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import type { Entry } from '../../src/paxos/messages/messages.js'
import { unpackAll } from '../../src/paxos/messages/run-encoding.js'
import { type StoredMember, Snapshot, writeSnapshot } from '../../src/member/snapshot-encoding.js'
import type { StateBytes } from '../../src/base/state-bytes.js'
import { collect } from '../support/recording.js'
import '../support/silence.js'

/** Consecutive entries, of two publishers in turn. */
function entries(count: number): readonly Entry[] {
    return Array.from({ length: count }, (_, index) => {
        const [promise, previous] = [index + 1, index].map((at) => `1/${at.toString(16)}`)
        const [id, immigrated] = index % 100 < 50 ? ['a', '1/0'] : ['b', '2/0']
        const body = { id, cookie: (index + 1).toString(16), immigrated, body: { index, é: 'ü' } }
        return { promise, previous, body } as Entry
    })
}

/** The stored state of a leader with many entries in each list. */
function memory(count: number): StoredMember {
    const kibitzer = new Kibitzer({ id: 'a' })
    kibitzer.bootstrap('republic', null)
    const [paxos, islander] = [kibitzer.paxos.state(), kibitzer.islander.state()]
    kibitzer.destroy()
    assert(paxos.writer !== null)
    const pending = Array.from({ length: count }, (_, index) => `${index}`.padEnd(100))
    return {
        promise: '1/0',
        when: 7,
        engine: 5,
        forgotten: [],
        paxos: {
            ...paxos,
            log: { ...paxos.log, entries: entries(count) },
            writer: { ...paxos.writer, queue: entries(count) }
        },
        islander: { ...islander, pending }
    }
}

/** The bytes of a snapshot, in pieces of one size. */
async function pieces(what: StoredMember, state: StateBytes, size: number): Promise<Uint8Array[]> {
    const whole = Buffer.concat(await collect(writeSnapshot(what, state)))
    return Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
        whole.subarray(index * size, (index + 1) * size))
}

/** Decodes a snapshot: the member, and the bytes of the application. */
async function read(all: readonly Uint8Array[]): Promise<[StoredMember, Buffer]> {
    async function* open(): AsyncGenerator<Uint8Array> {
        yield* await Promise.resolve(all)
    }
    const snapshot = new Snapshot(open)
    return [await snapshot.read(), Buffer.concat(await collect(snapshot.state()))]
}

describe('a snapshot', () => {
    for (const [count, size] of [[0, 1], [3, 1], [1300, 1000], [5000, 2 ** 20]] as const) {
        test(`of ${count} entries decodes from pieces of ${size} bytes`, async () => {
            const written = memory(count)
            const state = Buffer.from('the state '.repeat(count))
            const [found, bytes] = await read(await pieces(written, [state], size))
            assert.deepEqual(bytes, state)
            const { log, writer } = found.paxos
            assert.deepEqual(unpackAll(log.entries), written.paxos.log.entries)
            assert.deepEqual(unpackAll(writer?.queue ?? []), written.paxos.writer?.queue)
            assert.deepEqual(found.islander, written.islander)
            const text = JSON.stringify({ ...written, version: 2, paxos: null, islander: null })
            assert.equal(JSON.stringify({ ...found, paxos: null, islander: null }), text)
        })
    }

    test('takes the application state as one buffer, a list, or an async iterator', async () => {
        const written = memory(1)
        async function* slowly(): AsyncGenerator<Uint8Array> {
            yield await Promise.resolve(Buffer.from('a'))
            yield Buffer.from('b')
        }
        for (const state of [Buffer.from('ab'), [Buffer.from('a'), Buffer.from('b')], slowly()]) {
            const [, bytes] = await read(await pieces(written, state, 64))
            assert.equal(bytes.toString(), 'ab')
        }
    })

    test('is encoded in many small parts', async () => {
        const parts = await collect(writeSnapshot(memory(5000), Buffer.alloc(0)))
        assert.ok(parts.length > 20)
        const longest = Math.max(...parts.map(({ length }) => length))
        assert.ok(longest < 128 * 1024, `${longest}`)
    })
})
