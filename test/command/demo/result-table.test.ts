import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LedgerGovernment } from '../../../src/command/demo/ledger.js'
import { type Result, table } from '../../../src/command/demo/result-table.js'

const GOVERNMENT: LedgerGovernment = {
    kind: 'government', promise: '1/0', majority: ['a'], minority: [], constituents: [],
    naturalized: ['a'], exiled: null, change: 'a founded the republic'
}

const RESULT: Result = {
    text: { name: 'standard input', lines: 12_345, isCut: false },
    verdict: {
        findings: [
            { id: 'b', entries: 12_400, digest: '0'.repeat(64) },
            { id: 'd', entries: 12_400, digest: '0'.repeat(64) }
        ],
        faults: []
    },
    log: [
        GOVERNMENT,
        { kind: 'line', promise: '1/1', line: { publisher: 'a', number: 1, text: '' } },
        { kind: 'line', promise: '1/2', line: null },
        {
            ...GOVERNMENT, promise: '10/0', majority: ['b', 'c'], minority: ['a'],
            constituents: ['d', 'e'], change: 'b leads after a collapse'
        }
    ],
    publishedMs: 10_000,
    before: { lines: 6000, ms: 2000 },
    outage: { from: 'a', to: 'b', promise: '10/0', ms: 1234.5 },
    recoveries: [{ publisher: 'a', through: 'd', found: 3, absent: 5 }]
}

const TABLE = `\
Published 12,345 lines of standard input.

  entries     4: 12,345 lines, 2 governments, 1 without a body
  throughput  3,000 lines a second until the leader was killed, 1,235 over the whole run
  no leader   1,235 ms, from SIGKILL for a to 10/0, led by b
  lines of a  8 unsettled: 3 in the log, 5 again through d

  promise  majority  minority  constituents  what changed
  1/0      a                                 a founded the republic
  10/0     b c       a         d e           b leads after a collapse

  log of  entries  SHA-256
  b       12,400   ${'0'.repeat(64)}
  d       12,400   ${'0'.repeat(64)}

The logs are equal and complete: every line once, each publisher's in order.
`

describe('the result table', () => {
    test('shows a run', () => {
        assert.equal(table(RESULT), TABLE)
    })

    test('shows that all members were killed', () => {
        const outage = { ms: 2345.6, records: [['a', 1234], ['b', 7]] } as const
        const text = table({ ...RESULT, outage })
        assert.match(text, /3,000 lines a second until all were killed, /)
        assert.match(text, new RegExp('^  no member +2,346 ms, from SIGKILL for all to the '
            + 'restart of all: a from 1,234, b from 7 records$', 'm'))
    })

    test('shows a cut text and the faults', () => {
        const text = table({
            ...RESULT,
            text: { ...RESULT.text, isCut: true },
            verdict: { ...RESULT.verdict, faults: ['Fault: the logs differ.', 'Fault: another.'] }
        })
        assert.match(text, /^Published the first 12,345 lines of standard input\.\n/)
        assert.match(text, /\n\nFault: the logs differ\.\nFault: another\.\n$/)
        assert.ok(!text.includes('equal and complete'))
    })
})
