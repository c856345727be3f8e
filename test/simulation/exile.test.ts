import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

/** Within how many timeouts the leader must exile a voter that does not answer. */
const TIMEOUTS_MAX = 4

describe('a voter whose calls are silently lost in both directions loses its seat', () => {
    for (const window of [1, 2, 8]) {
        for (const callLimitMs of [500, 1000, 3000, Number.POSITIVE_INFINITY]) {
            it(`if the window is ${window} and calls fail after ${callLimitMs} ms`, () => {
                for (const seat of [1, 4]) {
                    const stage = new Stage({ window, callLimitMs, isRefused: false })
                    const absent = stage.voters[seat] ?? ''
                    stage.cut((from, to) => from === absent || to === absent)
                    stage.until(`${absent} has lost its seat`,
                        () => !stage.voters.includes(absent), TIMEOUTS_MAX)
                    assert.equal(stage.elections, 0)
                }
            })
        }
    }
})
