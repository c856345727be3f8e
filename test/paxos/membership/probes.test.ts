import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parliament } from '../../../src/paxos/membership/government.js'
import { type Message, Wire } from '../wire.js'

describe('a leader with a window of one call', () => {
    test('exiles voters of the bench if every call fails late: probes leave a call free', () => {
        const wire = new Wire({ window: 1, patience: 5000, parliamentSize: 5 })
        wire.settle('a', 'b', 'c', 'd', 'e')
        wire.until(() => wire.leader.paxos.government.minority.length === 2)
        const { leader } = wire
        const dead = leader.paxos.government.minority
        const failing: { readonly message: Message; readonly sentAt: number }[] = []
        wire.delay = (message) => {
            if (!dead.includes(message.to) && !dead.includes(message.from)) {
                return 0
            }
            failing.push({ message, sentAt: wire.now })
            return null
        }
        wire.until(() => {
            // A call fails two timeouts after it was sent.
            while ((failing[0]?.sentAt ?? wire.now) <= wire.now - 2000) {
                const { message: { from, to, cookie } } = failing.shift() ?? assert.fail()
                wire.of(from).paxos.response(wire.now, cookie, { [to]: null })
            }
            return !parliament(leader.paxos.government).some((id) => dead.includes(id))
        })
    })
})
