import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Condition, readinessOf } from '../../src/colleague/readiness.js'

const WELL: Condition = {
    hasFailed: false,
    isStopping: false,
    role: 'citizen',
    isCurrent: true,
    leaderContactMs: 0,
    timeout: 1000
}

describe('the readiness of a member', () => {
    for (const [change, state] of [
        [{}, 'ready'],
        [{ role: 'leader' }, 'ready'],
        [{ leaderContactMs: null }, 'no-leader'],
        [{ leaderContactMs: 3000 }, 'ready'],
        [{ leaderContactMs: 3001 }, 'no-leader'],
        [{ role: 'leader', leaderContactMs: 3001 }, 'no-leader'],
        [{ leaderContactMs: 3001, timeout: 2000 }, 'ready'],
        [{ role: 'candidate' }, 'no-leader'],
        [{ isCurrent: false }, 'not-current'],
        [{ isCurrent: false, role: 'candidate' }, 'not-current'],
        [{ role: 'stranger', isCurrent: false }, 'starting'],
        [{ role: 'exile' }, 'exiled'],
        [{ isStopping: true }, 'stopping'],
        [{ isStopping: true, role: 'exile', isCurrent: false }, 'stopping'],
        [{ hasFailed: true, isStopping: true }, 'failed']
    ] as const) {
        test(`is ${state} with ${JSON.stringify(change)}`, () => {
            assert.equal(readinessOf({ ...WELL, ...change }), state)
        })
    }
})
