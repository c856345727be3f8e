import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { audit } from '../../../src/command/demo/compare-logs.js'
import type { Kept, LedgerLine } from '../../../src/command/demo/ledger.js'

const TEXT = ['one', '', 'one', 'four']

/** A log of lines, by their numbers and publishers; `null` for an entry without a body. */
function log(...lines: readonly (readonly [string, number, text?: string] | null)[]): Kept[] {
    return lines.map((one, index) => {
        const line: LedgerLine | null = one === null
            ? null
            : { publisher: one[0], number: one[1], text: one[2] ?? TEXT[one[1] - 1] ?? '?' }
        return { kind: 'line', promise: `1/${index + 1}`, line }
    })
}

/** What is wrong with a log that everybody has. */
function faults(kept: Kept[]): readonly string[] {
    return audit(TEXT, new Map([['b', kept]])).faults
}

describe('the audit', () => {
    test('passes logs that are equal and complete, with blank lines and equal ones', () => {
        const kept = log(['a', 1], ['b', 2], null, ['a', 4], ['b', 3])
        const { findings, faults: none } = audit(TEXT, new Map([['b', kept], ['c', [...kept]]]))
        const text = kept.map((one) => `${JSON.stringify(one)}\n`).join('')
        const digest = createHash('sha256').update(text).digest('hex')
        assert.deepEqual(none, [])
        assert.deepEqual(findings, [
            { id: 'b', entries: 5, digest }, { id: 'c', entries: 5, digest }
        ])
        assert.match(digest, /^[0-9a-f]{64}$/)
    })

    test('tells what a log lacks, has twice, has out of order, or has of itself', () => {
        assert.deepEqual(faults(log(['a', 1], ['b', 2])), [
            'Not so: the log of b has 2 lines missing.'
        ])
        assert.deepEqual(faults(log(['a', 1], ['b', 2], ['a', 3], ['b', 4], ['c', 2])), [
            'Not so: the log of b has 1 lines more than once.'
        ])
        assert.deepEqual(faults(log(['a', 1], ['b', 3], ['b', 2], ['a', 4])), [
            'Not so: the log of b has 1 lines before one that their publisher took earlier.'
        ])
        assert.deepEqual(faults(log(['a', 1], ['a', 2], ['a', 3], ['a', 4, 'five'], ['a', 5])), [
            'Not so: the log of b has 2 lines that are not in the text.'
        ])
    })

    test('tells that logs differ, if only in a government or in the order of publishers', () => {
        const one = log(['a', 1], ['b', 2], ['a', 3], ['b', 4])
        const other = log(['b', 2], ['a', 1], ['a', 3], ['b', 4])
        const government: Kept = {
            kind: 'government', promise: '2/0', majority: ['a'], minority: [], constituents: [],
            naturalized: ['a'], exiled: null, change: ''
        }
        for (const another of [other, [...one, government]]) {
            const verdict = audit(TEXT, new Map([['b', one], ['c', another]]))
            assert.deepEqual(verdict.faults, ['Not so: the logs differ.'])
        }
    })

    test('finds fault with there being no log', () => {
        assert.deepEqual(audit(TEXT, new Map()).faults, ['Not so: the logs differ.'])
    })
})
