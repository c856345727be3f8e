import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asked, peer } from '../peer.js'

describe('a peer', () => {
    test('counts a missing answer and an answer without progress as failures', () => {
        const failing = asked(0)
        failing.countFailure()
        failing.countAnswer(1, false)
        assert.equal(failing.failures, 2)
        failing.countAnswer(2, true)
        assert.equal(failing.failures, 0)
    })

    test('counts the end of an overtaken call', () => {
        const answering = asked(0, 10, 20)
        answering.overtaken = 1
        answering.answeredFrom = 10
        assert.equal(answering.awaiting, 2)
        answering.countEnd(10)
        assert.deepEqual([answering.calls, answering.overtaken, answering.awaiting], [2, 1, 1])
        answering.countEnd(0)
        assert.deepEqual([answering.calls, answering.overtaken, answering.awaiting], [1, 0, 1])
    })

    test('is matched at its first acceptance, and its next entry follows the match', () => {
        const accepting = peer()
        accepting.countAcceptance(4, 4)
        assert.deepEqual([accepting.matched, accepting.match, accepting.next], [true, 4, 5])
    })

    test('keeps its next entry when an earlier answer comes late', () => {
        const accepting = peer()
        accepting.countAcceptance(4, 4)
        accepting.next = 9
        accepting.countAcceptance(6, 6)
        assert.deepEqual([accepting.match, accepting.next], [6, 9])
        accepting.countAcceptance(5, 5)
        assert.deepEqual([accepting.match, accepting.next], [6, 9])
    })

    test('returns to the entry behind its match if a run left a gap', () => {
        const accepting = peer()
        accepting.countAcceptance(4, 4)
        accepting.next = 9
        accepting.countAcceptance(4, 8)
        assert.deepEqual([accepting.match, accepting.next], [4, 5])
    })

    test('returns to the entry behind its match if a call fails', () => {
        const accepting = peer()
        accepting.countAcceptance(4, 4)
        accepting.next = 9
        accepting.countFailure()
        assert.equal(accepting.next, 5)
    })

    test('forgets its acceptance under another ballot, and keeps its commit mark', () => {
        const accepting = peer()
        accepting.holds = 3
        accepting.obeyedAt = 5
        accepting.presentAt = 5
        accepting.countAcceptance(4, 4)
        accepting.forgetAcceptance()
        const { matched, match, next, marked, obeyedAt, presentAt, holds } = accepting
        assert.deepEqual({ matched, match, next, marked, obeyedAt, presentAt, holds }, {
            matched: false, match: -1, next: 0, marked: -1,
            obeyedAt: Number.NEGATIVE_INFINITY, presentAt: Number.NEGATIVE_INFINITY, holds: 3
        })
    })
})
