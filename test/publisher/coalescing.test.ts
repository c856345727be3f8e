import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Coalescer } from '../../src/publisher/coalescing.js'
import { Island } from '../support/island.js'

function gathering(): { said: (readonly unknown[])[], gathering: Coalescer } {
    const said: (readonly unknown[])[] = []
    return { said, gathering: new Coalescer((values) => said.push(values)) }
}

/** Lets so many turns of the queue of promises pass. */
async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
        await null
    }
}

describe('Coalescer', () => {
    test('passes each value on at once before begin()', () => {
        const { said, gathering: open } = gathering()
        open.add(['a'])
        open.add(['b', 'c'])
        assert.deepEqual([said, open.size], [[['a'], ['b', 'c']], 0])
    })

    test('passes values on together a few turns after begin()', async () => {
        const { said, gathering: begun } = gathering()
        begun.begin()
        begun.begin()
        begun.add(['a'])
        await turns(3)
        begun.add(['b', 'c'])
        assert.deepEqual([said, begun.size], [[], 3])
        await turns(20)
        assert.deepEqual([said, begun.size], [[['a', 'b', 'c']], 0])
        begun.add(['d'])
        assert.deepEqual(said[1], ['d'])
    })

    test('passes its values on at end(), and passes no empty list on', async () => {
        const { said, gathering: ended } = gathering()
        ended.begin()
        ended.add(['a'])
        ended.end()
        ended.end()
        assert.deepEqual(said, [['a']])
        ended.begin()
        await turns(20)
        assert.deepEqual(said, [['a']])
    })
})

describe('callers that each await their publishes', () => {
    test('share their inputs, and keep the order in which they publish', async () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        const { kibitzer, recording } = island.resident('b')
        const published: string[] = []
        const caller = async (name: string): Promise<void> => {
            for (let count = 0; count < 20; count++) {
                published.push(`${name}${count}`)
                await kibitzer.publish(`${name}${count}`)
            }
        }
        const callers = Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => caller(name)))
        while (recording.values.length < 100) {
            island.pass(10)
            await turns(40)
        }
        await callers
        assert.deepEqual(recording.values, published)
        const inputs = recording.played.filter(({ method }) => method.startsWith('publish'))
        const values = inputs.flatMap(({ method, body }) => {
            return method === 'publishAll' ? body : method === 'publish' ? [body] : []
        })
        assert.deepEqual(values, published)
        assert.ok(inputs.length <= 60, `${inputs.length} inputs for 100 publishes`)
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
})
