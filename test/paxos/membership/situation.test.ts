import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { weighEntry } from '../../../src/paxos/log/entry.js'
import type { Log } from '../../../src/paxos/log/log.js'
import { keeps, unready } from '../../../src/paxos/membership/situation.js'
import { PeerProgress } from '../../../src/paxos/replication/peer-progress.js'
import { entries, logOf, numbers } from '../sample.js'

/** Twelve entries, the first eight committed. */
function log(): Log {
    return logOf('5/0', entries('5/0', numbers(5, 12)), 8)
}

describe('unready()', () => {
    const held = (id: string, holds: number): PeerProgress => {
        return Object.assign(new PeerProgress({ id, immigrated: `${id}/0` }), { holds })
    }
    const lacks = ({ holds }: PeerProgress): boolean => holds < 5
    const constituents = [held('3', 4), held('4', 5)]
    const waiting = (voters: PeerProgress[], ...silent: string[]): readonly string[] => {
        return unready(voters, constituents, new Set(silent), lacks)
    }

    test('lists the constituents that lack the latest admission', () => {
        assert.deepEqual(waiting([held('1', 9), held('2', 5)]), ['3'])
    })

    test('lists all constituents while an answering voter lacks the latest admission', () => {
        assert.deepEqual(waiting([held('1', 9), held('2', 4)]), ['3', '4'])
        assert.deepEqual(waiting([held('1', 9), held('2', 4)], '2'), ['3'])
    })
})

describe('keeps()', () => {
    const entry = entries('5/0', numbers(5, 12))[11] ?? assert.fail()
    const kept = (least: number, limit: { entries?: number, weight?: number }): boolean[] => {
        const limits = { entries: 1e6, weight: 1e9, ...limit }
        return [least - 1, least].map((position) => keeps(log(), position, limits))
    }

    test('is true for the positions that the limits leave once the whole log is committed', () => {
        assert.deepEqual(kept(0, {}), [false, true])
        assert.deepEqual(kept(2, { entries: 10 }), [false, true])
        assert.deepEqual(kept(9, { weight: 4 * weighEntry(entry) }), [false, true])
    })

    test('is true for the first position that bound() leaves', () => {
        const limit = { entries: 6, weight: 1e9 }
        const full = log()
        full.commitThrough(full.head)
        full.bound({ entries: 8, weight: 1e9 }, limit, { entries: 1, weight: 0 })
        assert.deepEqual(kept(full.first, limit), [false, true])
    })
})
