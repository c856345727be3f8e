import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TURNED_AWAY } from '../../src/transport/authenticated-peer.js'
import { Island } from '../support/island.js'

describe('a call that a transport turns away', () => {
    test('is counted by its code, beside the rejections of the guard', () => {
        using island = new Island()
        island.land('a')
        const kibitzer = island.kibitzer('a')
        kibitzer.request('nonsense', () => {})
        for (const code of [...TURNED_AWAY, 'bad-mac' as const]) {
            kibitzer.turnAway(code, '192.0.2.1')
        }
        const counts = Object.fromEntries(TURNED_AWAY.map((code) => [code, 1]))
        assert.deepEqual(kibitzer.status().rejected, {
            ...counts, 'bad-mac': 2, 'not-an-object': 1
        })
    })
})
