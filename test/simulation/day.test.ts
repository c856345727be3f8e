import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pace } from './pace.js'
import { Stage } from './stage.js'
import { VirtualTimeline } from '../../src/testing/virtual-timeline.js'

const HOUR_S = 3600

/** All that may not change where nothing goes wrong. */
function order(stage: Stage): object {
    const { leader, voters, governments, elections } = stage
    return { leader, voters, governments, elections }
}

describe('a republic without faults', () => {
    it('L3: keeps the government for a virtual day, and sends only pings', () => {
        const stage = new Stage()
        const { world } = stage
        const before = order(stage)
        const { calls } = world.traffic
        const { ping } = world.options
        for (let hour = 0; hour < 24; hour++) {
            stage.pass(HOUR_S * 1000 / world.options.timeout)
            assert.deepEqual(order(stage), before)
        }
        const pings = 24 * HOUR_S * 1000 / ping * 4
        const sent = world.traffic.calls - calls
        assert.ok(sent > 0.9 * pings && sent <= pings + 4, `${sent} calls for ${pings} pings`)
        assert.ok(stage.publish(stage.leader, 'the day after', 1) < 1)
        assert.ok(stage.isSettled())
    })

    it('keeps the government for an hour of publishes with delays up to an eighth timeout', () => {
        const stage = new Stage({ publishMs: 5000, callLimitMs: Number.POSITIVE_INFINITY })
        const { world, trial } = stage
        const { timeout } = world.options
        world.weather.conditions.add({
            kind: 'delay',
            bear: (_from, _to, _isReply, fate, dice) => {
                fate.delayMs = dice.between(0, timeout / 8)
                return true
            }
        })
        const before = order(stage)
        const { publishes, entries } = trial.tally
        stage.pass(HOUR_S * 1000 / timeout)
        trial.workload.end()
        stage.until('All is settled', () => stage.isSettled(), 4)
        assert.deepEqual(order(stage), before)
        assert.ok(trial.tally.entries - entries >= trial.tally.publishes - publishes)
        assert.ok(trial.tally.publishes - publishes > 3000)
    })
})

describe('virtual time', () => {
    it('stops at the last event if the run has no limit', () => {
        const [timeline, seen] = [new VirtualTimeline(), [] as number[]]
        timeline.after(5, () => seen.push(timeline.now))
        timeline.runUntil(3)
        assert.equal(timeline.now, 3)
        timeline.runUntil(Number.POSITIVE_INFINITY)
        assert.deepEqual([timeline.now, seen], [5, [5]])
    })
})

describe('the pace of virtual time', () => {
    it('is measured for an idle republic and for a busy republic', () => {
        const idle = pace(20)
        assert.ok(idle.virtualMs === 20_000 && idle.entries === 0 && idle.calls > 200)
        const busy = pace(20, 100)
        assert.ok(busy.entries > 500 && busy.events > 2 * idle.events && busy.ratio > 0)
    })
})
