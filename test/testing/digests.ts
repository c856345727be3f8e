import { createHash } from 'node:crypto'
import { drawPlan } from '../../src/testing/plan.js'
import { TrialRun } from '../../src/testing/trial-run.js'
import { put, Store } from './store.js'

/** The digests of the events and counts of the seeds from 1 to `seeds`, one line each. */
export async function digests(seeds: number): Promise<string> {
    const parts = {
        application: () => new Store(), workload: put, options: {}, stateMax: 1e9, model: null
    }
    const found: string[] = []
    for (let seed = 1; seed <= seeds; seed++) {
        const limits = { members: 3, operations: 60, hours: 0.01, faults: 'all' } as const
        const run = new TrialRun(parts as never, drawPlan(seed, limits))
        const { lines, counts } = await run.run()
        const text = [...lines, JSON.stringify(counts)].join('\n')
        found.push(`${seed} ${createHash('sha256').update(text).digest('hex')}`)
    }
    return found.join('\n')
}
