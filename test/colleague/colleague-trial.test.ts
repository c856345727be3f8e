import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Counter } from './counter.js'
import { assertPrefixes, tryColleagues } from './colleague-trial.js'

/** The seed from the environment, or the first seeds. */
const SEED = Number(process.env['KIBITZ_SEED'] ?? 0)
const SEEDS = SEED === 0 ? Array.from({ length: 30 }, (_, index) => index + 1) : [SEED]

function counter(...applied: string[]) {
    return { id: 'x', application: Object.assign(new Counter(), { applied }) }
}

describe('Colleagues under random faults', { timeout: 300_000 }, () => {
    test('apply one log, with crashes and lost messages', async () => {
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

    test('are checked: different states fail the check', () => {
        assertPrefixes([counter('1/0', '1/1'), counter('1/0')])
        for (const wrong of [['1/1', '1/2'], ['1/0', '1/2'], ['1/0', '1/1', '1/1']]) {
            assert.throws(() => assertPrefixes([counter('1/0', '1/1', '1/2'), counter(...wrong)]))
        }
        assert.throws(() => assertPrefixes([counter('1/0', '1/1', '1/1')]))
    })
})
