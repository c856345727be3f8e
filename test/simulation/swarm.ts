import assert from 'node:assert/strict'
import { Campaign } from './campaign.js'
import { reproduction } from './outcome.js'
import { summary } from './report.js'
import type { Tally } from './tally.js'

/**
 * Runs seeds in a process of their own; every failure is told by the line that reproduces it, and
 * none is tolerated.
 */
export async function swarm(first: number, last: number): Promise<Tally> {
    const orders = {
        task: 'seeds', first, last, minutes: Number.POSITIVE_INFINITY, jobs: 1, keepsGoing: true,
        json: null
    } as const
    const campaign = new Campaign(orders, {
        failed: (failure) => console.log(reproduction(failure)),
        done: () => {}
    })
    await campaign.run()
    const result = campaign.result()
    console.log(summary(result))
    assert.deepEqual(result.failures.map(reproduction), [])
    assert.equal(result.tally.trials, last - first + 1)
    return result.tally
}

/** A run in which a kind of fault never happened, or a branch was missed, proves too little. */
export function covers(total: Tally): void {
    assert.deepEqual(total.missingFaults(), [])
    assert.deepEqual(total.missingBranches(), [])
    assert.ok(total.unavailable > 0 && total.unavailable < total.trials / 3)
}
