import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { Coalescer, type Gathered } from '../../src/publisher/coalescing.js'
import { Island } from '../support/island.js'

interface Gathering {
    readonly entered: (readonly unknown[])[]
    /** The sums of the values at each question whether the values must wait. */
    readonly asked: Gathered[]
    readonly coalescer: Coalescer
    isHeld: boolean
    /** Ends the turn. Returns whether the end was requested. */
    endTurn(): boolean
}

function gathering(): Gathering {
    const ends: (() => void)[] = []
    const made: Gathering = {
        entered: [],
        asked: [],
        isHeld: false,
        coalescer: new Coalescer({
            enter: (values) => made.entered.push(values),
            isHeld: (gathered) => {
                made.asked.push(gathered)
                return made.isHeld
            },
            atTurnEnd: (run) => ends.push(run)
        }),
        endTurn: () => {
            const functions = ends.splice(0)
            for (const run of functions) {
                run()
            }
            return functions.length === 1
        }
    }
    return made
}

/** Lets so many turns of the queue of promises pass. */
async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
        await null
    }
}

describe('Coalescer', () => {
    test('publishes the values of one turn together at the end of the turn', () => {
        const { entered, coalescer, endTurn } = gathering()
        coalescer.add(['a'], 3)
        coalescer.add(['b', 'c'], 6)
        assert.deepEqual([entered, coalescer.size], [[], 3])
        assert.equal(endTurn(), true)
        assert.deepEqual([entered, coalescer.size], [[['a', 'b', 'c']], 0])
        coalescer.add(['d'], 3)
        assert.equal(endTurn(), true)
        assert.deepEqual(entered[1], ['d'])
    })

    test('keeps the values while a batch is under way', () => {
        const held = gathering()
        const { entered, asked, coalescer, endTurn } = held
        held.isHeld = true
        coalescer.add(['a'], 3)
        endTurn()
        coalescer.add(['b'], 3)
        endTurn()
        assert.deepEqual([entered, coalescer.size], [[], 2])
        assert.deepEqual(asked, [{ count: 1, weight: 3 }, { count: 2, weight: 6 }])
        held.isHeld = false
        coalescer.requestEnd()
        coalescer.add(['c'], 3)
        assert.deepEqual(entered, [])
        assert.equal(endTurn(), true)
        assert.deepEqual(entered, [['a', 'b', 'c']])
        coalescer.add(['d'], 3)
        endTurn()
        assert.deepEqual(asked.at(-1), { count: 1, weight: 3 })
    })

    test('requests no end of a turn without values, and publishes no empty list', () => {
        const { entered, coalescer, endTurn } = gathering()
        coalescer.requestEnd()
        assert.equal(endTurn(), false)
        coalescer.add(['a'], 3)
        coalescer.flush()
        coalescer.flush()
        endTurn()
        assert.deepEqual(entered, [['a']])
    })
})

/** The numbers of values of the batches that the publisher of a member has sent. */
function batchesOf(island: Island, id: string): readonly number[] {
    const sent = island.passages.filter(({ from, call }) => {
        return from === id && call.method === 'enqueue'
    })
    return sent.map(({ call }) => (call.body as { entries: readonly unknown[] }).entries
        .reduce((sum: number, entry) => {
            return sum + ((entry as { bodies?: readonly unknown[] }).bodies?.length ?? 1)
        }, 0))
}

describe('callers that each await their publishes', () => {
    for (const callers of [2, 5, 64]) {
        test(`form whole batches: ${callers} at a follower`, async () => {
            using island = new Island()
            island.settle('a', 'b', 'c')
            const { kibitzer, recording } = island.resident('b')
            const before = recording.values.length
            const caller = async (name: number): Promise<void> => {
                for (let count = 0; count < 10; count++) {
                    await kibitzer.publish(`${name} ${count}`)
                }
            }
            const all = Promise.all(Array.from({ length: callers }, (_, name) => caller(name)))
            while (recording.values.length < before + callers * 10) {
                island.pass(1)
                await turns(40)
            }
            await all
            assert.deepEqual(batchesOf(island, 'b'), Array.from({ length: 10 }, () => callers))
        })
    }

    test('wait for a batch under way, and then travel with its callers', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer, recording } = island.resident('b')
        const first = Promise.all(['a', 'b', 'c'].map((value) => kibitzer.publish(value)))
        const again = first.then(() => Promise.all(['e', 'f'].map((value) => {
            return kibitzer.publish(value)
        })))
        island.pass(1)
        const late = kibitzer.publish('d')
        while (recording.values.length < 6) {
            island.pass(1)
            await turns(40)
        }
        await Promise.all([late, again])
        assert.deepEqual(batchesOf(island, 'b'), [3, 3])
        assert.deepEqual(recording.values.slice(-6), ['a', 'b', 'c', 'd', 'e', 'f'])
    })

    test('stay whole although one caller comes later than all others', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer, recording } = island.resident('b')
        const before = recording.values.length
        const caller = async (): Promise<void> => {
            for (let count = 0; count < 10; count++) {
                await kibitzer.publish(count)
            }
        }
        const early = Promise.all(Array.from({ length: 63 }, caller))
        await endTurn()
        const late = caller()
        await endTurn()
        assert.deepEqual(batchesOf(island, 'b'), [63], 'the late value waits')
        while (recording.values.length < before + 640) {
            island.pass(1)
            await turns(40)
        }
        await Promise.all([early, late])
        assert.deepEqual(batchesOf(island, 'b'),
            [63, ...Array.from({ length: 9 }, () => 64), 1])
    })

    test('leave while batches are in flight if they fill a batch', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer, recording } = island.resident('b')
        const before = recording.values.length
        const publishes: Promise<unknown>[] = []
        const sizes = [600, 511, 1, 20, 492, 512]
        for (const size of sizes) {
            publishes.push(kibitzer.publishAll(Array.from({ length: size }, (_, at) => at)))
            await endTurn()
        }
        const whole = [512, 88, 512, 512]
        assert.deepEqual(batchesOf(island, 'b'), whole, 'four batches are in flight')
        while (recording.values.length < before + sizes.reduce((sum, size) => sum + size)) {
            island.pass(1)
            await turns(40)
        }
        await Promise.all(publishes)
        assert.deepEqual(batchesOf(island, 'b'), [...whole, 512])
    })

    test('leave while a batch is in flight if their size fills a batch', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer } = island.resident('b')
        for (const size of [1, 100_000, 160_000]) {
            void kibitzer.publish('x'.repeat(size))
            await endTurn()
        }
        assert.deepEqual(batchesOf(island, 'b'), [1], '260,000 bytes wait')
        void kibitzer.publish('x'.repeat(2_138))
        await endTurn()
        assert.deepEqual(batchesOf(island, 'b'), [1, 3])
    })

    test('publish a thousand values of one turn as one input', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const { recording } = island.resident('a')
        await Promise.all(Array.from({ length: 1000 }, (_, value) => kibitzer.publish(value)))
        const inputs = recording.played.map(({ method }) => method)
        assert.deepEqual(inputs.filter((method) => method.startsWith('publish')),
            ['publishAll', 'published', 'published'])
    })

    test('never overtake values that are published in between', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        await Promise.all([kibitzer.publish(1), kibitzer.publish(2)]).then(() => {
            void kibitzer.publish(3)
            kibitzer.play('publish', 4)
            void kibitzer.publishAll([5, 6])
        })
        await kibitzer.publish(7)
        assert.deepEqual(island.resident('a').recording.values, [1, 2, 3, 4, 5, 6, 7])
    })

    test('serve the event loop between their publishes', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        let isServed = false
        setImmediate(() => {
            isServed = true
        })
        for (let count = 0; count < 600 && !isServed; count++) {
            await kibitzer.publish(count)
        }
        assert.equal(isServed, true)
    })

    test('have entered the log when the member is destroyed in the same turn', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const published = kibitzer.publish('last')
        kibitzer.destroy()
        assert.deepEqual(await published, { promise: '1/1' })
        assert.deepEqual(island.resident('a').recording.values, ['last'])
    })
})

describe('publishAll of more values than a batch holds', () => {
    test('is one input, and resolves with the promises of the entries, in order', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const values = Array.from({ length: 1200 }, (_, index) => `value ${index}`)
        const { kibitzer, recording } = island.resident('b')
        const before = recording.played.length
        const published = kibitzer.publishAll(values)
        endTurn()
        assert.deepEqual(recording.played.slice(before).map(({ method }) => method), ['publishAll'])
        const after = kibitzer.publish('after')
        assert.equal(kibitzer.status().pending, 1201)
        island.level()
        const logged = recording.log.flatMap(({ method, promise }) => {
            return method === 'entry' ? [{ promise }] : []
        })
        assert.deepEqual([...await published, await after], logged)
        assert.deepEqual(island.resident('a').recording.values, [...values, 'after'])
        assert.equal(kibitzer.status().pending, 0)
    })
})
