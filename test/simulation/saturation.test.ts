import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { draw } from './draw.js'
import { Stage } from './stage.js'

const [BATCH, WINDOW] = [4, 2]
const ROUND = BATCH * WINDOW

function saturated(callers: number): Stage {
    return new Stage({
        parliamentSize: 3,
        // The last version, in which leaders answer questions.
        earlier: 0,
        batch: BATCH,
        window: WINDOW,
        climate: { latencyMs: 10, jitterMs: 2, isOrdered: false },
        saturation: { callers, barrierMs: 100 }
    })
}

/** How many full rounds there are in so many timeouts, and how many entries. */
function measure(stage: Stage, timeouts: number): { readonly full: number, entries: number } {
    const { tally } = stage.trial
    const counts = (): { full: number, entries: number } =>
        ({ full: tally.sometimes.get('a round is full') ?? 0, entries: tally.entries })
    const before = counts()
    stage.pass(timeouts)
    const { full, entries } = counts()
    return { full: full - before.full, entries: entries - before.entries }
}

describe('a saturated republic', () => {
    it('fills every round of its leader', () => {
        const { full, entries } = measure(saturated(3 * ROUND), 5)
        assert.ok(entries > 50 * ROUND, `${entries} entries`)
        assert.ok(full * BATCH >= 0.9 * entries, `${full} full rounds of ${entries} entries`)
    })

    it('fills no round with few callers', () => {
        const { full, entries } = measure(saturated(1), 5)
        assert.ok(entries > 0)
        assert.equal(full, 0)
    })

    it('ends the barriers of each member', () => {
        const stage = saturated(2 * ROUND)
        const { callers } = stage.trial.workload
        stage.pass(5)
        stage.trial.workload.end()
        stage.pass(2)
        assert.ok(callers !== null)
        assert.deepEqual(stage.world.living.map((one) => callers.waitedMs(one)),
            stage.world.living.map(() => null))
        assert.ok((stage.trial.tally.sometimes.get('a leader confirms that it leads') ?? 0) > 20)
    })
})

describe('the seeds', () => {
    const plans = Array.from({ length: 1000 }, (_, seed) => draw(seed))

    it('saturate about one republic of ten', () => {
        const count = plans.filter(({ saturation }) => saturation !== null).length
        assert.ok(count > 70 && count < 130, `${count}`)
    })

    it('give a saturated republic more callers than a round takes, and a lawful history', () => {
        for (const { seed, saturation, options, callLimitMs, faults, faultsMs } of plans) {
            if (saturation !== null) {
                const round = options.batch * options.window
                assert.ok(saturation.callers >= 2 * round, `${seed}`)
                assert.ok(options.history >= 24 * round, `${seed}`)
                assert.ok(Number.isFinite(callLimitMs), `${seed}`)
                assert.ok(faults.every(({ atMs }) => atMs < faultsMs), `${seed}`)
            }
        }
    })
})
