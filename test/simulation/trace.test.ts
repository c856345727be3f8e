import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Trace } from './trace.js'

/** How many traces are gone through; `npm run test:power` goes through all fifty. */
const TRACES = Number(process.env.KIBITZ_TRACES ?? 2)

/** How much of what was not flushed a loss of power leaves. */
const SHARES = [0, 0.5, 1]

describe('where the power goes, of one member or of all', () => {
    for (let seed = 1; seed <= TRACES; seed++) {
        it(`at any boundary of trace ${seed}, nothing that was acknowledged is lost`, () => {
            const count = Trace.boundaries(seed)
            assert.ok(count > 60, `${count} boundaries`)
            for (let boundary = 0; boundary < count; boundary++) {
                const share = SHARES[boundary % SHARES.length] ?? 0
                Trace.outlive(seed, boundary, 'one', share)
                Trace.outlive(seed, boundary, 'all', share)
            }
        })
    }
})
