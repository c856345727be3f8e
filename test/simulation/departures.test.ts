import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

/** How many trials run: 60 in CI, more by `KIBITZ_TRIALS`. */
const TRIALS = Number(process.env['KIBITZ_TRIALS'] ?? 60)

/** The bound within which the rest of the republic must take a publish again, in timeouts. */
const TIMEOUTS_MAX = 3

interface Outcome {
    readonly trial: string
    readonly timeouts: number
    /**
     * The leader of three had written the exile before the crash. The exile leaves a parliament of
     * two, which tolerates no death, and the other voter cannot know whether the leader committed
     * the exile. So the republic may wait for the leader.
     */
    readonly isOfTwo: boolean
}

/** A follower asks to leave, and while the wish is pending the leader crashes. */
function leaveAndCrash(seed: number): Outcome | null {
    const population = 3 + seed % 5
    const stage = new Stage({ seed, population })
    const { timeline, options } = stage.world
    const voters = stage.voters.slice(1)
    const leaver = stage.member(voters[seed % voters.length] ?? '')
    const delayMs = (seed * 7919) % (options.ping + 50)
    leaver.play('leave', {})
    timeline.runUntil(timeline.now + delayMs)
    if (leaver.door.paxos.exiled) {
        // The wish is no longer pending.
        return null
    }
    const trial = `seed ${seed}: ${leaver.id} of ${population} leaves, ${stage.leader} crashes ` +
        `${delayMs} ms later`
    const { open, committed } = stage.member(stage.leader).door.paxos.inspect()
    const known = stage.member(leaver.id).door.paxos.inspect()
    const isOfTwo = population === 3 && (open !== null || known.committed !== committed)
    stage.crash(stage.leader)
    const heir = stage.world.living.find((one) => one.id !== leaver.id)?.id ?? ''
    try {
        const timeouts = stage.publish(heir, `after ${seed}`, TIMEOUTS_MAX)
        return { trial, timeouts, isOfTwo }
    } catch {
        return { trial, timeouts: Number.POSITIVE_INFINITY, isOfTwo }
    }
}

describe('while a member waits to leave, the leader crashes: the republic', () => {
    it('takes a publish again within three timeouts', (t) => {
        const outcomes = Array.from({ length: TRIALS }, (_, index) => leaveAndCrash(index + 1))
            .filter((outcome) => outcome !== null)
        const late = outcomes.filter(({ timeouts, isOfTwo }) => {
            return timeouts > TIMEOUTS_MAX && !isOfTwo
        })
        assert.ok(outcomes.length > TRIALS / 2, `${outcomes.length} wishes were pending`)
        const ofTwo = outcomes.filter(({ isOfTwo }) => isOfTwo).length
        t.diagnostic(`${outcomes.length} trials, ${ofTwo} of a parliament of two`)
        assert.deepEqual(late.map(({ trial }) => trial), [])
    })
})
