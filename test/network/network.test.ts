import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FAULTS, LEADER_CUT_OFF } from './faults.js'
import { isReady } from './requirements.js'
import { describe as words, travel } from './tour.js'

/** All of it takes a minute or two, and this machine may be busy. */
const DEADLINE_MS = 900_000

describe('a republic on a virtual network', { timeout: DEADLINE_MS }, () => {
    test('loses nothing and recovers under faults of network and processes', async (context) => {
        if (!isReady()) {
            return
        }
        const { findings, passages, calls, entries } = await travel({
            machines: 5,
            faults: FAULTS,
            tell: (passage) => context.diagnostic(words(passage))
        })
        context.diagnostic(`${calls} calls, ${entries} entries`)
        assert.deepEqual(findings, [])
        assert.equal(passages.length, FAULTS.length)
    })

    test('loses nothing and recovers without a Colleague, over TCP', async (context) => {
        if (!isReady()) {
            return
        }
        const ids = ['N3', 'N11', 'N14', 'P1']
        const { findings } = await travel({
            machines: 3,
            faults: FAULTS.filter(({ id }) => ids.includes(id)),
            manner: 'plain',
            tell: (passage) => context.diagnostic(words(passage))
        })
        assert.deepEqual(findings, [])
    })

    test('is reported as not linearizable if members read without a barrier', async () => {
        if (!isReady()) {
            return
        }
        const { findings } = await travel({
            machines: 3, faults: [LEADER_CUT_OFF], manner: 'stale'
        })
        const told = findings.join('\n')
        assert.match(told, /^not linearizable: /m)
        assert.match(told, /^not in the order of the log: /m)
        // What is wrong is what was read, and not the log.
        assert.doesNotMatch(told, /^(?!not |seen after: )/m)
    })
})
