import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type LedgerGovernment, Ledger, type LedgerLine } from '../../../src/command/demo/ledger.js'
import { Kibitzer } from '../../../src/member/kibitzer.js'
import type { GovernmentBody, LogEntry } from '../../../src/paxos/messages/messages.js'
import '../../support/silence.js'

/** The log of a republic with one member that has published these lines. */
function logOf(...lines: readonly LedgerLine[]): LogEntry[] {
    const kibitzer = new Kibitzer({ id: 'a' })
    const shifter = kibitzer.log.shifter()
    kibitzer.listen()
    kibitzer.bootstrap('republic', null)
    for (const line of lines) {
        kibitzer.publish(line)
    }
    kibitzer.barrier()
    kibitzer.destroy()
    const log: LogEntry[] = []
    for (let entry = shifter.shift(); entry !== null; entry = shifter.shift()) {
        log.push(entry)
    }
    return log
}

function line(number: number): LedgerLine {
    return { publisher: 'a', number, text: `line ${number}` }
}

/** The description of a government with this change. */
function change(body: Partial<GovernmentBody>): string {
    const [founding] = logOf()
    assert.ok(founding?.method === 'government')
    const nothing = {
        promise: '2/0', majority: ['a'], minority: [], immigrate: null, naturalize: null,
        exile: null, promote: null, demote: null, map: {}
    }
    const kept = new Ledger().apply({ ...founding, promise: '2/0', body: { ...nothing, ...body } })
    return kept.kind === 'government' ? kept.change : ''
}

describe('Ledger', () => {
    test('keeps the relevant fields of every entry', async () => {
        const ledger = new Ledger()
        const kept = logOf(line(1)).map((entry) => ledger.apply(entry))
        const founding: LedgerGovernment = {
            kind: 'government', promise: '1/0', majority: ['a'], minority: [], constituents: [],
            naturalized: ['a'], exiled: null, change: 'a founded the republic; a naturalized'
        }
        assert.deepEqual(kept, [
            founding,
            { kind: 'line', promise: '1/1', line: line(1) },
            { kind: 'line', promise: '1/2', line: null }
        ])
        assert.deepEqual(await ledger.through('1/2'), kept)
        assert.deepEqual(await ledger.through('1/1'), kept.slice(0, 2))
        assert.deepEqual(ledger.find([2, 1, 3]), [1])
    })

    test('returns the state through an entry after the entry is applied', async () => {
        const ledger = new Ledger()
        const log = logOf(line(1), line(2))
        let isHandedOver = false
        const state = ledger.through('1/2').finally(() => { isHandedOver = true })
        for (const entry of log.slice(0, 2)) {
            ledger.apply(entry)
        }
        await new Promise(setImmediate)
        assert.equal(isHandedOver, false)
        for (const entry of log.slice(2)) {
            ledger.apply(entry)
        }
        const heir = new Ledger()
        heir.apply(log[0] as LogEntry)
        heir.restore(await state)
        assert.deepEqual([heir.find([1, 2]), (await heir.through('1/2')).length], [[1, 2], 3])
        assert.deepEqual(heir.apply(log[3] as LogEntry), {
            kind: 'line', promise: '1/3', line: null
        })
    })

    test('describes the change of a government in words', () => {
        const immigrate = { id: 'b', properties: null, cookie: 1 }
        const exile = { id: 'b', promise: '2/0', properties: null }
        assert.equal(change({ immigrate }), 'b immigrated')
        assert.equal(change({ naturalize: 'b' }), 'b naturalized')
        assert.equal(change({ exile }), 'b was exiled')
        assert.equal(change({ promote: [{ id: 'b', index: 1 }, { id: 'c', index: 2 }] }),
            'b, c took a seat')
        assert.equal(change({ demote: 'b' }), 'b gave up its seat')
        assert.equal(change({ map: null, exile }), 'b was exiled; a leads after a collapse')
        assert.equal(change({}), 'the seats changed')
    })
})
