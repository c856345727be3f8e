import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutdatedNewcomers } from '../../src/member/outdated-newcomers.js'

/** The ids of the logged newcomers, in order. */
function recorder(): { readonly ids: unknown[]; readonly newcomers: OutdatedNewcomers } {
    const ids: unknown[] = []
    const warn = (_label: string, fields: Readonly<Record<string, unknown>>): void => {
        ids.push(fields['newcomer'])
    }
    return { ids, newcomers: new OutdatedNewcomers({ warn }) }
}

function ask(newcomers: OutdatedNewcomers, id: string, cookie: string, version?: number): void {
    const body = { republic: 'r', id, cookie, properties: null, hops: 0 }
    const refused = { enqueued: false, republic: 'r', leader: 'a' }
    newcomers.onOutcome(body, version === undefined ? refused : { ...refused, version })
}

test('logs one line for each process of a newcomer', () => {
    const { ids, newcomers } = recorder()
    ask(newcomers, 'b', '1')
    newcomers.onOutcome({ republic: 'r', id: 'b', cookie: '1', properties: null, hops: 0 }, null)
    assert.deepEqual(ids, [], 'another refusal is no matter of the version')
    for (const cookie of ['1', '1', '2', '1']) {
        ask(newcomers, 'b', cookie, 2)
    }
    assert.deepEqual(ids, ['b', 'b'])
})

test('remembers 64 newcomers, the latest', () => {
    const { ids, newcomers } = recorder()
    for (let count = 0; count < 65; count++) {
        ask(newcomers, `m${count}`, '1', 2)
    }
    ask(newcomers, 'm1', '1', 2)
    assert.equal(ids.length, 65)
    ask(newcomers, 'm0', '1', 2)
    assert.equal(ids.length, 66)
})
