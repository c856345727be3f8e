import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { compareLogs } from '../../../src/command/demo/compare-logs.js'
import type { LedgerEntry, LedgerLine } from '../../../src/command/demo/ledger.js'

const TEXT = ['one', '', 'one', 'four']

/** A log of lines, by their numbers and publishers; `null` for an entry without a body. */
function log(
    ...lines: readonly (readonly [string, number, text?: string] | null)[]
): LedgerEntry[] {
    return lines.map((one, index) => {
        const line: LedgerLine | null = one === null
            ? null
            : { publisher: one[0], number: one[1], text: one[2] ?? TEXT[one[1] - 1] ?? '?' }
        return { kind: 'line', promise: `1/${index + 1}`, line }
    })
}

/** The faults of a log. */
function faults(entries: LedgerEntry[]): readonly string[] {
    return compareLogs(TEXT, new Map([['b', entries]])).faults
}

describe('compareLogs', () => {
    test('finds no fault in equal and complete logs with blank and repeated lines', () => {
        const entries = log(['a', 1], ['b', 2], null, ['a', 4], ['b', 3])
        const logs = new Map([['b', entries], ['c', [...entries]]])
        const { findings, faults: none } = compareLogs(TEXT, logs)
        const text = entries.map((one) => `${JSON.stringify(one)}\n`).join('')
        const digest = createHash('sha256').update(text).digest('hex')
        assert.deepEqual(none, [])
        assert.deepEqual(findings, [
            { id: 'b', entries: 5, digest }, { id: 'c', entries: 5, digest }
        ])
        assert.match(digest, /^[0-9a-f]{64}$/)
    })

    test('reports missing, repeated, misplaced and unknown lines', () => {
        assert.deepEqual(faults(log(['a', 1], ['b', 2])), [
            'Fault: the log of b has 2 missing lines.'
        ])
        assert.deepEqual(faults(log(['a', 1], ['b', 2], ['a', 3], ['b', 4], ['c', 2])), [
            'Fault: the log of b has 1 repeated lines.'
        ])
        assert.deepEqual(faults(log(['a', 1], ['b', 3], ['b', 2], ['a', 4])), [
            'Fault: the log of b has 1 lines out of their publisher\'s order.'
        ])
        assert.deepEqual(faults(log(['a', 1], ['a', 2], ['a', 3], ['a', 4, 'five'], ['a', 5])), [
            'Fault: the log of b has 2 lines that are not in the text.'
        ])
    })

    test('reports logs that differ in a government or in the order of publishers', () => {
        const one = log(['a', 1], ['b', 2], ['a', 3], ['b', 4])
        const other = log(['b', 2], ['a', 1], ['a', 3], ['b', 4])
        const government: LedgerEntry = {
            kind: 'government', promise: '2/0', majority: ['a'], minority: [], constituents: [],
            naturalized: ['a'], exiled: null, change: ''
        }
        for (const another of [other, [...one, government]]) {
            const verdict = compareLogs(TEXT, new Map([['b', one], ['c', another]]))
            assert.deepEqual(verdict.faults, ['Fault: the logs differ.'])
        }
    })

    test('reports a fault if there is no log', () => {
        assert.deepEqual(compareLogs(TEXT, new Map()).faults, ['Fault: the logs differ.'])
    })
})
