import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { unfold } from '../../src/member/fold-encoding.js'
import { QuietInputs } from '../../src/member/quiet-inputs.js'

const LIMITS = { ms: 1000, inputs: 10, size: 200 }

/** The texts of records. */
function textsOf(records: readonly Uint8Array[]): readonly (readonly string[])[] {
    return records.map((record) =>
        record[0] === 0 ? unfold(record) : [Buffer.from(record).toString()])
}

describe('QuietInputs', () => {
    test('writes a few inputs as single records, and more as one fold', () => {
        const quiet = new QuietInputs(LIMITS)
        assert.deepEqual(quiet.takeRecords(), [])
        for (const text of ['{"a":1}', '{"a":2}', '{"a":3}']) {
            quiet.add(1, text)
        }
        assert.deepEqual(textsOf(quiet.takeRecords()), [['{"a":1}'], ['{"a":2}'], ['{"a":3}']])
        assert.deepEqual(quiet.takeRecords(), [])
        const texts = ['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}']
        for (const text of texts) {
            quiet.add(1, text)
        }
        assert.deepEqual(textsOf(quiet.takeRecords()), [texts])
        assert.equal(quiet.count, 0)
    })

    test('must be written at the limit of the time, of the number and of the size', () => {
        const quiet = new QuietInputs(LIMITS)
        assert.deepEqual([quiet.add(5000, '{}'), quiet.add(5999, '{}')], [false, false])
        assert.equal(quiet.add(6000, '{}'), true)
        assert.equal(quiet.lastAt, 6000)
        quiet.takeRecords()
        const added = Array.from({ length: 10 }, () => quiet.add(7000, '{}'))
        assert.deepEqual([added.indexOf(true), quiet.count], [9, 10])
        quiet.takeRecords()
        assert.equal(quiet.add(8000, 'x'.repeat(199)), false)
        assert.equal(quiet.add(8000, 'x'), true)
    })
})
