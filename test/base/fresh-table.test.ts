import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { closeTable, openTable } from '../../src/base/fresh-table.js'

describe('a table of new keys', () => {
    test('equals an ordinary object, in the order of the keys', () => {
        const table = openTable<string>()
        table['1/2'] = 'b'
        table['1/1'] = 'a'
        const closed = closeTable(table)
        assert.deepEqual(closed, { '1/2': 'b', '1/1': 'a' })
        assert.equal(JSON.stringify(closed), '{"1/2":"b","1/1":"a"}')
        assert.equal(Object.getPrototypeOf(closed), Object.prototype)
        assert.deepEqual(closeTable(openTable()), {})
    })

    test('holds the name of a prototype as a key', () => {
        const table = openTable<object>()
        const name: string = '__proto__'
        table[name] = { isAdmin: true }
        const closed = closeTable(table)
        assert.equal(Reflect.get(closed, 'isAdmin'), undefined)
        assert.deepEqual(Object.keys(closed), ['__proto__'])
    })
})
