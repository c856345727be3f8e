import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { draw } from './draw.js'
import { attempt } from './outcome.js'
import { Stage } from './stage.js'

/** Seeds with faults of every kind. */
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1)

describe('a republic with vacant hosts', () => {
    test('has no member on these hosts', () => {
        const { world } = new Stage({ population: 5, vacant: [1, 3] })
        assert.deepEqual(world.living.map(({ id }) => id), ['m0', 'm2', 'm4'])
        assert.deepEqual(Object.keys(world.realm.chronicle.government?.properties ?? {}).sort(),
            ['m0', 'm2', 'm4'])
    })

    test('lives through faults', () => {
        for (const seed of SEEDS) {
            const plan = draw(seed)
            const vacant = plan.population < 4 ? [] : [1, plan.population - 2]
            const { failure } = attempt({ ...plan, vacant: [...new Set(vacant)] })
            assert.equal(failure, null, `seed ${seed}: ${failure?.message}`)
        }
    })
})
