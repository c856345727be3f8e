import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { own } from '../../../src/base/own-property.js'
import {
    changesParliament, citizens, isGovernment, latestAdmission, majoritySeats, nullGovernment,
    parliament, succeed
} from '../../../src/paxos/membership/government.js'
import { governmentBody, governmentOf } from '../sample.js'

describe('a government', () => {
    test('begins with nobody in it', () => {
        assert.deepEqual(nullGovernment('r'), {
            republic: 'r', promise: '0/0', majority: [], minority: [], constituents: [],
            naturalized: [], properties: {}, immigrated: { id: {}, promise: {} }
        })
    })

    test('has its founder as its majority', () => {
        const founder = { id: '0', properties: 'here', cookie: 0 }
        const body = governmentBody('1/0', { immigrate: founder, naturalize: '0' })
        assert.deepEqual(succeed(nullGovernment('r'), body), {
            republic: 'r', promise: '1/0', majority: ['0'], minority: [], constituents: [],
            naturalized: ['0'], properties: { 0: 'here' },
            immigrated: { id: { '1/0': '0' }, promise: { 0: '1/0' } }
        })
    })

    test('tells the latest admission of those who may hold a seat', () => {
        const government = governmentOf('0 1|2|3')
        const promise = { 0: '1/0', 1: 'f/0', 2: '10/0', 3: '11/0' }
        const immigrated = { ...government.immigrated, promise }
        const naturalized = ['2', '0', '1']
        assert.equal(latestAdmission({ ...government, immigrated, naturalized }), '10/0')
        assert.equal(latestAdmission(nullGovernment('r')), '0/0')
    })

    test('puts who immigrates behind the other constituents', () => {
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

    test('forgets all about whom it exiles', () => {
        const exile = { id: '3', promise: '4/0', properties: 'at 3' }
        const body = governmentBody('21/0', { majority: ['0', '1'], minority: ['2'], exile })
        assert.deepEqual(succeed(governmentOf('0 1|2|3'), body), {
            ...governmentOf('0 1|2'), promise: '21/0'
        })
    })

    test('moves who is promoted out of the constituents, and who is demoted to their front', () => {
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

    test('adds who is naturalized, in the order in which they said so', () => {
        const government = governmentOf('0||1 2', { naturalized: ['0', '2'] })
        const body = governmentBody('21/0', { majority: ['0'], naturalize: '1' })
        assert.deepEqual(succeed(government, body).naturalized, ['0', '2', '1'])
    })

    test('is frozen through and through, and leaves its predecessor as it was', () => {
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

describe('the ranks', () => {
    test('are told leader first', () => {
        assert.deepEqual(parliament(governmentOf('2 0|1|3')), ['2', '0', '1'])
        assert.deepEqual(citizens(governmentOf('2 0|1|3')), ['2', '0', '1', '3'])
    })

    test('give the majority half the seats and one', () => {
        assert.equal(majoritySeats(governmentOf('0 1 2|3 4')), 3)
        assert.equal(majoritySeats(governmentOf('0 1|')), 2)
    })

    test('change where other members vote, not where the same sit elsewhere', () => {
        const government = governmentOf('0 1|2|3')
        const changes = (seats: string): boolean => {
            return changesParliament(government, governmentOf(seats))
        }
        assert.deepEqual(['0 1|2', '1 2|0', '2 0|1|'].map(changes), [false, false, false])
        assert.deepEqual(['0 1|3', '0 1|', '0 1|2 3', '0|1 3'].map(changes), Array(4).fill(true))
    })

    test('know a government by its promise', () => {
        const promises = ['1/0', 'a0/0', '1/1', '0/10']
        assert.deepEqual(promises.map(isGovernment), [true, true, false, false])
    })

    test('never find what a record has inherited', () => {
        assert.equal(own({}, 'constructor'), undefined)
        assert.equal(own({ constructor: 'x' }, 'constructor'), 'x')
    })
})
