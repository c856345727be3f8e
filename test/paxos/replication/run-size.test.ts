import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Paxos } from '../../../src/paxos/paxos.js'
import { PeerProgress } from '../../../src/paxos/replication/peer-progress.js'
import { bound, grow, type RunSize, shrink } from '../../../src/paxos/replication/run-size.js'
import { type Member, Wire } from '../wire.js'

const MOST = 512

describe('the size of a run', () => {
    test('is halved by each failed call, down to one entry', () => {
        const sizes: RunSize[] = []
        let size: RunSize = null
        for (let sent = MOST; sizes.at(-1) !== 1; sent = size) {
            size = shrink(size, sent) ?? assert.fail('the size stays')
            sizes.push(size)
        }
        assert.deepEqual(sizes, [256, 128, 64, 32, 16, 8, 4, 2, 1])
    })

    test('is halved once by several calls that fail together', () => {
        assert.equal([MOST, MOST, MOST].reduce<RunSize>(shrink, null), MOST / 2)
    })

    test('follows the number of entries in the failed call, and never grows by a failure', () => {
        assert.equal(shrink(null, 3), 1)
        assert.equal(shrink(2, MOST), 2)
    })

    test('stays if a call without entries, or with one entry, fails', () => {
        assert.deepEqual([shrink(null, 0), shrink(null, 1), shrink(7, 1)], [null, null, 7])
    })

    test('grows by a quarter with each run that arrives, up to the options', () => {
        const sizes: RunSize[] = [1]
        while (sizes.at(-1) !== null) {
            sizes.push(grow(sizes.at(-1) ?? null, MOST))
        }
        assert.deepEqual(sizes.slice(0, 10), [1, 2, 3, 4, 5, 7, 9, 12, 15, 19])
        assert.deepEqual(sizes.slice(-3), [363, 454, null])
        assert.equal(grow(null, MOST), null)
    })

    test('limits the bytes of a run, too', () => {
        const run = { entries: MOST, weight: 1024 }
        assert.equal(bound(run, null), run)
        assert.equal(bound(run, MOST), run)
        assert.deepEqual(bound(run, MOST / 4), { entries: MOST / 4, weight: 256 })
    })
})

describe('over a link that loses long runs', () => {
    function sizeOf(paxos: Paxos, { id }: Member): number | undefined {
        return paxos.state().peers.find((peer) => peer.id === id)?.runSize
    }

    const VALUE = 'x'.repeat(500)

    interface Thin {
        readonly wire: Wire
        readonly leader: Member
        readonly cut: Member
        /** Lets the link to the voter lose each message of more than so many values. */
        lose(most: number): void
        /** How many entries each run to the voter has carried. */
        runs(): readonly number[]
    }

    /** A voter that was cut off while the others wrote so many values. */
    function thin(count: number): Thin {
        const wire = new Wire({ patience: 1e9, parliamentFloor: 3, batch: 64 })
        const [leader, , cut] = wire.settle('a', 'b', 'c')
        assert(leader !== undefined && cut !== undefined)
        const lose = (most: number): void => {
            wire.delay = ({ from, to, request, answer = request }) => {
                const values = Math.floor(JSON.stringify(answer).length / VALUE.length)
                return (from === cut.id || to === cut.id) && values > most ? null : 1
            }
        }
        lose(-1)
        for (let first = 1; first < count; first += 50) {
            assert(wire.propose(leader, first, Array.from({ length: 50 }, () => VALUE)))
            wire.until(() => leader.paxos.inspect().head === leader.paxos.committed)
        }
        assert.equal(wire.leader, leader)
        const runs = (): readonly number[] => wire.sent.flatMap(({ request }) => {
            const entries = 'entries' in request ? request.entries.length : 0
            return request.to.id === cut.id && entries !== 0 ? [entries] : []
        })
        return { wire, leader, cut, lose, runs }
    }

    for (const most of [1, 5]) {
        test(`a voter gets all entries in the end, by no more than ${most} at a time`, () => {
            const { wire, leader, cut, lose, runs } = thin(100)
            lose(most)
            wire.until(() => cut.paxos.committed === leader.paxos.committed)
            assert(Math.max(...runs()) > 8, `some runs are too long: ${runs()}`)
            assert.equal(wire.leader, leader)
        })
    }

    test('runs grow again once the link loses no message', () => {
        const { wire, leader, cut, lose, runs } = thin(400)
        lose(0)
        wire.until(() => runs().at(-1) === 1)
        lose(Number.POSITIVE_INFINITY)
        wire.until(() => cut.paxos.committed === leader.paxos.committed)
        assert(Math.max(...runs().slice(runs().lastIndexOf(1))) >= 32, `${runs()}`)
    })

    test('a restored engine goes on with the same size', () => {
        const { wire, leader, cut, lose } = thin(400)
        lose(0)
        wire.until(() => sizeOf(leader.paxos, cut) === 1)
        const state = leader.paxos.state()
        assert.deepEqual(Paxos.restore(state).state(), state)
    })
})

describe('the state of a peer', () => {
    test('has a size only while runs are short, and none after a restart of the process', () => {
        const peer = new PeerProgress({ id: '1', immigrated: '1/0' })
        const plain = JSON.stringify(peer.state())
        peer.countFailedCall(4)
        assert.equal(peer.state().runSize, 2)
        assert.equal(PeerProgress.restore(peer.state()).runSize, 2)
        assert.equal(PeerProgress.restore(JSON.parse(plain)).runSize, null)
        peer.countArrivedCall(0, 4)
        assert.equal(peer.runSize, 2, 'an answer to a call without entries says nothing')
        peer.countArrivedCall(1, 4)
        peer.countArrivedCall(1, 4)
        assert.equal('runSize' in peer.state(), false)
        peer.countFailedCall(4)
        peer.revive()
        assert.equal(peer.runSize, null)
    })
})
