import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noCoverage, tryFoundings } from './foundings.js'
import '../support/silence.js'

/** The first seed, and the number of seeds of one run. */
const FIRST = Number(process.env['KIBITZ_FOUNDING'] ?? 1)
const COUNT = Number(process.env['KIBITZ_FOUNDINGS'] ?? 300)

describe('random lives of three founders', () => {
    test(`found at most one republic: ${COUNT} seeds`, async (t) => {
        const coverage = noCoverage()
        for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
            await tryFoundings(seed, coverage)
        }
        t.diagnostic(JSON.stringify(coverage))
        if (COUNT >= 50) {
            for (const [kind, times] of Object.entries(coverage)) {
                assert.ok(times >= COUNT / 20, `${kind}: ${times}`)
            }
        }
    })
})
