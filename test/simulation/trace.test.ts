import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Trace } from './trace.js'

const COUNT = Number(process.env['KIBITZ_TRACES'] ?? 0)

/** Two short ones; `KIBITZ_TRACES=50` asks for fifty, and a quarter of an hour. */
const TRACES = COUNT === 0 ? [11, 12] : Array.from({ length: COUNT }, (_, index) => index + 1)

/** How much of what was not flushed a loss of power leaves. */
const SHARES = [0, 0.5, 1]

describe('a power failure of one member or of all', () => {
    for (const seed of TRACES) {
        it(`loses no acknowledged entry at any boundary of trace ${seed}`, () => {
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
