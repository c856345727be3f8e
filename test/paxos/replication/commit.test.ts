import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Log } from '../../../src/paxos/log/log.js'
import type { ShapedGovernment } from '../../../src/paxos/membership/government.js'
import { committable } from '../../../src/paxos/replication/commit.js'
import { entries, governmentBody, governmentOf, logOf, numbers } from '../sample.js'

const government = governmentOf('0 1|2|3 4')
const { promise: _promise, map: _map, ...same } = governmentBody('', {
    majority: ['0', '1'], minority: ['2']
})

/** The position that a writer may commit if the voters hold the log through these positions. */
function mark(log: Log, positions: Record<string, number>): number {
    return committable(log, government, '1/1/0', (id) => positions[id] ?? -1)
}

function withGovernment(shape: Partial<ShapedGovernment>): Log {
    const body = governmentBody('21/0', { ...same, ...shape })
    return logOf('20/0', [
        ...entries('20/0', ['20/1']), { promise: '21/0', previous: '20/1', body }
    ], 0)
}

describe('the commit mark', () => {
    const log = logOf('20/0', entries('20/0', numbers(32, 5)), 1)

    test('is the position that a majority of the parliament holds, for every such majority', () => {
        assert.equal(mark(log, { 0: 5, 1: 3, 2: 2 }), 3)
        assert.equal(mark(log, { 0: 5, 2: 4 }), 4)
        assert.equal(mark(log, { 0: 5, 1: 5, 2: 5 }), 5)
    })

    test('does not count constituents', () => {
        assert.equal(mark(log, { 0: 5, 3: 5, 4: 5 }), 1)
    })

    test('never goes back, and never exceeds the head of the log', () => {
        assert.equal(mark(log, { 0: 5, 1: 0 }), 1)
        assert.equal(mark(log, { 0: 9, 1: 9 }), 5)
    })

    test('passes a government with the same voters by one majority', () => {
        const exchanged = withGovernment({ majority: ['0', '2'], minority: ['1'] })
        assert.equal(mark(exchanged, { 0: 2, 1: 2 }), 2)
        const admitting = withGovernment({ immigrate: { id: '9', properties: 0, cookie: 0 } })
        assert.equal(mark(admitting, { 0: 2, 1: 2 }), 2)
    })

    test('passes a government with other voters by a majority of either parliament', () => {
        const grown = withGovernment({ majority: ['0', '3', '4'], minority: ['1', '2'] })
        assert.equal(mark(grown, { 0: 2, 1: 2 }), 1, 'a majority of the old one alone')
        assert.equal(mark(grown, { 0: 2, 3: 2, 4: 2 }), 0, 'of the new one alone')
        assert.equal(mark(grown, { 0: 2, 1: 2, 2: 2 }), 2, 'of both')
        assert.equal(mark(grown, { 0: 2, 1: 2, 3: 2 }), 2, 'of both')
    })

    test('passes the entries before such a government by a majority of the old parliament', () => {
        const grown = withGovernment({ majority: ['0', '3', '4'], minority: ['1', '2'] })
        assert.equal(mark(grown, { 0: 2, 1: 1, 3: 2, 4: 2 }), 1)
    })
})
