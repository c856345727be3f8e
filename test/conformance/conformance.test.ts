import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collapses, successions } from './collapse.js'
import {
    compareEnds, compareGovernments, compareSizes, compareWalks, inspect
} from './compare.js'
import { settleOurs } from './ours.js'
import { settleReference } from './reference.js'
import { run } from './scenario.js'
import { stable } from './stable.js'
import { busy, renumbered } from './waiting.js'

describe('a stable republic has the governments, promises and logs of the reference', () => {
    for (const scenario of stable) {
        it(`when ${scenario.when}`, () => {
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(inspect(theirs), [])
            assert.deepEqual(inspect(ours), [])
            assert.deepEqual(compareWalks(theirs, ours), [])
        })
    }
})

describe('a government renumbers the waiting entries as in the reference', () => {
    for (const scenario of renumbered) {
        it(`when ${scenario.when}`, () => {
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            const maps = [...theirs.logs.values()].flat().flatMap((entry) => {
                return entry.kind === 'government' ? Object.keys(entry.change.map ?? {}) : []
            })
            assert.notDeepEqual(maps, [], 'something waits')
            assert.deepEqual(inspect(theirs), [])
            assert.deepEqual(inspect(ours), [])
            assert.deepEqual(compareWalks(theirs, ours), [])
        })
    }
})

describe('a busy republic has the governments of the reference and every entry', () => {
    for (const scenario of busy) {
        it(`when ${scenario.when}`, () => {
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(inspect(theirs), [])
            assert.deepEqual(inspect(ours), [])
            assert.deepEqual(compareGovernments(theirs, ours), [])
        })
    }
})

describe('a republic after a collapse has the members of the reference and every entry', () => {
    for (const scenario of collapses) {
        it(`when ${scenario.when}`, () => {
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(inspect(theirs), [])
            assert.deepEqual(inspect(ours), [])
            assert.deepEqual(compareEnds(theirs, ours), [])
        })
    }
})

describe('a republic after two collapses has the size of the reference and every entry', () => {
    for (const scenario of successions) {
        it(`when ${scenario.when}`, () => {
            const theirs = run(settleReference, scenario)
            const ours = run(settleOurs, scenario)
            assert.deepEqual(inspect(theirs), [])
            assert.deepEqual(inspect(ours), [])
            assert.deepEqual(compareSizes(theirs, ours), [])
        })
    }
})
