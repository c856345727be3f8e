import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'
import { Violation } from './violation.js'

/** How many trials run: 60 in CI, more by `KIBITZ_TRIALS`. */
const TRIALS = Number(process.env['KIBITZ_TRIALS'] ?? 60)

/** The bound within which the rest of the republic must take a publish again, in timeouts. */
const TIMEOUTS_MAX = 3

interface Outcome {
    readonly trial: string
    readonly timeouts: number
    /** The leader had written the exile before the crash. */
    readonly isWritten: boolean
    /**
     * The last message of the leader of three, on its way when the leader crashed, fulfilled the
     * wish. Then one voter of a parliament of two is left. No protocol can prevent that: the member
     * has to leave at some message, and the leader may crash behind the message.
     */
    readonly isReleased: boolean
}

/** A follower asks to leave, and while the wish is pending the leader crashes. */
function leaveAndCrash(seed: number): Outcome | null {
    const population = 3 + seed % 5
    const stage = new Stage({ seed, population })
    const { timeline, options } = stage.world
    const voters = stage.voters.slice(1)
    const leaver = stage.member(voters[seed % voters.length] ?? '')
    leaver.play('leave', {})
    const leader = stage.member(stage.leader).door.paxos
    const isAfterWriting = Math.floor(seed / 5) % 2 === 0
    const since = timeline.now
    if (isAfterWriting) {
        // The exile is on its way for a few milliseconds only: every other trial strikes there.
        timeline.runUntil(since + 2 * options.timeout, () => leader.inspect().open !== null)
        timeline.runUntil(timeline.now + seed % 12)
    } else {
        timeline.runUntil(since + (seed * 7919) % (options.ping + 50))
    }
    const delayMs = timeline.now - since
    if (leaver.door.paxos.exiled) {
        // The wish is no longer pending.
        return null
    }
    const trial = `seed ${seed}: ${leaver.id} of ${population} leaves, ${stage.leader} crashes ` +
        `${delayMs} ms later`
    const isWritten = isAfterWriting || leader.inspect().open !== null
    stage.crash(stage.leader)
    const heir = stage.world.living.find((one) => one.id !== leaver.id)?.id ?? ''
    try {
        const timeouts = stage.publish(heir, `after ${seed}`, TIMEOUTS_MAX)
        return { trial, timeouts, isWritten, isReleased: false }
    } catch (error) {
        assert.ok(error instanceof Violation && error.property === 'L1', String(error))
        const isReleased = population === 3 && leaver.door.paxos.exiled
        return { trial, timeouts: Number.POSITIVE_INFINITY, isWritten, isReleased }
    }
}

describe('a republic whose leader crashes while a member waits to leave', () => {
    it('accepts a publish again within three timeouts', (t) => {
        const outcomes = Array.from({ length: TRIALS }, (_, index) => leaveAndCrash(index + 1))
            .filter((outcome) => outcome !== null)
        const late = outcomes.filter(({ timeouts, isReleased }) => {
            return timeouts > TIMEOUTS_MAX && !isReleased
        })
        assert.ok(outcomes.length > TRIALS / 2, `${outcomes.length} wishes were pending`)
        const written = outcomes.filter(({ isWritten }) => isWritten).length
        const released = outcomes.filter(({ isReleased }) => isReleased).length
        t.diagnostic(`${outcomes.length} trials, in ${written} the leader had written the exile, ` +
            `in ${released} the last message of the leader of three fulfilled the wish`)
        assert.ok(released <= Math.ceil(written / 8), `${released} of ${written}`)
        assert.deepEqual(late.map(({ trial }) => trial), [])
    })
})
