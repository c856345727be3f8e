import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../../src/base/monotonic.js'
import { parliament } from '../../../src/paxos/membership/government.js'
import { quorum } from '../../../src/paxos/membership/quorum.js'
import { exilesIn } from '../town.js'
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

describe('a voter that has consented to its exile', () => {
    test('gets no notice of the exile from the leader that has the consent', () => {
        const wire = new Wire()
        const [leader, , leaver] = wire.settle('a', 'b', 'c')
        assert(leader !== undefined && leaver !== undefined)
        wire.delay = () => 1
        assert.equal(leaver.paxos.leave(wire.now), 'leaving')
        wire.until(() => exilesIn(leader).includes(leaver.id))
        const exile = leader.log.at(-1)?.body
        assert(exile !== undefined && 'majority' in exile)
        assert.equal(exile.exile?.consent, leader.paxos.inspect().accepted)
        const from = wire.sent.length
        wire.pass(5000)
        const told = wire.sent.slice(from).filter(({ request }) => request.to.id === leaver.id)
        assert.deepEqual(told, [])
    })
})

describe('a voter whose consent to its exile is no longer needed', () => {
    test('is told of its exile: a later ballot commits the exile without the consent', () => {
        const wire = new Wire()
        const [leader, other, leaver] = wire.settle('a', 'b', 'c')
        assert(leader !== undefined && other !== undefined && leaver !== undefined)
        wire.delay = ({ to, request }) => {
            const isRun = 'entries' in request && request.entries.length !== 0
            return to === leaver.id && isRun ? null : 1
        }
        assert.equal(leaver.paxos.leave(wire.now), 'leaving')
        wire.until(() => other.paxos.inspect().open !== null)
        const { accepted } = leader.paxos.inspect()
        // The leaver is cut off. The first leader restarts, and cannot tell whether it has decided.
        leader.paxos.revive(wire.now)
        wire.delay = ({ from, to }) => [from, to].includes(leaver.id) ? null : 1
        wire.until(() => exilesIn(leader).includes(leaver.id))
        const exile = leader.log.at(-1)?.body
        assert(exile !== undefined && 'majority' in exile)
        assert.equal(exile.exile?.consent, accepted)
        assert.notEqual(leader.paxos.inspect().accepted, accepted)
        assert.equal(leaver.paxos.exiled, false)
        const from = wire.sent.length
        wire.pass(1000)
        const told = wire.sent.slice(from).filter(({ request }) =>
            request.to.id === leaver.id && 'entries' in request && request.entries.length !== 0)
        assert.ok(told.length > 1, `told ${told.length} times`)
        wire.delay = () => 1
        wire.until(() => leaver.paxos.exiled)
    })
})
