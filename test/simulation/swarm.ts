import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { type Failure, reproduction, tryOut } from './command.js'
import { summary } from './report.js'
import { Tally } from './tally.js'

/** Runs seeds one after another; every failure is told by the line that reproduces it. */
export function swarm(first: number, last: number): Tally {
    const total = new Tally()
    const failures: Failure[] = []
    const begin = performance.now()
    console.log(`Seeds ${first}..${last} of ${availableParallelism()} cores' worth.`)
    for (let seed = first; seed <= last; seed++) {
        const failure = tryOut(seed, total, null)
        if (failure !== null) {
            failures.push(failure)
            console.log(reproduction(failure))
        }
    }
    console.log(summary(total, failures, performance.now() - begin))
    assert.deepEqual(failures.map(reproduction), [])
    return total
}

/** A run in which a kind of fault never happened, or a branch was missed, proves too little. */
export function covers(total: Tally): void {
    assert.deepEqual(total.missingFaults(), [])
    assert.deepEqual(total.missingBranches(), [])
    assert.ok(total.unavailable > 0 && total.unavailable < total.trials / 3)
}
