import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PeerProgress } from '../../../src/paxos/replication/peer-progress.js'
import { appraise } from '../../../src/paxos/membership/presence.js'
import { asked, peer } from '../peer.js'

describe('a leader\'s appraisal', () => {
    const appraised = (now: number, heard: string[], ...peers: PeerProgress[]): string[] => {
        const { silent, doubtful } = appraise(peers, new Set(heard), {
            now, ping: 250, timeout: 1000, patience: 1000, recall: 1000
        })
        return [[...silent].join(), [...doubtful].join()]
    }

    const present = (now: number, each: PeerProgress, ...heard: string[]): string[] => {
        const pace = { now, ping: 250, timeout: 1000, patience: 1000, recall: 1000 }
        return [...appraise([each], new Set(heard), pace).present]
    }

    test('doubts a peer after half a timeout without an answer, and gives up after one', () => {
        const waiting = asked(0, 250, 500, 750)
        assert.deepEqual(appraised(499, [], waiting), ['', ''])
        assert.deepEqual(appraised(500, [], waiting), ['', '1'])
        assert.deepEqual(appraised(1000, [], waiting), ['1', '1'])
    })

    test('gives up a peer under whose id a newcomer asks after a timeout, at any patience', () => {
        const pace = { now: 1000, ping: 250, timeout: 1000, patience: 604_800_000, recall: 1000 }
        const waiting = asked(0, 250, 500, 750)
        const silent = (now: number, ...returning: string[]): string[] =>
            [...appraise([waiting], new Set(), { ...pace, now }, new Set(returning)).silent]
        assert.deepEqual([silent(999, '1'), silent(1000, '1'), silent(1000)], [[], ['1'], []])
        const answering = asked(0, 250, 500, 750)
        answering.countAnswer(800, true)
        assert.deepEqual([...appraise([answering], new Set(), pace, new Set(['1'])).silent], [])
    })

    test('doubts a peer that others report as silent, unless the peer has answered lately', () => {
        const answering = asked(0)
        answering.countAnswer(100, true)
        assert.deepEqual(appraised(600, ['1/0'], answering), ['', ''])
        assert.deepEqual(appraised(601, ['1/0'], answering), ['', '1'])
        assert.deepEqual(appraised(601, ['9/0'], answering), ['', ''])
    })

    test('gives up no peer on the reports of others alone', () => {
        assert.deepEqual(appraised(5000, ['1/0'], peer()), ['', '1'])
    })

    test('counts a member as present only with an answer to this leader, for a timeout', () => {
        const unknown = peer()
        assert.deepEqual(present(0, unknown), [], 'a member that was never asked')
        unknown.countAnswer(0, true)
        assert.deepEqual(present(1, unknown), [], 'an answer to an earlier leader')
        unknown.presentAt = 0
        assert.deepEqual([present(999, unknown), present(1000, unknown)], [['1'], []])
    })

    test('counts no doubtful member as present', () => {
        const doubted = asked(0)
        doubted.presentAt = 400
        assert.deepEqual([present(499, doubted), present(500, doubted)], [['1'], []])
        const heardOf = Object.assign(peer(), { answeredAt: 0, presentAt: 400 })
        assert.deepEqual([present(600, heardOf), present(600, heardOf, '1/0')], [['1'], []])
    })

    test('counts the promise of an election as evidence, until the next one or a restart', () => {
        const elector = peer()
        elector.countVote(3, 100)
        assert.deepEqual(present(100, elector), ['1'])
        elector.forgetAcceptance()
        assert.deepEqual(present(100, elector), [])
        elector.countVote(3, 100)
        elector.revive()
        assert.deepEqual(present(100, elector), [])
    })
})
