import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Trace } from './trace.js'

/** Of how many traces; `KIBITZ_TRACES=50` asks for all that are gone through now and then. */
const TRACES = Number(process.env['KIBITZ_TRACES'] ?? 1)

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
