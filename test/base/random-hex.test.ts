import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkedRandom, hexSource } from '../../src/base/random-hex.js'
import { Colleague, inMemory, Kibitzer } from '../../src/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { Dice } from '../../src/testing/dice.js'
import '../support/silence.js'

function dice(seed: number): () => number {
    const drawn = new Dice(seed, 'test')
    return () => drawn.next()
}

/** The inputs of a founder that admits a member, without their instants. */
async function inputsOf(random: () => number): Promise<readonly string[]> {
    const network = new MemoryNetwork()
    const application = { apply: () => null, snapshot: () => '', restore: () => {} }
    const colleague = new Colleague({
        islandName: 'dice', islandId: 'run', colleagueId: 'a', application, random
    })
    const played = colleague.kibitzer.played.shifter()
    await colleague.start({ attach: inMemory(network), founders: ['a'] })
    const inputs: string[] = []
    for (let input = played.shift(); input !== null; input = played.shift()) {
        if (input.method === 'bootstrap') {
            inputs.push(JSON.stringify(input.body))
        }
    }
    colleague.destroy()
    await colleague.ended
    return inputs
}

describe('the option random', () => {
    test('decides the random numbers of a founding', async () => {
        const [one, same, other] =
            [await inputsOf(dice(1)), await inputsOf(dice(1)), await inputsOf(dice(2))]
        assert.equal(one.length, 1)
        assert.deepEqual(one, same)
        assert.notDeepEqual(one, other)
    })

    test('draws hexadecimal digits of all bytes', () => {
        const draw = hexSource(dice(1))
        assert.match(draw(8), /^[0-9a-f]{16}$/)
        assert.notEqual(draw(8), draw(8))
        assert.equal(hexSource(() => 0.999)(2), 'ffff')
        assert.match(hexSource(undefined)(4), /^[0-9a-f]{8}$/)
    })

    test('falls back if the function throws or leaves the range', () => {
        const bad = (): never => {
            throw new Error('planted')
        }
        for (const random of [bad, () => 1, () => Number.NaN, () => -1]) {
            const drawn = checkedRandom(random)()
            assert.ok(drawn >= 0 && drawn < 1)
        }
    })

    test('must be a function', () => {
        assert.throws(() => new Kibitzer({ id: 'a', random: 1 as never }), /random/)
    })
})
