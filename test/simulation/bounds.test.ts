import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { boundsOf, checkBounds, type Sizes, sizesOf } from './checks/bounds.js'
import { Stage } from './stage.js'
import { Violation } from './violation.js'

/** The highest of each size that any member has after any of its steps. */
function highest(stage: Stage, happen: () => void): Sizes {
    const [first] = stage.world.living
    assert.ok(first !== undefined)
    let top = sizesOf(first)
    const { onStep } = stage.world
    stage.world.onStep = (resident) => {
        onStep(resident)
        const sizes = sizesOf(resident)
        checkBounds(resident.id, sizes, boundsOf(resident))
        const kinds = Object.keys(sizes) as (keyof Sizes)[]
        top = Object.fromEntries(
            kinds.map((kind) => [kind, Math.max(top[kind], sizes[kind])])
        ) as unknown as Sizes
    }
    happen()
    stage.world.onStep = onStep
    return top
}

function exceeds(break_: () => void): void {
    assert.throws(break_, (error) => error instanceof Violation && error.property === 'S12')
}

describe('a member under load', () => {
    it('S12: bounds its queues while members publish, and the leader and a voter crash', () => {
        for (const [window, batch] of [[1, 1], [2, 64], [8, 512]] as const) {
            const stage = new Stage({ population: 7, window, batch })
            const top = highest(stage, () => {
                stage.crash(stage.voters[4] ?? '')
                for (const one of stage.world.living) {
                    for (let index = 0; index < 1000; index++) {
                        one.publish(`many ${one.id} ${index}`)
                    }
                }
                stage.pass(0.5)
                stage.crash(stage.leader)
                stage.pass(window * batch < 100 ? 40 : 10)
            })
            assert.ok(top.sought > 1 && top.suffix >= 1 && top.calls >= 1, JSON.stringify(top))
        }
    })

    it('S12: bounds its log while all members are present', () => {
        const stage = new Stage({ population: 7 })
        for (let round = 0; round < 20; round++) {
            for (let index = 0; index < 1000; index++) {
                stage.member(stage.voters[round % 5] ?? '').publish(`${round} ${index}`)
            }
            stage.pass(2)
        }
        stage.until('All is settled', () => stage.isSettled(), 10)
        stage.pass(3)
        for (const { door } of stage.world.living) {
            const { length } = door.paxos.history(null) ?? []
            assert.ok(length < 2 * 1024, `${door.paxos.id} keeps ${length} of 20,000 entries`)
        }
    })
})

describe('the checker of bounds finds', () => {
    it('a size above its bound, and a size that is not a number', () => {
        const stage = new Stage({ population: 3, parliamentSize: 3 })
        const one = stage.member(stage.leader)
        const bounds = boundsOf(one)
        checkBounds('a', bounds, bounds)
        for (const kind of Object.keys(bounds) as (keyof Sizes)[]) {
            exceeds(() => checkBounds('a', { ...bounds, [kind]: bounds[kind] + 1 }, bounds))
            exceeds(() => checkBounds('a', { ...bounds, [kind]: Number.NaN }, bounds))
        }
    })

    it('too many appointments during a run', () => {
        const stage = new Stage()
        const { scheduler } = stage.member(stage.leader).door.paxos
        for (const key of ['one', 'two', 'three', 'four']) {
            scheduler.schedule(Number.MAX_SAFE_INTEGER, key, 'nothing')
        }
        exceeds(() => stage.pass(20))
    })
})
