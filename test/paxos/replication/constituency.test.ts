import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { citizens, nullGovernment } from '../../../src/paxos/membership/government.js'
import { constituency, representative } from '../../../src/paxos/replication/constituency.js'
import { governmentOf } from '../sample.js'

describe('a constituency', () => {
    const tree = (seats: string): Record<string, readonly string[]> => {
        const government = governmentOf(seats)
        return Object.fromEntries(citizens(government).map((id) => {
            return [id, constituency(government, id)]
        }))
    }

    test('of the only voter has every other member', () => {
        assert.deepEqual(tree('0||1 2'), { 0: ['1', '2'], 1: [], 2: [] })
    })

    test('has an even share of the next rank', () => {
        assert.deepEqual(tree('0 1 2|3 4|5 6 7 8 9'), {
            0: ['1', '2'], 1: ['3'], 2: ['4'], 3: ['5', '7', '9'], 4: ['6', '8'],
            5: [], 6: [], 7: [], 8: [], 9: []
        })
    })

    test('skips an empty rank', () => {
        assert.deepEqual(tree('0 1 2||3 4 5'), {
            0: ['1', '2'], 1: ['3', '5'], 2: ['4'], 3: [], 4: [], 5: []
        })
    })

    test('of a stranger is empty', () => {
        assert.deepEqual(constituency(governmentOf('0 1|2|3'), '9'), [])
        assert.deepEqual(constituency(nullGovernment('r'), '0'), [])
    })

    test('has a representative, except for the leader and a stranger', () => {
        const government = governmentOf('0 1|2|3')
        const ids = ['0', '1', '2', '3', '9']
        const above = ids.map((id) => representative(government, id))
        assert.deepEqual(above, [null, '0', '1', '2', null])
    })
})
