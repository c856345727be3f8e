import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../../src/base/monotonic.js'
import { parliament } from '../../../src/paxos/membership/government.js'
import { quorum } from '../../../src/paxos/membership/quorum.js'
import { Wire } from '../wire.js'

/** How long the leader's messages to the other voters take, in milliseconds. */
const SLOW_MS = 80

describe('a voter that asks to leave', () => {
    for (const size of [6, 7]) {
        test(`is told of its exile after a majority knows the exile, of ${size} members`, () => {
            const wire = new Wire({ parliamentSize: 5 })
            wire.settle(...['l', 'a', 'b', 'c', 'd', 'e', 'f'].slice(0, size))
            const { minority } = wire.leader.paxos.government
            const leader = wire.leader.id
            const leaver = wire.of(minority.at(-1) ?? '')
            wire.delay = ({ from, to, answer }) => {
                const isSlow = from === leader && to !== leaver.id && answer === undefined
                return isSlow ? SLOW_MS : 1
            }
            assert.equal(leaver.paxos.leave(wire.now), 'leaving')
            wire.until(() => leaver.paxos.exiled)
            const { government } = wire.leader.paxos
            assert.ok(!Object.hasOwn(government.properties, leaver.id))
            const voters = parliament(government)
            const knowing = voters.filter((id) => {
                const { promise } = wire.of(id).paxos.government
                return Monotonic.compare(promise, government.promise) >= 0
            })
            assert.ok(knowing.length >= quorum(voters.length), `${knowing} of ${voters}`)
        })
    }
})
