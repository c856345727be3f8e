import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jsonSize } from '../../../src/base/json-value.js'
import type { PaxosOptions } from '../../../src/paxos/options.js'
import type { Paxos } from '../../../src/paxos/paxos.js'
import { REPUBLIC, Wire } from '../wire.js'

/** The limit on the properties of all citizens, in bytes of JSON. */
const SIZE_MAX = 256 * 1024

/** The leader of three voters that cannot commit: each request for admission waits. */
function leader(options: PaxosOptions = {}): { wire: Wire; paxos: Paxos; free: number } {
    const wire = new Wire({ parliamentSize: 3, ...options })
    wire.settle('l', 'a', 'b')
    wire.delay = () => null
    const { paxos } = wire.leader
    const sizes = Object.values(paxos.government.properties).map(jsonSize)
    return { wire, paxos, free: SIZE_MAX - sizes.reduce((sum, size) => sum + size, 0) }
}

/** Whether the leader takes a request. */
function takes({ wire, paxos }: ReturnType<typeof leader>, id: string, properties = ''): boolean {
    return paxos.immigrate(wire.now, REPUBLIC, { id, cookie: id, properties }).enqueued
}

/** A text of exactly so many bytes of JSON. */
function ofSize(bytes: number): string {
    return 'x'.repeat(bytes - jsonSize(''))
}

describe('the room for a newcomer', () => {
    test('ends at the number of citizens, with the requests that wait', () => {
        const full = leader({ citizens: 5 })
        assert.deepEqual(['1', '2', '3'].map((id) => takes(full, id)), [true, true, false])
    })

    test('counts a repeated request of a member once', () => {
        const full = leader({ citizens: 5 })
        assert.deepEqual(['1', '2', '2', '1', '3'].map((id) => takes(full, id)),
            [true, true, true, true, false])
    })

    test('ends at the size of all properties', () => {
        const { free } = leader()
        assert.equal(takes(leader(), '1', ofSize(free)), true)
        assert.equal(takes(leader(), '1', ofSize(free + 1)), false)
    })

    test('counts the properties of a waiting request once', () => {
        const half = leader()
        const rest = half.free - 1000
        assert.equal(takes(half, '1', ofSize(1000)), true)
        assert.equal(takes(half, '2', ofSize(rest + 1)), false)
        assert.equal(takes(half, '2', ofSize(rest)), true)
        assert.equal(takes(half, '2', ofSize(rest)), true, 'a repeated request')
    })
})
