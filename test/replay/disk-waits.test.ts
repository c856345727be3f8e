import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Played } from '../../src/index.js'
import { DiskWaits } from '../../src/replay/disk-waits.js'
import { JoinedHistory } from '../../src/replay/joined-history.js'
import { draw } from '../simulation/draw.js'
import { Trial } from '../simulation/trial.js'
import { replayerOf, watch } from './testimonies.js'

const AWAITED = { ballot: '1/1/0', promise: '1/1', committed: '1/0' }

/** The waits of inputs: each has a method, an instant, and tells whether the leader waits then. */
function waitsOf(...inputs: readonly (readonly [string, number, boolean])[]): unknown {
    const waits = new DiskWaits()
    for (const [index, [method, when, isWaiting]] of inputs.entries()) {
        const played = { method, when } as Played
        waits.note({ number: index + 1, played, member: { awaited: isWaiting ? AWAITED : null } })
    }
    return waits.all.map(({ from, to, durationMs }) => [from, to, durationMs])
}

describe('the waits of a leader for its disk', () => {
    test('last from the first input that waits to the answer', () => {
        const waits = waitsOf(
            ['publish', 100, true], ['event', 105, true], ['stable', 130, false],
            ['publish', 200, true], ['stable', 210, false])
        assert.deepEqual(waits, [[1, 3, 30], [4, 5, 10]])
    })

    test('follow each other if the leader writes on meanwhile', () => {
        const waits = waitsOf(
            ['publish', 100, true], ['stable', 120, true], ['stable', 150, false])
        assert.deepEqual(waits, [[1, 2, 20], [2, 3, 30]])
    })

    test('are left out if they are short, or end without an answer', () => {
        assert.deepEqual(waitsOf(['publish', 100, true], ['stable', 109, false]), [])
        assert.deepEqual(waitsOf(
            ['publish', 100, true], ['revive', 900, false], ['stable', 950, false]), [])
    })

    test('appear in the history of members with disks of 20 ms', async () => {
        const plan = draw(12)
        assert.ok(plan.durable !== null)
        const slow = { ...plan, durable: { ...plan.durable, flushMs: 20 } }
        const testimonies = watch(() => new Trial(slow).run())
        // A member that has lost its disk comes back as another recording: the last one counts.
        const last = new Map(testimonies.map((each) => [each.id, each]))
        const replayers = await Promise.all([...last.values()].map((each) => replayerOf(each)))
        const { lanes } = await JoinedHistory.of(replayers)
        let count = 0
        for (const { replayer, diskWaits } of lanes) {
            for (const { from, to, durationMs } of diskWaits) {
                count++
                assert.equal((await replayer.seek(to))?.played.method, 'stable')
                assert.equal(replayer.instantOf(to) - replayer.instantOf(from), durationMs)
                assert.ok(durationMs >= 10)
            }
        }
        assert.ok(count > 5, `${count} waits`)
    })
})
