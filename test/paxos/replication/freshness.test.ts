import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Freshness } from '../../../src/paxos/replication/freshness.js'

const NEVER = Number.NEGATIVE_INFINITY

describe('the freshness of a log', () => {
    test('never falls by a proof', () => {
        const freshness = new Freshness()
        assert.equal(freshness.freshAt, NEVER)
        freshness.raise(7)
        freshness.raise(5)
        assert.equal(freshness.freshAt, 7)
    })

    test('is unknown after the clock went back, and so is every instant until then', () => {
        const freshness = new Freshness()
        freshness.raise(7)
        freshness.takeMessage('1/5', 9, '1/1')
        freshness.forget(10)
        assert.equal(freshness.freshAt, NEVER)
        assert.deepEqual([9, 10, 11].map((at) => freshness.isSteady(at)), [false, false, true])
        freshness.takeMessage('1/6', 3, '1/5')
        assert.equal(freshness.freshAt, NEVER)
    })

    test('falls by the part of a pause that the member\'s own time does not count', () => {
        const freshness = new Freshness()
        freshness.raise(7)
        freshness.takeMessage('1/5', 9, '1/1')
        freshness.countPause(500, 2000)
        assert.equal(freshness.freshAt, -1993)
        assert.deepEqual([499, 500].map((at) => freshness.isSteady(at)), [false, true])
        freshness.takeMessage('1/6', -5000, '1/5')
        assert.equal(freshness.freshAt, -1991)
    })

    test('rises by a message once the log has reached the end of the sender\'s log', () => {
        const freshness = new Freshness()
        freshness.takeMessage('1/5', 20, '1/4')
        assert.equal(freshness.freshAt, NEVER)
        // Under load, a later message says more, and comes true later.
        freshness.takeMessage('1/9', 30, '1/4')
        freshness.takeMessage('1/12', 40, '1/6')
        assert.equal(freshness.freshAt, 20)
        freshness.takeMessage('1/12', 45, '1/12')
        assert.equal(freshness.freshAt, 45)
    })
})

describe('the milestone of a leader', () => {
    test('is the present while all written entries are committed', () => {
        const freshness = new Freshness()
        assert.equal(freshness.coveredAt('1/1/0', 5, 5, 100), 100)
        assert.equal(freshness.coveredAt('1/1/0', 5, 5, 110), 110)
    })

    test('is the instant before which all entries were written that are committed now', () => {
        const freshness = new Freshness()
        freshness.coveredAt('1/1/0', 5, 5, 100)
        // A voter may have committed entry 6 already.
        assert.equal(freshness.coveredAt('1/1/0', 6, 5, 110), 100)
        assert.equal(freshness.coveredAt('1/1/0', 8, 5, 120), 100)
        assert.equal(freshness.coveredAt('1/1/0', 8, 6, 130), 110)
        assert.equal(freshness.coveredAt('1/1/0', 9, 7, 140), 110)
        assert.equal(freshness.coveredAt('1/1/0', 9, 8, 150), 130)
    })

    test('of an earlier ballot says nothing', () => {
        const freshness = new Freshness()
        freshness.coveredAt('1/1/0', 5, 5, 100)
        assert.equal(freshness.coveredAt('2/1/0', 7, 6, 110), NEVER)
        assert.equal(freshness.coveredAt('2/1/0', 8, 7, 120), 110)
    })

    test('survives a written state', () => {
        const freshness = new Freshness()
        assert.equal(freshness.state(), null)
        freshness.coveredAt('1/1/0', 6, 5, 100)
        freshness.takeMessage('1/5', 20, '1/4')
        const state = JSON.parse(JSON.stringify(freshness.state()))
        assert.deepEqual(Freshness.restore(state), freshness)
    })
})
