import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { Ledger } from './ledger.js'
import { Register } from './register.js'
import type { Said } from './words.js'

const FAIR: readonly (readonly [string, Said])[] = [
    ['a', { entered: '1/0' }],
    ['b', { entered: '2/0' }],
    ['a', { governed: '4/0', majority: ['a', 'b'] }],
    ['b', { governed: '4/0', majority: ['a', 'b'] }],
    ['a', { acked: 1 }],
    ['a', { acked: 2 }],
    ['b', { mark: 16, hash: 'x' }],
    ['a', { mark: 16, hash: 'x' }],
    ['a', { back: '1/0', records: 9, isSnapshot: true }],
    ['b', { level: { count: 17, hash: 'y', lasts: { a: 2, b: 15 } }, immigrated: '2/0' }]
]

function faultsOf(...more: readonly (readonly [string, Said])[]): readonly string[] {
    const ledger = new Ledger()
    for (const [id, said] of [...FAIR, ...more]) {
        ledger.take(id, said, ledger.due())
    }
    return ledger.faults
}

describe('the ledger of killed members', () => {
    test('finds no fault in a sound run', () => {
        assert.deepEqual(faultsOf(), [])
    })

    test('finds a lost acknowledged value', () => {
        const lasts = { a: 1, b: 16 }
        const level = { level: { count: 18, hash: 'z', lasts }, immigrated: '1/0' }
        assert.deepEqual(faultsOf(['a', level]), ['a has lost a\'s 2 to 2, acknowledged'])
    })

    test('finds differing logs', () => {
        assert.deepEqual(faultsOf(['c', { mark: 16, hash: 'z' }]),
            ['c and b differ in their first 16 values'])
        const level = { level: { count: 17, hash: 'z', lasts: { a: 2 } }, immigrated: '1/0' }
        assert.deepEqual(faultsOf(['a', level]), ['a and b differ in their first 17 values'])
    })

    test('finds two governments with one number', () => {
        assert.deepEqual(faultsOf(['c', { governed: '4/0', majority: ['b', 'a'] }]),
            ['c says 4/0 is b a, and not a b'])
    })

    test('finds a member that returns under another incarnation or as a newcomer', () => {
        assert.deepEqual(faultsOf(['a', { back: '5/0', records: 9, isSnapshot: false }]),
            ['a was 1/0, and came back as 5/0'])
        assert.deepEqual(faultsOf(['a', { back: null, records: 0, isSnapshot: false }]),
            ['a was 1/0, and came back as a newcomer'])
    })

    test('passes on the faults and the ends of members', () => {
        assert.deepEqual(faultsOf(['a', { fault: '4/9: a\'s 4 follows on its 2' }]),
            ['a: 4/9: a\'s 4 follows on its 2'])
        assert.deepEqual(faultsOf(['b', { ended: 'exiled', message: 'so it is' }]),
            ['b ended: exiled, so it is'])
    })
})

function entry(index: number, by: string, n: number): LogEntry {
    const body = { id: by, cookie: '1', immigrated: '1/0', body: { by, n, text: '' } }
    const previous = `4/${(index - 1).toString(16)}`
    return { module: 'paxos', method: 'entry', promise: `4/${index.toString(16)}`, previous, body }
}

describe('the application of killed members', () => {
    function said(...numbers: readonly number[]): readonly Said[] {
        const all: Said[] = []
        const register = new Register((one) => void all.push(one))
        for (const [index, n] of numbers.entries()) {
            register.apply(entry(index + 1, 'a', n))
        }
        return all
    }

    test('reports a mark after sixteen entries', () => {
        const numbers = Array.from({ length: 16 }, (_, index) => index + 1)
        const [one, ...others] = said(...numbers)
        assert.ok(one !== undefined && 'mark' in one && one.mark === 16)
        assert.deepEqual(others, [])
    })

    test('finds a repeated, a missing and a misplaced value', () => {
        assert.deepEqual(said(1, 2, 2), [{ fault: "4/3: a's 2 follows on its 2" }])
        assert.deepEqual(said(1, 3), [{ fault: "4/2: a's 3 follows on its 1" }])
        assert.deepEqual(said(1, 2, 1), [{ fault: "4/3: a's 1 follows on its 2" }])
    })
})
