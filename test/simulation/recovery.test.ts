import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1)

/** The slowest of many republics that differ in chance alone. */
function slowest(recover: (stage: Stage) => number): number {
    return Math.max(...SEEDS.map((seed) => recover(new Stage({ seed }))))
}

/** Republics of five with a leader, a hub that is not the leader, and one that publishes there. */
function hubOf(stage: Stage, place: number): string {
    return stage.voters[1 + (place % (stage.voters.length - 1))] ?? ''
}

/** Cuts all links but those of the hub. */
function toStar(stage: Stage, hub: string): void {
    stage.cut((from, to) => from !== hub && to !== hub)
}

/** How long it takes until the hub leads and what it publishes is in the log. */
function lead(stage: Stage, hub: string): number {
    const took = stage.until(`${hub} leads`, () => stage.leader === hub, 8)
    return took + stage.publish(hub, 'through the hub', 8)
}

describe('a republic of five that recovers', () => {
    it('P1: commits again within three timeouts after the leader crashes', () => {
        const times = SEEDS.map((seed) => {
            const stage = new Stage({ seed })
            const publisher = hubOf(stage, seed)
            stage.crash(stage.leader)
            return stage.publish(publisher, 'after the crash', 6)
        }).sort((one, other) => one - other)
        assert.ok((times.at(-1) ?? 9) <= 3, `at most ${times.at(-1)}`)
        assert.ok((times[6] ?? 9) <= 1.6, `mostly ${times[6]}`)
    })

    it('N5: commits again within three timeouts after the leader is cut off', () => {
        const longest = slowest((stage) => {
            const { leader } = stage
            stage.cut((from, to) => from === leader || to === leader)
            return stage.publish(hubOf(stage, 1), 'without the leader', 6)
        })
        assert.ok(longest <= 3, `${longest}`)
    })

    for (const place of [0, 1, 2, 3]) {
        it(`N7: elects hub ${place} of a quorum-loss star within four timeouts`, () => {
            const longest = slowest((stage) => {
                const hub = hubOf(stage, place)
                toStar(stage, hub)
                return lead(stage, hub)
            })
            assert.ok(longest <= 4, `${longest}`)
        })

        it(`N8: elects hub ${place} within four timeouts although the hub lacks an entry`, () => {
            const longest = slowest((stage) => {
                const hub = hubOf(stage, place)
                const { leader } = stage
                const mend = stage.cut((_from, to) => to === hub)
                stage.publish(leader, 'unheard by the hub', 2)
                mend()
                stage.cut((from, to) => from === leader || to === leader)
                toStar(stage, hub)
                return lead(stage, hub)
            })
            assert.ok(longest <= 4, `${longest}`)
        })
    }
})

describe('a leader under faults', () => {
    it('N9: is replaced at most twice in a chain of three, while writes continue', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, population: 3, parliamentSize: 3, publishMs: 200 })
            const [leader, , third] = stage.voters
            const { elections } = stage
            stage.cut((from, to) => [from, to].every((id) => id === leader || id === third))
            const entries = stage.world.realm.chronicle.entries.length
            stage.pass(100)
            const written = stage.world.realm.chronicle.entries.length - entries
            assert.ok(stage.elections - elections <= 2, `${stage.elections - elections} elections`)
            assert.ok(written >= 0.8 * 2 * 100 * 5, `${written} entries`)
        }
    })

    it('is not deposed if one follower crashes', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, publishMs: 100 })
            const { elections, leader } = stage
            stage.crash(hubOf(stage, seed))
            stage.pass(10)
            assert.deepEqual([stage.elections, stage.leader], [elections, leader])
        }
    })

    it('N1: is not deposed if any single message is lost', () => {
        for (let lost = 0; lost < 150; lost++) {
            const stage = new Stage({ seed: 1, publishMs: 400 })
            const { elections } = stage
            let count = 0
            const mend = stage.cut(() => count++ === lost)
            stage.pass(3)
            mend()
            assert.equal(stage.elections, elections, `message ${lost}`)
        }
    })

    it('N1: makes no government if one call in a hundred is lost and no member publishes', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed })
            const { governments } = stage
            let count = seed
            stage.cut(() => ++count % 100 === 0)
            stage.pass(120)
            assert.equal(stage.governments, governments)
        }
    })

    it('N1: makes few governments if one call in a hundred is lost and all members publish', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, publishMs: 100 })
            const { elections, governments } = stage
            let count = seed
            stage.cut(() => ++count % 100 === 0)
            stage.pass(60)
            const followed = stage.governments - governments
            assert.ok(followed <= 12, `${followed} governments in a minute`)
            assert.equal(stage.elections, elections)
        }
    })
})
