import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Minimum } from '../../../src/paxos/log/minimum.js'

/** A member that feeds two others under `5/0`, which have said these. */
function minimum(...reports: readonly (readonly [string, string, string])[]): Minimum {
    const minimum = new Minimum()
    minimum.reset('5/0', ['2/0', '3/0'])
    for (const [constituent, version, reduced] of reports) {
        minimum.report(constituent, { version, reduced })
    }
    return minimum
}

describe('the minimum', () => {
    test('of a member without constituents is the member\'s own promise', () => {
        const alone = new Minimum()
        alone.reset('5/0', [])
        assert.deepEqual(alone.reduce('5/7'), { version: '5/0', reduced: '5/7' })
    })

    test('is the lowest promise of the constituents and the member itself', () => {
        const reports = [['2/0', '5/0', '5/9'], ['3/0', '5/0', '5/10']] as const
        assert.equal(minimum(...reports).reduce('5/11').reduced, '5/9')
        assert.equal(minimum(...reports).reduce('5/3').reduced, '5/3')
    })

    test('is unknown until every constituent has reported', () => {
        assert.equal(minimum(['2/0', '5/0', '5/9']).reduce('5/9').reduced, '0/0')
    })

    test('ignores reports of another government', () => {
        const stale = minimum(['2/0', '5/0', '5/9'], ['3/0', '4/0', '4/9'])
        assert.equal(stale.reduce('5/9').reduced, '0/0')
        stale.report('3/0', { version: '5/0', reduced: '5/1' })
        assert.equal(stale.reduce('5/9').reduced, '5/1')
        stale.reset('6/0', ['2/0'])
        assert.deepEqual(stale.reduce('6/0'), { version: '6/0', reduced: '0/0' })
    })

    test('ignores reports of strangers', () => {
        const all = minimum(['2/0', '5/0', '5/9'], ['3/0', '5/0', '5/9'], ['9/0', '5/0', '1/0'])
        assert.equal(all.reduce('5/9').reduced, '5/9')
    })

    test('only rises as the leader propagates the minimum', () => {
        const handed = minimum()
        const heard = ['5/9', '5/10', '5/f', '0/0'].map((promise) => {
            handed.raise(promise)
            return handed.propagated
        })
        assert.deepEqual(heard, ['5/9', '5/10', '5/10', '5/10'])
    })
})
