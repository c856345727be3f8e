import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PeerProgress } from '../../../src/paxos/replication/peer-progress.js'
import { Peers } from '../../../src/paxos/replication/peers.js'
import { governmentOf } from '../sample.js'

describe('peers', () => {
    test('are found by incarnation, not by id', () => {
        const peers = new Peers()
        const first = peers.of({ id: '1', immigrated: '2/0' })
        assert.equal(peers.of({ id: '1', immigrated: '2/0' }), first)
        assert.notEqual(peers.of({ id: '1', immigrated: '9/0' }), first)
        assert.equal(peers.find('2/0'), first)
        assert.equal(peers.find('3/0'), undefined)
        assert.equal([...peers.all()].length, 2)
    })

    test('are forgotten if retain() rejects their incarnation', () => {
        const peers = new Peers()
        peers.of({ id: '1', immigrated: '2/0' })
        peers.of({ id: '2', immigrated: '3/0' })
        peers.retain((immigrated) => immigrated === '3/0')
        assert.deepEqual([...peers.all()].map(({ id }) => id), ['2'])
    })

    test('list the voters of a government once, and again after a record was dropped', () => {
        const peers = new Peers()
        const [one, other] = [governmentOf('0 1'), governmentOf('0 1 2')]
        let lists = 0
        const list = (): readonly PeerProgress[] => {
            lists++
            return [peers.of({ id: '1', immigrated: '2/0' })]
        }
        const listed = peers.listVoters(one, list)
        assert.equal(peers.listVoters(one, list), listed)
        assert.equal(lists, 1)
        assert.notEqual(peers.listVoters(other, list), listed)
        peers.retain(() => false)
        const [voter] = peers.listVoters(other, list)
        assert.equal(voter, peers.find('2/0'))
        assert.notEqual(voter, listed[0])
    })
})
