import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { judgeCandidate, promise } from '../../../src/paxos/election/acceptor.js'

describe('an acceptor', () => {
    const verdicts = [-1, 0, 1].flatMap((lead) => {
        return [false, true].flatMap((isSeated) => {
            return [false, true].map((isLed) => {
                return [lead, isSeated, isLed, judgeCandidate({ lead, isSeated, isLed })]
            })
        })
    })

    test('judges a candidate by its log first, by its seat next, by the leader last', () => {
        assert.deepEqual(verdicts, [
            [-1, false, false, 'ahead'], [-1, false, true, 'ahead'],
            [-1, true, false, 'ahead'], [-1, true, true, 'ahead'],
            [0, false, false, 'refused'], [0, false, true, 'refused'],
            [0, true, false, 'promise'], [0, true, true, 'led'],
            [1, false, false, 'behind'], [1, false, true, 'behind'],
            [1, true, false, 'behind'], [1, true, true, 'behind']
        ])
    })

    /** What becomes of `2/1/0` promised and `1/1/0` accepted. */
    const offered = (ballot: string): object => {
        const acceptance = { promised: '2/1/0', accepted: '1/1/0' }
        return { isPromised: promise(acceptance, ballot), ...acceptance }
    }

    test('promises a ballot above the promised ballot', () => {
        assert.deepEqual(offered('2/2/0'), {
            isPromised: true, promised: '2/2/0', accepted: '1/1/0'
        })
        assert.deepEqual(offered('10/1/0'), {
            isPromised: true, promised: '10/1/0', accepted: '1/1/0'
        })
    })

    test('promises the promised ballot again', () => {
        assert.deepEqual(offered('2/1/0'), {
            isPromised: true, promised: '2/1/0', accepted: '1/1/0'
        })
    })

    test('does not promise a ballot below the promised ballot', () => {
        assert.deepEqual(offered('1/9/0'), {
            isPromised: false, promised: '2/1/0', accepted: '1/1/0'
        })
    })

    test('does not promise a ballot under which the acceptor has accepted entries', () => {
        const acceptance = { promised: '2/1/0', accepted: '2/1/0' }
        assert.equal(promise(acceptance, '2/1/0'), false)
    })
})
