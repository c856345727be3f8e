import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { lots } from './lots.js'
import { PublisherModel } from './publisher-model.js'

type Step = (model: PublisherModel, number: number) => void

/** The steps of a correct run. */
const COURSE: readonly Step[] = [
    (model, count) => model.publish(count),
    (model, at) => model.arrive(at),
    (model, at) => model.hear(at),
    (model, count) => model.leader.commit(count),
    (model, count) => model.see(count),
    (model) => model.retry(),
    (model) => model.flush()
]

/** The faults of the connection. */
const FAULTS: readonly Step[] = [
    (model, at) => model.arrive(at),
    (model, at) => model.again(at),
    (model, at) => model.lose(at, null),
    (model, at) => model.cut(at, null),
    (model, at) => model.forget(at)
]

const REFUSALS: readonly Step[] = [
    (model, at) => model.lose(at, '403'),
    (model, at) => model.cut(at, '403')
]

const COLLAPSES: readonly Step[] = [
    (model) => model.leader.reshape(),
    (model, kept) => model.leader.collapse(kept)
]

const CRASHES: readonly Step[] = [(model, kept) => model.crash(kept)]

const UPGRADES: readonly Step[] = [(model) => model.leader.upgrade()]

/** A run of steps: mostly a correct run, some faults, and seldom anything else. */
function runs(...seldom: readonly (readonly Step[])[]): fc.Arbitrary<(readonly [Step, number])[]> {
    const drawn = (weight: number, steps: readonly Step[]): fc.WeightedArbitrary<[Step, number]> =>
        ({ weight, arbitrary: fc.tuple(fc.constantFrom(...steps), fc.nat(5)) })
    return fc.array(fc.oneof(
        drawn(9, COURSE), drawn(4, FAULTS), ...seldom.map((steps) => drawn(1, steps))
    ), { maxLength: 150, size: 'max' })
}

function isRising(values: readonly number[]): boolean {
    return values.every((value, at) => at === 0 || value > (values[at - 1] ?? value))
}

/** Each value is in the log at most once and in order; no value lacks an earlier value. */
function check(model: PublisherModel): void {
    const { logged, published, erased, givenUp } = model
    assert.ok(isRising(logged), `the log holds ${logged}`)
    const last = logged.at(-1) ?? -1
    for (const value of published) {
        const isMissing = value < last && !logged.includes(value)
        // The log may show that the publisher gives a value up before the publisher sees it.
        assert.ok(!isMissing || hasGivenUp(model, value), `the log lacks ${value}: ${logged}`)
    }
    assert.ok([...givenUp].every((value) => !logged.includes(value)), 'a given up value is logged')
    assert.ok(logged.every((value) => published.includes(value) || erased.has(value)))
}

/** Whether a value is given up, as far as the log or the publisher knows. */
function hasGivenUp({ givenUp, leader }: PublisherModel, value: number): boolean {
    const nulls = leader.log.some(({ body }) => 'cookie' in body && body.body === null)
    return givenUp.has(value) || nulls
}

/** Plays steps, lets the connection heal, and checks the log after each step. */
function play(
    version: number, steps: readonly (readonly [Step, number])[], keepsLives: boolean = true
): PublisherModel {
    const model = new PublisherModel(version, keepsLives)
    for (const [step, number] of steps) {
        step(model, number)
        check(model)
    }
    model.heal()
    check(model)
    const { published, logged, givenUp } = model
    const missing = published.filter((value) => !logged.includes(value) && !givenUp.has(value))
    assert.deepEqual(missing, [], 'after the healing every publish is in the log')
    assert.deepEqual(model.islander.health(), { waiting: 0, pending: 0 })
    return model
}

describe('the log has each publish once, in order and without a gap', () => {
    test('if messages are lost, late, repeated or out of order', () => {
        fc.assert(fc.property(runs(), (steps) => {
            const { logged, published } = play(2, steps)
            assert.deepEqual(logged, published)
        }), lots(400))
    })

    test('if leaders collapse', () => {
        fc.assert(fc.property(runs(COLLAPSES), (steps) => {
            const { logged, published } = play(2, steps)
            assert.deepEqual(logged, published)
        }), lots(400))
    })

    test('if the publisher restarts with any part of its last records', () => {
        fc.assert(fc.property(runs(COLLAPSES, CRASHES), (steps) => {
            play(2, steps)
        }), lots(800))
    })

    test('if the version of the republic rises', () => {
        fc.assert(fc.property(
            runs(COLLAPSES, UPGRADES), (steps) => {
                const { logged, published } = play(1, steps)
                assert.deepEqual(logged, published)
            }
        ), lots(400))
    })

    test('or the publisher has given the publish up', () => {
        fc.assert(fc.property(
            runs(COLLAPSES, REFUSALS, CRASHES), (steps) => {
                play(2, steps)
            }
        ), lots(400))
    })
})

describe('a life whose first record may be lost', () => {
    const publish: Step = (model) => model.publish(0)
    const steps: readonly (readonly [Step, number])[] = [
        [(model) => model.see(9), 0], [(model) => model.flush(), 0],
        [(model) => model.crash(0), 0], [publish, 0], [(model) => model.see(9), 0],
        [(model) => model.arrive(0), 0], [(model) => model.leader.settle(), 0],
        // Without the rule, the record of the second life is lost, and the life begins again.
        [(model) => model.crash(0), 0], [publish, 0]
    ]

    test('gives one identity to two publishes', () => {
        assert.throws(() => play(2, steps, false), /a ticket is settled where its value is/)
        const { logged } = play(2, steps)
        assert.equal(logged.length, 2)
    })

    test('is found by the runs above', () => {
        const { failed } = fc.check(fc.property(runs(CRASHES), (run) => {
            play(2, run, false)
        }), lots(400))
        assert.ok(failed)
    })
})
