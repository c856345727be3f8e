import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import * as engine from '../../src/paxos/membership/government.js'
import { quorum } from '../../src/paxos/membership/quorum.js'
import { lots } from '../paxos/lots.js'
import * as law from './checks/law.js'

const ids = fc.uniqueArray(fc.constantFrom(...'abcdefg'), { maxLength: 7 })

/** A parliament of some of these, cut in two anywhere. */
function seats(voters: readonly string[], cut: number): law.Seats {
    return { majority: voters.slice(0, cut), minority: voters.slice(cut) }
}

describe('the law that the checkers go by', () => {
    it('takes the smallest quorum such that any two quorums share a voter', () => {
        for (let voters = 0; voters < 100; voters++) {
            const fewest = law.quorum(voters)
            assert.ok(2 * fewest > voters && 2 * (fewest - 1) <= voters, `${fewest} of ${voters}`)
        }
    })

    it('agrees with the engine', () => {
        fc.assert(fc.property(ids, ids, ids, fc.nat(7), fc.nat(7), (one, two, more, cut, other) => {
            const government = { ...seats(one, cut), constituents: more }
            const after = seats(two, other)
            assert.deepEqual(law.parliament(government), engine.parliament(government))
            assert.deepEqual(law.citizens(government), [...one, ...more])
            assert.equal(law.majoritySeats(government), engine.majoritySeats(government))
            assert.equal(law.quorum(one.length), quorum(one.length))
            const whole = { ...engine.nullGovernment('1'), ...government }
            assert.equal(law.changesParliament(government, after),
                engine.changesParliament(whole, after))
        }), lots(1000))
    })
})
