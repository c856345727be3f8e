import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationEntry } from '../../src/colleague/application.js'
import {
    type CounterCommand, type CounterOutcome, type LockCommand, type LockOutcome, Locks,
    type RateCommand, RateLimit, type RateOutcome, Sequence
} from '../../src/recipes/index.js'
import { trial, type TrialResult } from '../../src/testing/index.js'
import { LIMIT, TriedRecipes } from './trial-work.js'

/** `KIBITZ_TRIAL_SEEDS` runs; `npm test` tries fewer. `KIBITZ_TRIAL_FROM` is the first seed. */
const SEEDS = Number(process.env['KIBITZ_TRIAL_SEEDS'] ?? 8)
const FROM = Number(process.env['KIBITZ_TRIAL_FROM'] ?? 1)

function run(tried: TriedRecipes, seeds: readonly number[]): Promise<TrialResult> {
    const { application, workload } = tried
    return trial({ application, workload, seeds, operations: 60, hours: 0.01, shrinks: 0 })
}

/** A lock with one holder too many. */
class WideLocks extends Locks {
    override apply(entry: ApplicationEntry<LockCommand>): LockOutcome {
        const { body } = entry
        return super.apply(body.do !== 'acquire'
            ? entry
            : { ...entry, body: { ...body, permits: body.permits + 1 } })
    }
}

/** A sequence whose numbers depend on the calls of one process. */
class LocalSequence extends Sequence {
    #calls = 0

    override apply(entry: ApplicationEntry<CounterCommand>): CounterOutcome {
        const outcome = super.apply(entry)
        return { ...outcome, value: outcome.value - this.#calls++ % 2 }
    }
}

/** A rate limit whose time runs twice as fast. */
class HastyRateLimit extends RateLimit {
    override apply(entry: ApplicationEntry<RateCommand>): RateOutcome {
        return super.apply({ ...entry, body: { ...entry.body, at: entry.body.at * 2 } })
    }
}

describe('a trial of all recipes', { timeout: 36_000_000 }, () => {
    test('with all faults finds no broken promise', async () => {
        const tried = new TriedRecipes()
        const seeds = Array.from({ length: SEEDS }, (_, index) => FROM + index)
        const { runs } = await run(tried, seeds)
        assert.equal(runs, SEEDS)
        const recipes = ['count', 'enqueue', 'lead', 'limit', 'lock', 'map', 'runJobs']
        assert.deepEqual(Object.keys(tried.done).sort(), recipes)
        for (const recipe of recipes) {
            assert.ok((tried.done[recipe] ?? 0) > SEEDS, JSON.stringify(tried.done))
        }
    })

    test('finds planted faults', async () => {
        const wide = new TriedRecipes(() => ({ locks: new WideLocks() }))
        await assert.rejects(run(wide, [11]), /2 leases of one/)
        const local = new TriedRecipes(() => ({ ids: new LocalSequence() }))
        await assert.rejects(run(local, [1]), /Seed 1 found a fault/)
        const hasty = new TriedRecipes(() => ({ limit: new HastyRateLimit(LIMIT) }))
        await assert.rejects(run(hasty, [31]), /7 permits in/)
    })
})
