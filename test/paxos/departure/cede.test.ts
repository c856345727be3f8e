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
