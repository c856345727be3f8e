import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RecordedVersion } from '../../src/member/recorded-version.js'
import { Minimum } from '../../src/paxos/log/minimum.js'
import { draw } from './draw.js'
import { attempt, type Failure } from './outcome.js'
import type { Plan } from './plan.js'
import { type Sometimes, Tally } from './tally.js'

const { before } = RecordedVersion.prototype

/** The number of trials of members that restart under two versions. */
const SEEDS = 20

/** Within how many trials a bug is found. */
const BUG_SEEDS = 120

const CASES: readonly Sometimes[] = [
    'the version of a republic is raised', 'a member returns to an earlier version',
    'a newcomer of an earlier version is refused'
]

/** A trial of members with disks; every second life takes part in the first version only. */
function upgrade(seed: number): Plan {
    return { ...draw(seed, true), earlier: 0.5 }
}

/** The first failure of the trials; `null` without a failure. */
function failureOf(total: Tally, seeds: number): Failure | null {
    for (let seed = 1; seed <= seeds; seed++) {
        const { tally, failure } = attempt(upgrade(seed))
        total.add(tally)
        if (failure !== null) {
            return failure
        }
    }
    return null
}

describe('a republic whose members restart under two versions', () => {
    it('keeps every property, has the higher version in the end, and meets every case', () => {
        const total = new Tally()
        assert.equal(failureOf(total, SEEDS), null)
        for (const each of CASES) {
            assert.ok((total.sometimes.get(each) ?? 0) > 0, each)
        }
    })

    it('is unsafe if the leader raises the version alone, and each member follows', (context) => {
        context.mock.method(Minimum.prototype, 'commonVersions', (own: unknown) => own)
        context.mock.method(RecordedVersion.prototype, 'isBeyond', () => false)
        const failure = failureOf(new Tally(), BUG_SEEDS)
        assert.equal(failure?.property, 'S14')
    })

    it('is unsafe if a journal does not name the version before its first input', (context) => {
        context.mock.method(RecordedVersion.prototype, 'before', function (
            this: RecordedVersion, ...[played, isBorn]: Parameters<RecordedVersion['before']>
        ) {
            return isBorn ? null : before.call(this, played, isBorn)
        })
        const failure = failureOf(new Tally(), BUG_SEEDS)
        assert.equal(failure?.property, 'S14')
    })
})

