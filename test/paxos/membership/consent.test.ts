import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Entry } from '../../../src/paxos/messages/messages.js'
import { type Member, type Message, Wire } from '../wire.js'

/** Three voters, of which the last asks to leave. No message is lost, unless a test says so. */
function leaving(): { wire: Wire, leader: Member, other: Member, leaver: Member } {
    const wire = new Wire()
    const [leader, other, leaver] = wire.settle('a', 'b', 'c')
    assert(leader !== undefined && other !== undefined && leaver !== undefined)
    assert.equal(wire.leader, leader)
    return { wire, leader, other, leaver }
}

function isExile({ body }: Entry): boolean {
    return 'majority' in body && body.exile !== null
}

/** Whether a request brings an exile to a member. */
function brings({ to, request }: Message, id: string): boolean {
    return to === id && 'entries' in request && request.entries.some(isExile)
}

describe('the departure of one of three voters:', () => {
    test('the leaver receives the exile after the other voter and before it is committed', () => {
        const { wire, leader, other, leaver } = leaving()
        const order: string[] = []
        wire.delay = (message) => {
            const isRequest = message.answer === undefined
            if (isRequest && (brings(message, other.id) || brings(message, leaver.id))) {
                order.push(message.to)
            }
            return 10
        }
        const { government } = leader.paxos
        leaver.paxos.leave(wire.now)
        wire.until(() => leaver.paxos.exiled)
        assert.equal(leader.paxos.government.promise, government.promise, 'not yet committed')
        assert.deepEqual(order, [other.id, leaver.id])
        wire.until(() => !Object.hasOwn(leader.paxos.government.properties, leaver.id))
        assert.equal(wire.leader, leader)
    })

    /** The leader dies as soon as a condition holds; the other two take an entry at last. */
    function crash(when: (scene: ReturnType<typeof leaving>) => boolean): boolean {
        const scene = leaving()
        const { wire, leader, other, leaver } = scene
        wire.delay = () => 10
        leaver.paxos.leave(wire.now)
        wire.until(() => when(scene))
        if (leaver.paxos.exiled) {
            return false
        }
        wire.delay = ({ from, to }) => from === leader.id || to === leader.id ? null : 10
        wire.members.delete(leader.id)
        wire.air = wire.air.filter(({ from, to }) => from !== leader.id && to !== leader.id)
        const diedAt = wire.now
        wire.until(() => [other, leaver].some(({ paxos }) => paxos.isLeading))
        assert(wire.now - diedAt < 3000, `${wire.now - diedAt} ms`)
        const { committed } = other.paxos
        assert(wire.propose(wire.leader, 1, ['after']))
        wire.until(() => other.paxos.committed !== committed && other.log.some(({ body }) => {
            return 'cookie' in body && body.body === 'after'
        }))
        return true
    }

    test('the others elect a leader if the old leader dies as the only holder of the exile', () => {
        assert(crash(({ leader }) => leader.paxos.inspect().open !== null))
    })

    test('the others elect a leader if the old leader dies with the exile on two disks', () => {
        assert(crash(({ other }) => other.paxos.inspect().open !== null))
    })

    test('the others elect a leader if the old leader dies before the leaver has the exile', () => {
        let count = 0
        for (let instant = 0; instant < 6; instant++) {
            let seen = 0
            const isDue = (): boolean => seen++ >= instant
            count += crash(isDue) ? 1 : 0
        }
        assert(count >= 4, `${count} instants before the exile`)
    })

    test('the leaver repeats its consent if the answer is lost', () => {
        const { wire, leader, leaver } = leaving()
        let isLost = false
        wire.delay = (message) => {
            const isConsent = message.answer !== undefined && brings(message, leaver.id)
            const isFirst = isConsent && !isLost
            isLost ||= isConsent
            return isFirst ? null : 10
        }
        leaver.paxos.leave(wire.now)
        wire.until(() => leaver.paxos.exiled)
        const { promise } = leader.paxos.government
        wire.until(() => !Object.hasOwn(leader.paxos.government.properties, leaver.id))
        assert(isLost)
        assert.notEqual(leader.paxos.government.promise, promise)
        assert.equal(wire.leader, leader)
    })

    test('the leader exiles the leaver for silence if the leaver dies with its consent', () => {
        const { wire, leader, other, leaver } = leaving()
        wire.delay = (message) => {
            const isOfLeaver = message.from === leaver.id || message.to === leaver.id
            return leaver.paxos.exiled && isOfLeaver ? null : 10
        }
        leaver.paxos.leave(wire.now)
        wire.until(() => leaver.paxos.exiled)
        wire.members.delete(leaver.id)
        const since = wire.now
        wire.until(() => [leader, other].every(({ paxos }) => {
            return !Object.hasOwn(paxos.government.properties, leaver.id)
        }))
        assert(wire.now - since < 5000, `${wire.now - since} ms`)
    })
})
