import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Clock } from '../../src/base/clock.js'

/** The times of a Clock whose source returns these instants in turn. */
function told(...instants: readonly number[]): number[] {
    const source = [...instants]
    const clock = new Clock({ now: () => source.shift() ?? assert.fail('asked once too often') })
    return instants.map(() => clock.now())
}

describe('Clock', () => {
    test('returns the time of its source while the source goes forward', () => {
        assert.deepEqual(told(5, 5, 7, 1000), [5, 5, 7, 1000])
    })

    test('stands still when its source goes back, and counts on from there', () => {
        assert.deepEqual(told(1000, 400, 410, 410, 500), [1000, 1000, 1010, 1010, 1100])
    })

    test('does not go back when its source goes back a second time', () => {
        assert.deepEqual(told(1000, 400, 500, 0, 10), [1000, 1000, 1100, 1100, 1110])
    })

    test('uses the system time in whole milliseconds by default', () => {
        const clock = new Clock()
        const first = clock.now()
        assert.ok(Number.isInteger(first) && Math.abs(first - Date.now()) < 60_000)
        assert.ok(clock.now() >= first)
    })
})
