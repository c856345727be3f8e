import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Application, type ApplicationEntry, Colleague, inMemory } from '../../src/index.js'
import { compose, type ComposedCommand, Locks, ReplicatedMap } from
    '../../src/recipes/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import '../support/silence.js'

/** An application of a user: a list of texts. */
class List implements Application<string, number> {
    readonly snapshotVersion: number
    items: string[] = []

    constructor(snapshotVersion: number = 1) {
        this.snapshotVersion = snapshotVersion
    }

    apply({ body }: ApplicationEntry<string>): number {
        assert.notEqual(body, 'poison')
        return this.items.push(body)
    }

    validate(body: string): boolean {
        return typeof body === 'string'
    }

    * snapshot(): Generator<string | Uint8Array> {
        yield JSON.stringify(this.items)
        yield new Uint8Array(0)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.items = JSON.parse(await text(chunks))
    }
}

function parts(version?: number): { list: List, map: ReplicatedMap, locks: Locks } {
    return { list: new List(version), map: new ReplicatedMap(), locks: new Locks() }
}

function entryOf(body: unknown, index: number): ApplicationEntry<ComposedCommand> {
    const promise = `1/${index.toString(16)}`
    return { promise, publisher: 'a', immigrated: '1/0', body: body as ComposedCommand }
}

async function bytesOf(snapshot: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of snapshot) {
        chunks.push(chunk)
    }
    return Buffer.concat(chunks)
}

/** The bytes in chunks of given sizes, again and again. */
function cut(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
    return Readable.from(pieces(bytes, sizes))
}

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
    for (let from = 0, turn = 0; from < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1
        yield bytes.subarray(from, from + size)
        from += size
    }
}

const command = fc.oneof(
    fc.string().map((item) => ({ part: 'list', command: item })),
    fc.record({ key: fc.constantFrom('p', 'q', 'r'), value: fc.jsonValue() }).map((write) =>
        ({ part: 'map', command: { writes: [write], entriesMax: 2, sizeMax: 1000 } })),
    fc.constantFrom('1', '2', '3').map((id) => ({ part: 'locks', command: {
        do: 'acquire', name: 'x', id, session: 's', ttl: 1000, permits: 1, waits: true,
        exile: false, locksMax: 10, waitersMax: 10
    } }))
)

describe('a composition', { timeout: 60_000 }, () => {
    test('is equal after a snapshot in chunks of any size', async () => {
        await fc.assert(fc.asyncProperty(
            fc.array(command, { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 99 }),
                { minLength: 1, maxLength: 5 }),
            async (commands, sizes) => {
                const one = compose(parts())
                for (const [index, body] of commands.entries()) {
                    one.apply(entryOf(JSON.parse(JSON.stringify(body)), index + 1))
                }
                const bytes = await bytesOf(one.snapshot())
                const other = compose(parts())
                await other.restore(cut(bytes, sizes))
                assert.deepEqual(await bytesOf(other.snapshot()), bytes)
                const next = entryOf({ part: 'list', command: 'next' }, commands.length + 1)
                assert.equal(other.apply(next), one.apply(next))
            }), { numRuns: 100 })
    })

    test('notices a snapshot that breaks off at any byte', async () => {
        const one = compose(parts())
        one.apply(entryOf({ part: 'list', command: 'x' }, 1))
        const bytes = await bytesOf(one.snapshot())
        let whole = 0
        for (let length = 0; length < bytes.length; length++) {
            await compose(parts()).restore(cut(bytes.subarray(0, length), [7])).then(
                () => { whole++ }, () => {})
        }
        // A snapshot that ends between two parts is a snapshot of fewer parts; the chunks of a
        // Colleague have a checksum.
        assert.equal(whole, 3)
    })

    test('stops at a command and at a snapshot of an unknown part or version', async () => {
        const newer = compose(parts(2))
        const bytes = await bytesOf(newer.snapshot())
        await assert.rejects(compose(parts(1)).restore(cut(bytes, [100])),
            { code: 'unsupported', message: /part list has version 2/ })
        await assert.rejects(compose({ map: new ReplicatedMap() }).restore(cut(bytes, [100])),
            { code: 'unsupported', message: /no part list/ })
        assert.throws(() => newer.apply(entryOf({ part: 'jobs', command: 1 }, 1)),
            { code: 'unsupported' })
        assert.throws(() => newer.apply(entryOf({ part: 'toString', command: 1 }, 1)),
            { code: 'unsupported' })
    })

    test('reads a snapshot that lacks a part', async () => {
        const bytes = await bytesOf(compose({ list: new List() }).snapshot())
        const more = compose(parts())
        await more.restore(cut(bytes, [3]))
        assert.equal(more.parts.map.count, 0)
    })

    test('names the part that stops the member, and harms no other part', async () => {
        const network = new MemoryNetwork()
        const one = compose(parts())
        const colleague = new Colleague({
            islandName: 'i', colleagueId: 'a', application: one, publishTimeout: 5000
        })
        const ended = assert.rejects(colleague.ended, { code: 'application-failed' })
        one.connect(colleague)
        await colleague.start({ attach: inMemory(network), founders: ['a'] })
        assert.equal((await one.publish('list', 'first')).result, 1)
        await one.parts.map.set('k', { v: 1 })
        await assert.rejects(one.publish('list', 1 as unknown as string),
            { code: 'invalid-argument' })
        await assert.rejects(one.publish('list', 'poison'), (error: Error) => {
            const cause = error.cause as Error
            return cause.message.startsWith('The part list threw.')
        })
        await ended
        const bytes = await bytesOf(one.snapshot())
        const corrected = compose(parts())
        await corrected.restore(cut(bytes, [64]))
        assert.deepEqual(corrected.parts.list.items, ['first'])
        assert.deepEqual(corrected.parts.map.get('k'), { v: 1 })
    })

    test('refuses mistakes', async () => {
        const wrong = { code: 'invalid-argument' }
        assert.throws(() => compose(null as never), wrong)
        assert.throws(() => compose({ 'a b': new List() }), wrong)
        assert.throws(() => compose({ list: {} as never }), wrong)
        assert.throws(() => compose({}, { clock: 1 } as never), wrong)
        const one = compose(parts())
        await assert.rejects(one.parts.map.set('k', 1), { ...wrong, message: /not connected/ })
        assert.throws(() => one.connect({} as never), wrong)
        for (const body of [null, 1, {}, { part: 'list' }, { part: 'map', command: {} }]) {
            assert.throws(() => one.validate(body as never), wrong)
        }
    })
})
