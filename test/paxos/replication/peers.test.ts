import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SilenceReports } from '../../../src/paxos/replication/silence-reports.js'
import { Peer, Peers } from '../../../src/paxos/replication/peers.js'

function peer(id = '1'): Peer {
    return new Peer({ id, immigrated: `${id}/0` })
}

/** A peer that was asked in vain at each of these instants. */
function asked(...instants: readonly number[]): Peer {
    const asked = peer()
    for (const now of instants) {
        asked.ask(now, 1000)
    }
    return asked
}

describe('a peer', () => {
    const isSilent = (now: number, each: Peer): boolean => {
        return each.isSilent({ now, ping: 250, patience: 1000 })
    }

    test('is not silent before it has been asked four times and for long enough', () => {
        const silences = [
            asked(), asked(0, 500, 750), asked(0, 250, 500, 750), asked(0, 1, 2, 500, 749)
        ].map((each) => [isSilent(999, each), isSilent(1000, each)])
        assert.deepEqual(silences, [
            [false, false], [false, false], [false, true], [false, false]
        ])
    })

    test('is not silent for not being asked: whoever feeds it may hear of it all the time', () => {
        const exchanged = asked(0, 250, 500, 600)
        assert.equal(isSilent(1600, exchanged), false)
        // Somebody else doubts it, and it is asked again.
        for (const now of [1601, 1850, 2100, 2350]) {
            exchanged.ask(now, 1000)
        }
        assert.equal(isSilent(2600, exchanged), false)
        assert.equal(exchanged.silence(2350), 2350)
        assert.equal(isSilent(2601, exchanged), false)
        exchanged.ask(2602, 1000)
        assert.equal(isSilent(2602, exchanged), true)
    })

    test('is silent since it was first asked in vain', () => {
        const waiting = asked(100, 200)
        assert.equal(waiting.silence(350), 250)
        waiting.answer(400, true)
        assert.equal(waiting.silence(900), 0)
        waiting.ask(1000, 1000)
        assert.equal(waiting.silence(1001), 1)
        assert.equal(waiting.asks, 1)
        assert.equal(waiting.sentAt, 1000)
        assert.equal(waiting.answeredAt, 400)
    })

    test('fails by not answering, and by answering without getting any further', () => {
        const failing = asked(0)
        failing.fail()
        failing.answer(1, false)
        assert.equal(failing.failures, 2)
        failing.answer(2, true)
        assert.equal(failing.failures, 0)
    })

    test('is sent what follows what it accepted first', () => {
        const accepting = peer()
        accepting.accept(4, 4)
        assert.deepEqual([accepting.matched, accepting.match, accepting.next], [true, 4, 5])
    })

    test('is sent nothing twice where an earlier answer comes late', () => {
        const accepting = peer()
        accepting.accept(4, 4)
        accepting.next = 9
        accepting.accept(6, 6)
        assert.deepEqual([accepting.match, accepting.next], [6, 9])
        accepting.accept(5, 5)
        assert.deepEqual([accepting.match, accepting.next], [6, 9])
    })

    test('is sent again what found no place, from what it holds', () => {
        const accepting = peer()
        accepting.accept(4, 4)
        accepting.next = 9
        accepting.accept(4, 8)
        assert.deepEqual([accepting.match, accepting.next], [4, 5])
    })

    test('is sent again what it failed to answer', () => {
        const accepting = peer()
        accepting.accept(4, 4)
        accepting.next = 9
        accepting.fail()
        assert.equal(accepting.next, 5)
    })

    test('has accepted nothing of another ballot', () => {
        const accepting = peer()
        accepting.holds = 3
        accepting.obeyedAt = 5
        accepting.presentAt = 5
        accepting.accept(4, 4)
        accepting.unmatch()
        const { matched, match, next, marked, obeyedAt, presentAt, holds } = accepting
        assert.deepEqual({ matched, match, next, marked, obeyedAt, presentAt, holds }, {
            matched: false, match: -1, next: 0, marked: -1,
            obeyedAt: Number.NEGATIVE_INFINITY, presentAt: Number.NEGATIVE_INFINITY, holds: 3
        })
    })
})

describe('peers', () => {
    test('are known by incarnation, not by name', () => {
        const peers = new Peers()
        const first = peers.of({ id: '1', immigrated: '2/0' })
        assert.equal(peers.of({ id: '1', immigrated: '2/0' }), first)
        assert.notEqual(peers.of({ id: '1', immigrated: '9/0' }), first)
        assert.equal(peers.find('2/0'), first)
        assert.equal(peers.find('3/0'), undefined)
        assert.equal([...peers.all()].length, 2)
    })

    test('are forgotten with their exile', () => {
        const peers = new Peers()
        peers.of({ id: '1', immigrated: '2/0' })
        peers.of({ id: '2', immigrated: '3/0' })
        peers.retain((immigrated) => immigrated === '3/0')
        assert.deepEqual([...peers.all()].map(({ id }) => id), ['2'])
    })
})

describe('hearsay', () => {
    test('is worth something for a while', () => {
        const hearsay = new SilenceReports()
        hearsay.hear(['2/0'], 100)
        hearsay.hear(['3/0', '4/0'], 150)
        assert.deepEqual(hearsay.recent(200, 100), ['3/0', '4/0'])
        hearsay.hear(['2/0'], 250)
        assert.deepEqual(hearsay.recent(260, 100), ['2/0'])
    })

    test('is forgotten with whom it is about', () => {
        const hearsay = new SilenceReports()
        hearsay.hear(['2/0', '3/0'], 100)
        hearsay.retain((promise) => promise !== '2/0')
        assert.deepEqual(hearsay.recent(100, 100), ['3/0'])
    })
})
