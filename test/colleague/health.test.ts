import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sum, toleranceOf } from '../../src/colleague/health.js'
import { nullGovernment } from '../../src/paxos/membership/government.js'

describe('health', () => {
    test('shows the failures that a government tolerates', () => {
        const government = nullGovernment('run')
        for (const [seats, tolerates] of [0, 0, 0, 1, 1, 2].entries()) {
            const majority = Array.from({ length: seats }, (_, index) => `m${index}`)
            assert.equal(toleranceOf({ ...government, majority }, 5, 0).tolerates, tolerates)
        }
        const five = { ...government, majority: ['a', 'b', 'c'], minority: ['d', 'e'] }
        assert.equal(toleranceOf(five, 5, 1).text, '5 configured, 4 voting, tolerates 1')
        assert.equal(toleranceOf(five, 5, 4).text, '5 configured, 1 voting, tolerates 0')
    })

    test('adds counts by code', () => {
        assert.deepEqual(sum({ a: 1, b: 2 }, {}, { b: 3, constructor: 1 }),
            { a: 1, b: 5, constructor: 1 })
    })
})
