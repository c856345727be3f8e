import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AcceptedRecords } from '../../src/member/accepted-records.js'

describe('AcceptedRecords', () => {
    test('names the record by which an entry was accepted', () => {
        const records = new AcceptedRecords()
        records.note({ accepted: '1/1/0', head: '1/2' }, 1)
        records.note({ accepted: '1/1/0', head: '1/2' }, 2)
        records.note({ accepted: '1/1/0', head: '1/4' }, 3)
        records.note({ accepted: '1/1/0', head: '1/4' }, 4)
        const found = ['1/1', '1/2', '1/3', '1/4'].map((promise) => records.recordOf(promise))
        assert.deepEqual(found, [1, 1, 3, 3])
        records.forgetBefore('1/2')
        assert.deepEqual([records.recordOf('1/3'), records.recordOf('1/4')], [3, 3])
    })

    test('does not know the record of an entry behind the log', () => {
        const records = new AcceptedRecords()
        assert.equal(records.recordOf('1/1'), Number.POSITIVE_INFINITY)
        records.note({ accepted: '1/1/0', head: '1/1' }, 1)
        assert.equal(records.recordOf('1/2'), Number.POSITIVE_INFINITY)
    })

    test('counts the whole suffix anew under another ballot', () => {
        const records = new AcceptedRecords()
        records.note({ accepted: '1/1/0', head: '1/2' }, 1)
        records.note({ accepted: '2/2/0', head: '1/2' }, 2)
        assert.equal(records.recordOf('1/1'), 2)
    })

    test('forgets the records of a suffix that was cut', () => {
        const records = new AcceptedRecords()
        records.note({ accepted: '1/1/0', head: '1/2' }, 1)
        records.note({ accepted: '1/1/0', head: '1/4' }, 2)
        records.note({ accepted: '1/1/0', head: '1/6' }, 3)
        records.note({ accepted: '1/1/0', head: '1/3' }, 4)
        records.note({ accepted: '1/1/0', head: '1/6' }, 5)
        const found = ['1/2', '1/3', '1/4', '1/6'].map((promise) => records.recordOf(promise))
        assert.deepEqual(found, [1, 2, 5, 5])
    })
})
