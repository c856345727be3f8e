import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { own } from '../../../src/base/own-property.js'
import {
    changesParliament, citizens, isGovernment, latestAdmission, majoritySeats, nullGovernment,
    parliament, succeed
} from '../../../src/paxos/membership/government.js'
import { governmentBody, governmentOf } from '../sample.js'

describe('a government', () => {
    test('has no members before the founding', () => {
        assert.deepEqual(nullGovernment('r'), {
            republic: 'r', promise: '0/0', majority: [], minority: [], constituents: [],
            naturalized: [], properties: {}, immigrated: { id: {}, promise: {} }
        })
    })

    test('has the founder as its only voter after the founding', () => {
        const founder = { id: '0', properties: 'here', cookie: 0 }
        const body = governmentBody('1/0', { immigrate: founder, naturalize: '0' })
        assert.deepEqual(succeed(nullGovernment('r'), body), {
            republic: 'r', promise: '1/0', majority: ['0'], minority: [], constituents: [],
            naturalized: ['0'], properties: { 0: 'here' },
            immigrated: { id: { '1/0': '0' }, promise: { 0: '1/0' } }
        })
    })

    test('has the latest admission of a naturalized member as latestAdmission()', () => {
        const government = governmentOf('0 1|2|3')
        const promise = { 0: '1/0', 1: 'f/0', 2: '10/0', 3: '11/0' }
        const immigrated = { ...government.immigrated, promise }
        const naturalized = ['2', '0', '1']
        assert.equal(latestAdmission({ ...government, immigrated, naturalized }), '10/0')
        assert.equal(latestAdmission(nullGovernment('r')), '0/0')
    })

    test('adds a new member behind the other constituents', () => {
        const body = governmentBody('21/0', {
            majority: ['0', '1'], minority: ['2'],
            immigrate: { id: '4', properties: 'there', cookie: 3 }
        })
        const next = succeed(governmentOf('0 1|2|3'), body)
        assert.deepEqual(next.constituents, ['3', '4'])
        assert.equal(next.properties['4'], 'there')
        assert.equal(next.immigrated.promise['4'], '21/0')
        assert.equal(next.immigrated.id['21/0'], '4')
        assert.deepEqual(next.naturalized, ['0', '1', '2', '3'])
    })

    test('drops every field of an exiled member', () => {
        const exile = { id: '3', promise: '4/0', properties: 'at 3' }
        const body = governmentBody('21/0', { majority: ['0', '1'], minority: ['2'], exile })
        assert.deepEqual(succeed(governmentOf('0 1|2|3'), body), {
            ...governmentOf('0 1|2'), promise: '21/0'
        })
    })

    test('removes promoted members from the constituents, and puts a demoted member first', () => {
        const government = governmentOf('0|| 1 2 3')
        const promoted = succeed(government, governmentBody('21/0', {
            majority: ['0', '1'], minority: ['3'],
            promote: [{ id: '3', index: 2 }, { id: '1', index: 0 }]
        }))
        assert.deepEqual(promoted.constituents, ['2'])
        const demoted = succeed(promoted, governmentBody('22/0', {
            majority: ['0', '1'], demote: '3'
        }))
        assert.deepEqual(demoted.constituents, ['3', '2'])
    })

    test('appends a newly naturalized member to the naturalized members', () => {
        const government = governmentOf('0||1 2', { naturalized: ['0', '2'] })
        const body = governmentBody('21/0', { majority: ['0'], naturalize: '1' })
        assert.deepEqual(succeed(government, body).naturalized, ['0', '2', '1'])
    })

    test('is frozen in every part, and does not change its predecessor', () => {
        const before = governmentOf('0 1|2|3')
        const copy = structuredClone(before)
        const next = succeed(before, governmentBody('21/0', {
            majority: ['0', '1'], exile: { id: '2', promise: '3/0', properties: null }
        }))
        assert.deepEqual(before, copy)
        for (const part of [next, ...Object.values(next), ...Object.values(next.immigrated)]) {
            assert.ok(Object.isFrozen(part))
        }
    })
})

describe('functions of a government', () => {
    test('list the leader first in parliament() and citizens()', () => {
        assert.deepEqual(parliament(governmentOf('2 0|1|3')), ['2', '0', '1'])
        assert.deepEqual(citizens(governmentOf('2 0|1|3')), ['2', '0', '1', '3'])
    })

    test('count more than half the seats in majoritySeats()', () => {
        assert.equal(majoritySeats(governmentOf('0 1 2|3 4')), 3)
        assert.equal(majoritySeats(governmentOf('0 1|')), 2)
    })

    test('report a change only if the set of voters changes, in changesParliament()', () => {
        const government = governmentOf('0 1|2|3')
        const changes = (seats: string): boolean => {
            return changesParliament(government, governmentOf(seats))
        }
        assert.deepEqual(['0 1|2', '1 2|0', '2 0|1|'].map(changes), [false, false, false])
        assert.deepEqual(['0 1|3', '0 1|', '0 1|2 3', '0|1 3'].map(changes), Array(4).fill(true))
    })

    test('recognize a government by its promise in isGovernment()', () => {
        const promises = ['1/0', 'a0/0', '1/1', '0/10']
        assert.deepEqual(promises.map(isGovernment), [true, true, false, false])
    })

    test('ignore inherited properties of a record in own()', () => {
        assert.equal(own({}, 'constructor'), undefined)
        assert.equal(own({ constructor: 'x' }, 'constructor'), 'x')
    })
})
