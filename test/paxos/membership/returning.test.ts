import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from '../../../src/paxos/messages/messages.js'
import type { Immigration } from '../../../src/paxos/messages/proposals.js'
import { exilesIn } from '../town.js'
import { type Member, REPUBLIC, Wire } from '../wire.js'

/** Three voters, of which one may be absent for a very long time. */
function settled(id: 'b' | 'c'): { wire: Wire, leader: Member, voter: Member } {
    const wire = new Wire({ patience: 1e9, highestVersion: 2 })
    wire.version = 2
    const [leader] = wire.settle('a', 'b', 'c')
    const voter = wire.of(id)
    assert(leader !== undefined)
    assert.equal(leader.paxos.government.majority.includes(id), id === 'b')
    assert.equal(wire.leader, leader)
    return { wire, leader, voter }
}

/** The request of a second process under the id of a citizen. */
function newcomer(id: string): Immigration {
    return { id, cookie: 'second', properties: { at: id }, versions: [1, 2] }
}

/** The ids of the citizens that can return only as a new incarnation, as the leader knows. */
function returning({ paxos }: Member): readonly string[] {
    return paxos.state().returning
}

/**
 * Hands the leader an answer of a voter with a commit mark before the first entry of the leader's
 * log, as if the leader had forgotten the entries behind the mark.
 */
function lose({ wire, leader, voter }: ReturnType<typeof settled>): void {
    wire.delay = ({ from, to }) => from === voter.id || to === voter.id ? 50 : 0
    const isAsked = (): boolean => wire.air.some(({ from, to }) =>
        from === leader.id && to === voter.id)
    wire.until(isAsked)
    const call = wire.air.find(({ from, to }) => from === leader.id && to === voter.id)
    assert(call !== undefined)
    wire.air = wire.air.filter((message) => message !== call)
    const answer = voter.paxos.request(wire.now, call.request) as Answer
    leader.paxos.response(wire.now, call.cookie, {
        [voter.id]: { ...answer, method: 'synchronized', committed: '0/1' }
    })
    assert.deepEqual(returning(leader), [voter.id])
    assert.deepEqual(leader.paxos.inspect().leftBehind, [voter.id])
}

/** Cuts a member off for five timeouts. */
function cutOff({ wire, voter }: ReturnType<typeof settled>): void {
    wire.delay = ({ from, to }) => from === voter.id || to === voter.id ? null : 0
    wire.pass(5000)
    wire.delay = () => 0
    wire.pass(3000)
}

describe('a voter that can return only as a newcomer', () => {
    test('keeps its seat in a later silence if another member has fed the voter since', () => {
        const scene = settled('b')
        const { wire, leader } = scene
        lose(scene)
        // The voter's log is whole, so the next answer shows that a third member has fed the voter.
        wire.until(() => leader.paxos.inspect().leftBehind.length === 0)
        assert.deepEqual(returning(leader), [])
        cutOff(scene)
        assert.deepEqual(exilesIn(leader), [])
    })

    for (const seat of ['b', 'c'] as const) {
        test(`keeps its seat in a later silence if a newcomer asks in vain: ${seat}`, () => {
            const scene = settled(seat)
            const { wire, leader, voter: { id } } = scene
            leader.paxos.immigrate(wire.now, REPUBLIC, newcomer(id))
            assert.deepEqual(returning(leader), [id])
            wire.pass(1000)
            assert.deepEqual(returning(leader), [])
            cutOff(scene)
            assert.deepEqual(exilesIn(leader), [])
        })
    }

    test('loses its seat after a timeout of silence while a newcomer asks under the id', () => {
        const { wire, leader, voter } = settled('c')
        const { id } = voter
        wire.delay = ({ from, to }) => from === id || to === id ? null : 0
        const diedAt = wire.now
        wire.until(() => {
            leader.paxos.immigrate(wire.now, REPUBLIC, newcomer(id))
            return exilesIn(leader).includes(id)
        })
        assert(wire.now - diedAt < 2500, `${wire.now - diedAt} ms`)
    })
})
