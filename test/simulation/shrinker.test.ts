import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { draw } from './draw.js'
import { type Failure, isAlike } from './outcome.js'
import type { Fault, Plan } from './plan.js'
import { FAULTS_MAX, type Run, Shrinker } from './shrinker.js'

function failure(message: string, afterMs: number | null = 1e9): Failure {
    const property = message.startsWith('S') ? 'S1' : 'L1'
    return { seed: 1, property, message, stack: '', blamed: [], afterMs }
}

/** A plan with so many faults, each a second later than the one before. */
function planOf(count: number): Plan {
    const faults = Array.from({ length: count }, (_, index): Fault =>
        ({ kind: 'drop', atMs: 1000.25 * index, forMs: 4000, force: 0.123, seed: index }))
    const drawn = draw(20)
    const options = { ...drawn.options, parliamentSize: 5 }
    const faultsMs = 1000 * (count + 10)
    return { ...drawn, options, population: 7, isWired: true, faultsMs, publishMs: 100, faults }
}

/** Shrinks to the end, and sees to it that what there is fails at every moment. */
function shrink(plan: Plan, run: Run): Shrinker {
    const first = run(plan)
    assert(first !== null)
    const shrinker = new Shrinker(plan, first, run)
    for (const _ of shrinker.steps()) {
        const now = run(shrinker.best)
        assert(now !== null && isAlike(now, first))
    }
    return shrinker
}

function has({ faults }: Plan, seed: number): boolean {
    return faults.some((fault) => fault.seed === seed)
}

describe('a shrinker', () => {
    test('keeps what the failure needs, and simplifies the rest of the plan', () => {
        const { best } = shrink(planOf(97), (plan) => {
            const isNeeded = has(plan, 13) && has(plan, 64) && plan.population >= 3
            return isNeeded ? failure('L1: stuck') : null
        })
        assert.deepEqual(best.faults, [
            { kind: 'drop', atMs: 13003, forMs: 63, force: 0.12, seed: 13 },
            { kind: 'drop', atMs: 64016, forMs: 63, force: 0.12, seed: 64 }
        ])
        assert.equal(best.population, 3)
        assert.equal(best.options.parliamentSize, 1)
        assert.equal(best.isWired, false)
        assert.equal(best.healing, 'all')
        assert.equal(best.publishMs, Number.POSITIVE_INFINITY)
        assert.equal(best.faultsMs, 64017)
        assert.deepEqual(best.climate, { latencyMs: 1, jitterMs: 0, isOrdered: true })
    })

    test('omits the members that the failure does not need', () => {
        const { best } = shrink(planOf(3), ({ population, vacant }) => {
            const isThere = (host: number): boolean => host < population && !vacant.includes(host)
            return isThere(2) && isThere(5) ? failure('L1: stuck') : null
        })
        assert.equal(best.population, 6)
        assert.deepEqual(best.vacant, [1, 3, 4])
    })

    test('tries a plan without a member more than once', () => {
        const plan = { ...planOf(3), seed: 2 }
        const { best } = shrink(plan, ({ seed, population, vacant }) => {
            const isLucky = vacant.length === 0 || seed % 2 === 1
            return population === 7 && isLucky ? failure('L1: stuck') : null
        })
        assert.equal(best.population, 7)
        assert.deepEqual(best.vacant, [1, 2, 3, 4, 5])
    })

    test('keeps no vacant host behind the last member', () => {
        const plan = { ...planOf(3), vacant: [1, 4] }
        const { best } = shrink(plan, ({ population, vacant }) => {
            const isKnown = population > 2 && vacant.every((host) => host < population - 1)
            return isKnown ? failure('L1: stuck') : null
        })
        assert.equal(best.population, 3)
        assert.deepEqual(best.vacant, [1])
    })

    test('removes all faults within a hundred runs if the failure needs none', () => {
        let runs = 0
        const shrinker = shrink(planOf(97), () => {
            runs++
            return failure('L1: stuck')
        })
        assert.deepEqual(shrinker.best.faults, [])
        assert.ok(runs < 100, `${runs} runs`)
    })

    test('drops the faults after the failure first', () => {
        const plan = planOf(97)
        const shrinker = new Shrinker(plan, failure('S1: fork', 5000), () => failure('S1: fork'))
        shrinker.steps().next()
        assert.equal(shrinker.best.faults.length, 5)
        assert.equal(shrinker.best.faultsMs, 5001)
    })

    test('rejects a plan that fails in another way', () => {
        const { best } = shrink(planOf(40), (plan) => {
            if (has(plan, 7)) {
                return failure(`L1: The republic has not settled ${plan.faults.length} ms`)
            }
            return failure('L1: The republic has not formed in 5 ms')
        })
        assert.deepEqual(best.faults.map(({ seed }) => seed), [7])
    })

    test('tries a plan that fails only for some seeds more than once', () => {
        const plan = { ...planOf(60), seed: 2 }
        const { best } = shrink(plan, (tried) => {
            const isLucky = tried.faults.length >= 40 || tried.seed % 2 === 1
            return has(tried, 5) && isLucky ? failure('L1: stuck') : null
        })
        assert.ok(best.faults.length <= FAULTS_MAX)
        assert.deepEqual(best.faults.map(({ seed }) => seed), [5])
    })

    test('ends if the failure needs every fault', () => {
        const plan = planOf(35)
        const text = JSON.stringify(plan.faults.map(({ seed }) => seed))
        const { best } = shrink(plan, ({ faults }) =>
            JSON.stringify(faults.map(({ seed }) => seed)) === text ? failure('L1: stuck') : null)
        assert.equal(best.faults.length, 35)
    })
})

describe('failures', () => {
    const alike: readonly (readonly [string, string, boolean])[] = [
        ['S1: m0 delivers 6/0', 'S1: another log altogether', true],
        ['S1: m0 delivers 6/0', 'L1: stuck', false],
        ['L1: Nothing new 512 ms later: 3/1', 'L1: Nothing new 7 ms later: 4/2', true],
        ['L1: Nothing new 512 ms later: 3/1', 'L1: A republic makes 7 calls', false],
        ['L1: m0 has "a"', 'L1: m0 has "b"', true]
    ]

    for (const [one, other, is] of alike) {
        test(`are ${is ? '' : 'not '}alike: ${one} and ${other}`, () => {
            assert.equal(isAlike(failure(one), failure(other)), is)
        })
    }
})
