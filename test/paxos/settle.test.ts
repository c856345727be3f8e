import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { REPUBLIC, Wire } from './wire.js'

function summary({ promise, body }: LogEntry): string {
    return `${promise} ${'majority' in body ? `government ${body.immigrate?.id}` : body.body}`
}

/**
 * A leader takes a value while a government is open and two further governments are due. Returns
 * the log from the first government on.
 */
function rowOf(version: number): readonly string[] {
    const wire = new Wire({ parliamentSize: 3, highestVersion: version })
    wire.version = version
    const [leader] = wire.settle('a', 'b', 'c')
    assert(leader !== undefined)
    const from = leader.log.length
    for (const [at, id] of ['d', 'e', 'f'].entries()) {
        const versions = [1, version] as const
        const range = version > 1 ? { versions } : {}
        const newcomer = { id, cookie: id, properties: { at: id }, ...range }
        wire.add(id).paxos.join(REPUBLIC, id)
        assert.equal(leader.paxos.immigrate(wire.now, REPUBLIC, newcomer).enqueued, true)
        assert(at !== 0 || wire.propose(leader, 1, ['a value']))
    }
    wire.until(() => leader.log.length >= from + 4)
    return leader.log.slice(from, from + 4).map(summary)
}

describe('a proposal that waits behind an open government', () => {
    test('goes before the next government of a row', () => {
        assert.deepEqual(rowOf(2), [
            '5/0 government d', '5/1 a value', '6/0 government e', '7/0 government f'
        ])
    })

    test('waits for the whole row in a republic of version 1', () => {
        assert.deepEqual(rowOf(1), [
            '5/0 government d', '6/0 government e', '7/0 government f', '7/1 a value'
        ])
    })
})
