import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Clock } from '../../src/base/clock.js'

/** What a clock says when its source says these, one after the other. */
function told(...instants: readonly number[]): number[] {
    const source = [...instants]
    const clock = new Clock({ now: () => source.shift() ?? assert.fail('asked once too often') })
    return instants.map(() => clock.now())
}

describe('the clock', () => {
    test('tells what its source tells while that goes on', () => {
        assert.deepEqual(told(5, 5, 7, 1000), [5, 5, 7, 1000])
    })

    test('stands still where its source goes back, and counts on from there', () => {
        assert.deepEqual(told(1000, 400, 410, 410, 500), [1000, 1000, 1010, 1010, 1100])
    })

    test('goes back no second time either', () => {
        assert.deepEqual(told(1000, 400, 500, 0, 10), [1000, 1000, 1100, 1100, 1110])
    })

    test('has a source of its own, in whole milliseconds', () => {
        const clock = new Clock()
        const first = clock.now()
        assert.ok(Number.isInteger(first) && Math.abs(first - Date.now()) < 60_000)
        assert.ok(clock.now() >= first)
    })
})
