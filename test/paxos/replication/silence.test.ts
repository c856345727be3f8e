import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PeerProgress } from '../../../src/paxos/replication/peer-progress.js'
import { isLost, isSilent, silenceOf } from '../../../src/paxos/replication/silence.js'

/** A peer that was asked in vain at each of these instants. */
function asked(...instants: readonly number[]): PeerProgress {
    const asked = new PeerProgress({ id: '1', immigrated: '1/0' })
    for (const now of instants) {
        asked.countRequest(now, 1000)
    }
    return asked
}

describe('a peer', () => {
    const isGone = (now: number, each: PeerProgress): boolean => {
        return isSilent(each, { now, ping: 250, timeout: 1000, patience: 1000, recall: 1000 })
    }

    test('is silent only after four unanswered requests over a patience', () => {
        const silences = [
            asked(), asked(0, 500, 750), asked(0, 250, 500, 750), asked(0, 1, 2, 500, 749)
        ].map((each) => [isGone(999, each), isGone(1000, each)])
        assert.deepEqual(silences, [
            [false, false], [false, false], [false, true], [false, false]
        ])
    })

    test('is not silent if the leader has not asked: another feeder may have its answers', () => {
        const exchanged = asked(0, 250, 500, 600)
        assert.equal(isGone(1600, exchanged), false)
        // Another member doubts the peer, and the leader asks the peer again.
        for (const now of [1601, 1850, 2100, 2350]) {
            exchanged.countRequest(now, 1000)
        }
        assert.equal(isGone(2600, exchanged), false)
        assert.equal(silenceOf(exchanged, 2350), 2350)
        assert.equal(isGone(2601, exchanged), false)
        exchanged.countRequest(2602, 1000)
        assert.equal(isGone(2602, exchanged), true)
    })

    test('is neither silent nor lost by requests that are too old', () => {
        const silent = asked(0, 250, 500, 750, 1000)
        assert.deepEqual([isGone(2000, silent), isGone(2001, silent)], [true, false])
        const pace = { timeout: 1000, recall: 1000 }
        const lost = Object.assign(asked(0), { lostAt: 0 })
        const gone = [999, 1000, 1001].map((now) => isLost(lost, { now, ...pace }))
        assert.deepEqual(gone, [false, true, false])
        lost.countRequest(1500, 1000)
        assert.equal(isLost(lost, { now: 1500, ...pace }), true)
    })

    test('has a silence from the first unanswered request on', () => {
        const waiting = asked(100, 200)
        assert.equal(silenceOf(waiting, 350), 250)
        waiting.countAnswer(400, true)
        assert.equal(silenceOf(waiting, 900), 0)
        waiting.countRequest(1000, 1000)
        assert.equal(silenceOf(waiting, 1001), 1)
        assert.equal(waiting.asks, 1)
        assert.equal(waiting.sentAt, 1000)
        assert.equal(waiting.answeredAt, 400)
    })
})
