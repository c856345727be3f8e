import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Household } from './household.js'
import type { Setting } from './republic.js'

/**
 * A young generation of one size, so that it is collected after as many bytes each time. V8 does
 * not allocate a literal old because the first ones survived: that guess depends on the moment of
 * the first collections, and then all that follows counts as kept.
 */
const FLAGS = [
    '--min-semi-space-size=16', '--max-semi-space-size=16', '--no-allocation-site-pretenuring'
]

/** It was 790 and 1,190 when dead links and closures kept what came after them. */
const LIMIT = 500

const CASES: readonly (readonly [string, Setting])[] = [
    ['handed on as JSON', { members: 3, wire: 'json', size: 100 }],
    ['handed on by reference', { members: 3, wire: 'reference', size: 100 }],
    ['published at a follower', { members: 3, wire: 'json', at: 1, size: 100 }],
    ['read at every member', { members: 3, wire: 'json', size: 100, reads: true }]
]

describe('the memory of an entry is freed with the young generation', () => {
    for (const [how, setting] of CASES) {
        test(`if the entry is ${how}`, async (context) => {
            await using household = new Household()
            const bytes = await household.once<number>('retain', setting, FLAGS)
            context.diagnostic(`${Math.round(bytes)} bytes an entry`)
            assert.ok(bytes < LIMIT, `${bytes} bytes an entry are kept`)
        })
    }
})
