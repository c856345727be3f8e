import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Wire } from '../wire.js'

/** The timeout of every member here. */
const TIMEOUT = 1000

describe('a repeated wish to cede', () => {
    test('changes nothing and sends nothing, even after the handover is due to end', () => {
        const wire = new Wire()
        const [leader] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined)
        wire.delay = ({ from, to }) => from === 'm' || to === 'm' ? null : 0
        assert.equal(leader.paxos.cede(wire.now, 'm'), 'ceding')
        wire.deliverAll()
        const sent = wire.sent.length
        // Only the appointment of the engine's calendar ends a handover.
        assert.equal(leader.paxos.cede(wire.now + 2 * TIMEOUT, 'm'), 'ceding')
        assert.equal(leader.paxos.successor, 'm')
        assert.equal(leader.paxos.cede(wire.now + 2 * TIMEOUT, 'x'), 'busy')
        wire.deliverAll()
        assert.equal(wire.sent.length, sent)
    })
})

describe('the first government after a cession', () => {
    const cede = (delayOfThird: number | null): Wire => {
        const wire = new Wire({ highestVersion: 2 })
        wire.version = 2
        const [leader] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined)
        assert.equal(leader.paxos.government.minority.length, 1)
        wire.delay = ({ from, to }) => from === 'x' || to === 'x' ? delayOfThird : 1
        assert.equal(leader.paxos.cede(wire.now, 'm'), 'ceding')
        return wire
    }

    test('needs no answer of the leader that has ceded, if another voter answers later', () => {
        const wire = cede(40)
        wire.until(() => wire.of('m').paxos.government.majority[0] === 'm')
        const { majority, minority } = wire.of('m').paxos.government
        assert.deepEqual([majority, minority], [['m', 'x'], ['l']])
    })

    test('needs that leader after a try without the third voter', () => {
        const wire = cede(null)
        const begunAt = wire.now
        wire.until(() => wire.of('m').paxos.government.majority[0] === 'm')
        const { majority, minority } = wire.of('m').paxos.government
        assert.deepEqual([majority, minority], [['m', 'l'], ['x']])
        assert.ok(wire.now - begunAt < TIMEOUT, 'within the time of the handover')
    })
})
