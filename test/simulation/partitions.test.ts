import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

type Cut = (from: string, to: string) => boolean

/** Five members that publish all the time, the seed's chance apart alike. */
function stageOf(seed: number): Stage {
    return new Stage({ seed, publishMs: 200, callLimitMs: seed % 2 === 0 ? 1000 : 250 })
}

/** Mends everything: soon all can publish, all logs are equal and all publishes settled. */
function settles(stage: Stage, mend: () => void): void {
    mend()
    stage.trial.workload.end()
    for (const { id } of stage.world.living) {
        stage.member(id).publish(`mended ${id}`)
    }
    stage.until('All is settled', () => stage.isSettled(), 5)
}

/** Cuts for ten timeouts and mends; the checkers see to safety all the while. */
function cutAndMend(stage: Stage, isCut: Cut, goesOn: boolean): void {
    const mend = stage.cut(isCut)
    const { length } = stage.world.realm.chronicle.entries
    stage.pass(10)
    if (goesOn) {
        const written = stage.world.realm.chronicle.entries.length - length
        assert.ok(written > 20, `only ${written} entries in ten timeouts`)
    }
    settles(stage, mend)
}

const across = (side: readonly string[]): Cut =>
    (from, to) => side.includes(from) !== side.includes(to)

describe('a republic of five during and after a partition', () => {
    for (const seed of [1, 2, 3]) {
        it(`N5: goes on without the leader, ${seed}`, () => {
            const stage = stageOf(seed)
            cutAndMend(stage, across([stage.leader]), true)
        })

        it(`N5: goes on without the leader and a second voter, ${seed}`, () => {
            const stage = stageOf(seed)
            cutAndMend(stage, across(stage.voters.slice(0, 2)), true)
        })

        it(`N5: goes on without any single follower, ${seed}`, () => {
            for (const place of [1, 2, 3, 4]) {
                const stage = stageOf(seed)
                cutAndMend(stage, across(stage.voters.slice(place, place + 1)), true)
            }
        })

        it(`N5: goes on with its leader on the larger side, ${seed}`, () => {
            const stage = stageOf(seed)
            cutAndMend(stage, across(stage.voters.slice(3)), true)
        })

        it(`N5: waits while every link is cut, ${seed}`, () => {
            cutAndMend(stageOf(seed), () => true, false)
        })
    }

    for (const place of [0, 1, 2, 3, 4]) {
        it(`N6: goes on if member ${place} can only send`, () => {
            const stage = stageOf(place)
            const id = stage.voters[place]
            cutAndMend(stage, (_from, to) => to === id, true)
        })

        it(`N6: goes on if member ${place} can only receive`, () => {
            const stage = stageOf(place)
            const id = stage.voters[place]
            cutAndMend(stage, (from) => from === id, true)
        })
    }

    for (const [one, other] of [[0, 1], [1, 0], [0, 4], [4, 0], [1, 3], [3, 1]] as const) {
        it(`N6: goes on if the link from ${one} to ${other} is cut one way`, () => {
            const stage = stageOf(one + 5 * other)
            const { voters } = stage
            const isCut: Cut = (from, to) => from === voters[one] && to === voters[other]
            cutAndMend(stage, isCut, true)
        })
    }

    it('N9: recovers from a chain with the leader in the middle', () => {
        for (const seed of [1, 2, 3]) {
            const stage = stageOf(seed)
            const [leader, first, second, third, fourth] = stage.voters
            const row = [third, first, leader, second, fourth]
            cutAndMend(stage, (from, to) =>
                Math.abs(row.indexOf(from) - row.indexOf(to)) > 1, false)
        }
    })

    it('N10: goes on if one member is the only bridge between two pairs', () => {
        for (const seed of [1, 2, 3, 4, 5]) {
            const stage = stageOf(seed)
            const { voters } = stage
            const between = voters[seed % 5]
            const others = voters.filter((id) => id !== between)
            cutAndMend(stage, (from, to) => from !== between && to !== between &&
                across(others.slice(0, 2))(from, to), true)
        }
    })

    it('N10: recovers from a ring in which each member reaches only the next two', () => {
        for (const seed of [1, 2, 3]) {
            const stage = stageOf(seed)
            const { voters } = stage
            cutAndMend(stage, (from, to) =>
                (voters.indexOf(to) - voters.indexOf(from) + 5) % 5 > 2, false)
        }
    })

    it('N10: stays safe while other links are cut in each round', () => {
        for (const seed of [1, 2, 3, 4, 5, 6]) {
            const stage = stageOf(seed)
            let mend = (): void => {}
            for (let round = 1; round <= 12; round++) {
                mend()
                const draw = round * 31 * seed
                mend = stage.cut((from, to) =>
                    (Number(from.slice(1)) * 7 + Number(to.slice(1)) * 13 + draw) % 5 < 2)
                stage.pass(1 + (round % 4))
            }
            settles(stage, mend)
        }
    })
})

describe('a republic with half-broken links', () => {
    it('N11: goes on if the calls to and from one member never end', () => {
        for (const place of [0, 1, 2, 3, 4]) {
            const callLimitMs = Number.POSITIVE_INFINITY
            const setting = { publishMs: 200, callLimitMs, isRefused: false }
            const stage = new Stage({ seed: place, ...setting })
            cutAndMend(stage, across(stage.voters.slice(place, place + 1)), true)
        }
    })

    for (const periodMs of [60, 125, 250, 500, 1000, 1500]) {
        it(`N13: holds at most one election while a link flaps every ${periodMs} ms`, () => {
            for (const seed of [1, 2, 3]) {
                const stage = stageOf(seed)
                const { voters, elections, world } = stage
                const mend = stage.cut((from, to) => {
                    const isLink = [from, to].every((id) => voters.slice(0, 2).includes(id))
                    return isLink && Math.floor(world.timeline.now / periodMs) % 2 === 0
                })
                const { length } = world.realm.chronicle.entries
                stage.pass(30)
                const written = world.realm.chronicle.entries.length - length
                assert.ok(written > 400, `only ${written} entries in thirty timeouts`)
                assert.ok(stage.elections - elections <= 1)
                settles(stage, mend)
            }
        })
    }
})

describe('a republic with one slow member', () => {
    it('N12: commits each publish within a tenth of a timeout', () => {
        const stage = new Stage({ climate: { latencyMs: 5, jitterMs: 1, isOrdered: false } })
        const slow = stage.voters[4]
        const { hosts } = stage.world.network
        stage.world.weather.conditions.add({
            kind: 'slowLink',
            bear: (from, to, _isReply, fate) => {
                const strikes = [hosts[from]?.id, hosts[to]?.id].includes(slow)
                fate.delayMs += strikes ? 400 : 0
                return strikes
            }
        })
        for (let index = 0; index < 50; index++) {
            assert.ok(stage.publish(stage.leader, `quick ${index}`, 1) <= 0.1)
        }
        assert.equal(stage.elections, 0)
    })
})
