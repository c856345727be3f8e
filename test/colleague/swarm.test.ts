import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Counter } from './counter.js'
import { assertMirrors, tryColleagues } from './swarm.js'

/** One seed alone, where it is given; else the first so many. */
const SEED = Number(process.env['KIBITZ_SEED'] ?? 0)
const SEEDS = SEED === 0 ? Array.from({ length: 30 }, (_, index) => index + 1) : [SEED]

function counter(...applied: string[]) {
    return { id: 'x', application: Object.assign(new Counter(), { applied }) }
}

describe('colleagues under faults', { timeout: 300_000 }, () => {
    test('mirror one log, whoever dies and whatever is lost', async () => {
        const sum = { entries: 0, handovers: 0, crashes: 0, restarts: 0 }
        for (const seed of SEEDS) {
            const outcome = await tryColleagues(seed)
            sum.entries += outcome.entries
            sum.handovers += outcome.handovers
            sum.crashes += outcome.crashes
            sum.restarts += outcome.restarts
        }
        if (SEED === 0) {
            for (const [what, count] of Object.entries(sum)) {
                assert.ok(count > 20, `too few ${what}: ${count}`)
            }
        }
    })

    test('would be noticed where they do not', () => {
        assertMirrors([counter('1/0', '1/1'), counter('1/0')])
        for (const wrong of [['1/1', '1/2'], ['1/0', '1/2'], ['1/0', '1/1', '1/1']]) {
            assert.throws(() => assertMirrors([counter('1/0', '1/1', '1/2'), counter(...wrong)]))
        }
        assert.throws(() => assertMirrors([counter('1/0', '1/1', '1/1')]))
    })
})
