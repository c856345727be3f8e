import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MemoryNetwork, type MemoryNetworkOptions, type Passage }
    from '../../src/transport/memory.js'
import { FakeKibitzer, envelope } from '../../src/transport/conformance/fake-kibitzer.js'

/** The time limit of a lost call. */
const BRIEF = { callTimeout: 250 }

function network(options: MemoryNetworkOptions, ...ids: readonly string[]): {
    readonly memory: MemoryNetwork
    readonly members: readonly FakeKibitzer[]
    readonly calls: () => Promise<unknown[]>
} {
    const memory = new MemoryNetwork(options)
    const members = ids.map((id) => new FakeKibitzer(id))
    const places = members.map((member) => memory.attach(member))
    /**
     * Each member calls each other member; the result lists the answered calls as `caller callee`.
     */
    const calls = async (): Promise<unknown[]> => {
        const answers = members.flatMap((caller) => members.map(async (callee, index) => {
            const isAnswered = caller !== callee
                && await caller.call(envelope(places[index])) !== null
            return isAnswered ? [`${caller.id} ${callee.id}`] : []
        }))
        return (await Promise.all(answers)).flat()
    }
    return { memory, members, calls }
}

describe('a network in memory', () => {
    test('delivers no message in the turn of its sending', async () => {
        const { members: [a, b] } = network({}, 'a', 'b')
        const call = a?.call(envelope({ memory: 'b' }))
        assert.equal(b?.requests.length, 0)
        await call
        assert.equal(b?.requests.length, 1)
    })

    test('delivers the same objects, or copies through JSON', async () => {
        for (const wire of ['reference', 'json'] as const) {
            const { members: [a, b] } = network({ wire }, 'a', 'b')
            const call = envelope({ memory: 'b' })
            const answer = { said: 'this' }
            assert.ok(a && b)
            b.answer = () => answer
            const isSame = await a.call(call) === answer && b.requests[0] === call
            assert.equal(isSame, wire === 'reference')
        }
    })

    test('loses messages in one direction of a cut: calls here, answers there', async () => {
        const { memory, members: [a, b], calls } = network(BRIEF, 'a', 'b', 'c')
        memory.cut('a', 'b')
        assert.deepEqual(await calls(), ['a c', 'b c', 'c a', 'c b'])
        // The call of b came through, and only its answer was lost.
        assert.deepEqual([a?.requests.length, b?.requests.length], [2, 1])
    })

    test('loses each message to and from an isolated member, until heal', async () => {
        const { memory, calls } = network(BRIEF, 'a', 'b', 'c')
        memory.isolate('b')
        memory.cut('c', 'a')
        assert.deepEqual(await calls(), [])
        memory.heal()
        assert.deepEqual(await calls(), ['a b', 'a c', 'b a', 'b c', 'c a', 'c b'])
    })

    test('delays messages by a function, each direction apart', async (context) => {
        context.mock.timers.enable({ apis: ['setTimeout'] })
        const { memory, members: [a, b] } = network({ callTimeout: 1000 }, 'a', 'b')
        assert.ok(a && b)
        const passages: string[] = []
        memory.delay(({ from, to, kind, envelope: { method } }: Passage) => {
            passages.push(`${kind} of ${method} from ${from} to ${to}`)
            return kind === 'call' ? 100 : 10
        })
        const call = a.call(envelope({ memory: 'b' }))
        const arrived = new Promise<void>((resolve) => { b.answer = () => resolve() })
        context.mock.timers.tick(99)
        assert.deepEqual(b.requests, [])
        context.mock.timers.tick(1)
        await arrived
        await new Promise(setImmediate)
        context.mock.timers.tick(10)
        assert.equal(await call, null)
        assert.deepEqual(passages, [
            'call of enqueue from a to b', 'answer of enqueue from b to a'
        ])
    })

    test('delays each message by one number', async (context) => {
        context.mock.timers.enable({ apis: ['setTimeout'] })
        const { memory, members: [a] } = network({ callTimeout: 1000 }, 'a', 'b')
        memory.delay(2000)
        const call = a?.call(envelope({ memory: 'b' }))
        context.mock.timers.tick(1000)
        assert.equal(await call, null)
    })

    test('loses messages by a given source of chance, or by a function', async () => {
        const dice = [0.4, 0.6, 0.4]
        const random = (): number => dice.shift() ?? 0.9
        const { memory, members: [a, b] } = network({ ...BRIEF, random }, 'a', 'b')
        assert.ok(a && b)
        const call = envelope({ memory: 'b' })
        memory.drop(0.5)
        assert.equal(await a.call(call), null)
        assert.equal(b.requests.length, 0)
        assert.equal(await a.call(call), null)
        assert.equal(b.requests.length, 1)
        assert.deepEqual(await a.call(call), { from: 'b' })
        memory.drop(({ from }) => from === 'a')
        assert.equal(await a.call(call), null)
        assert.equal(b.requests.length, 2)
    })

    test('rejects a call to an unknown member at once', async () => {
        const { memory, members: [a] } = network({}, 'a', 'b')
        memory.detach('b')
        memory.detach('b')
        assert.equal(await a?.call(envelope({ memory: 'b' })), null)
    })

    test('accepts one member per id, and the next one after its destruction', async () => {
        const { memory, members: [a, b] } = network({}, 'a', 'b')
        const heir = new FakeKibitzer('b')
        assert.throws(() => memory.attach(heir), { name: 'KibitzError', code: 'address-in-use' })
        b?.destroy()
        heir.answer = () => 'heir'
        assert.equal(await a?.call(envelope(memory.attach(heir))), 'heir')
    })

    test('keeps a new member when an old member of the same id is destroyed', async () => {
        const { memory, members: [a, b] } = network({}, 'a', 'b')
        memory.detach('b')
        const heir = new FakeKibitzer('b')
        memory.attach(heir)
        b?.destroy()
        assert.deepEqual(await a?.call(envelope({ memory: 'b' })), { from: 'b' })
    })
})
