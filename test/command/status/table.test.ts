import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RepublicReport } from '../../../src/command/status/gather.js'
import { tableOf } from '../../../src/command/status/table.js'

/** A republic of one member with a health. */
function republic(health: Readonly<Record<string, unknown>>): RepublicReport {
    const url = 'http://127.0.0.1:1/kibitz'
    return {
        islandName: 'colours', islandId: 'run', government: '1/0', version: null, leader: 'a',
        tolerance: '5 configured, 1 voting, tolerates 0', tolerates: 0,
        members: [{ id: 'a', url, seat: 'leader', silence: null, health }]
    }
}

test('the table shows the end of the certificate, and the days that are left', () => {
    const date = '2027-02-28T12:00:00.000Z'
    const certificateExpiry = { subject: 'CN=a', endsAt: Date.parse(date), date, daysLeft: 62 }
    assert.match(tableOf(republic({ certificateExpiry })), / 2027-02-28, 62 days left +http:/)
})

test('the table says what an answer of an earlier package does not contain', () => {
    const table = tableOf(republic({}))
    assert.match(table, /, led by a, protocol version unknown$/m)
    assert.match(table, / unknown +none +http:/)
})
