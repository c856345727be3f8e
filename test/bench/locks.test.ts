import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Household } from './household.js'
import { locks } from './locks.js'

test('the locks of three processes are measured, also with a holder that stops', {
    timeout: 120_000
}, async () => {
    await using household = new Household()
    const { rows, columns } = await locks({
        household, thoroughness: { rounds: 1, ms: 50, isQuick: true }, progress: () => {}
    })
    assert.equal(rows.length, 1)
    const [name, ...figures] = rows[0] ?? []
    assert.equal(name, 'kibitz, three members, in the leader')
    assert.equal(figures.length, columns.length - 1)
    assert.ok(figures.every((figure) => Number.isFinite(figure)), JSON.stringify(figures))
})
