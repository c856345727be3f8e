import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exilesIn, movesIn, type Place, Town } from '../town.js'

describe('a member that returns at another address', () => {
    for (const id of ['a', 'b', 'c', 'd']) {
        test(`stays the same member, and the log tells its address: ${id} of four`, () => {
            const town = new Town(['a', 'b', 'c', 'd'])
            const { wire } = town
            const member = wire.of(id)
            const { immigrated } = member.paxos
            town.move(member, 'new')
            wire.until(() => town.isKnown({ [id]: 'new' }))
            assert.deepEqual(movesIn(wire.of('a')), [[id, 1]])
            assert.equal(member.paxos.government.immigrated.promise[id], immigrated)
            wire.pass(30_000)
            assert.deepEqual(exilesIn(wire.of('a')), [])
            assert.ok(wire.leader.paxos.government.majority.length === 2)
        })
    }

    test('reports to the leader through another member', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        wire.delay = ((plain) => (message) => {
            const pair = [message.from, message.to]
            return pair.includes('a') && pair.includes('b') ? null : plain(message)
        })(wire.delay)
        town.move(wire.of('b'), 'new')
        wire.until(() => movesIn(wire.of('a')).length === 1)
        assert.deepEqual(exilesIn(wire.of('a')), [])
    })

    test('is not exiled for the silence of its old address if another member reports it', () => {
        const town = new Town(['a', 'b', 'c'], 3000)
        const { wire } = town
        wire.delay = ((plain) => (message) => {
            const { from, to, answer } = message
            if (from === 'b' && to === 'a' && answer === undefined) {
                return null
            }
            // The patience ends while the first call to the new address is under way.
            const delayMs = plain(message)
            return from === 'a' && to === 'b' && delayMs !== null ? 500 : delayMs
        })(wire.delay)
        town.closed.add('b')
        wire.pass(2000)
        town.move(wire.of('b'), 'new')
        wire.until(() => movesIn(wire.of('a')).length === 1)
        wire.pass(10_000)
        assert.deepEqual(exilesIn(wire.of('a')), [])
    })

    test('writes nothing if its address is the same', () => {
        const town = new Town(['a', 'b', 'c'])
        const [, member] = town.members
        assert.ok(member !== undefined)
        const { promise } = member.paxos.government
        town.settle(member, 'b')
        assert.equal(member.paxos.move(town.wire.now, { at: 'b' }), 'unchanged')
        town.wire.pass(3000)
        assert.equal(member.paxos.government.promise, promise)
    })

    test('stops its reports after the log holds the move and a peer has called', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        town.move(wire.of('b'), 'new')
        assert.ok(wire.of('b').paxos.state().moves !== undefined)
        wire.until(() => town.isKnown({ b: 'new' }))
        wire.pass(3000)
        const from = wire.sent.length
        wire.pass(3000)
        for (const { request } of wire.sent.slice(from)) {
            assert.equal(request.moved, undefined)
        }
        assert.equal(wire.of('b').paxos.state().moves, undefined)
    })
})

describe('members that move at once', () => {
    test('elect a leader if a majority has moved', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        town.move(wire.of('b'), 'b2')
        town.move(wire.of('c'), 'c2')
        wire.until(() => town.isKnown({ b: 'b2', c: 'c2' }))
        assert.deepEqual(exilesIn(wire.leader), [])
    })

    test('elect a leader if the former leader is one of them', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        town.move(wire.of('a'), 'a2')
        town.move(wire.of('b'), 'b2')
        wire.until(() => town.isKnown({ a: 'a2', b: 'b2' }))
    })

    test('elect a leader if the voters other than one have moved', () => {
        const town = new Town(['a', 'b', 'c', 'd', 'e'])
        const { wire } = town
        for (const id of ['a', 'b', 'c', 'd']) {
            town.move(wire.of(id), `${id}2`)
        }
        wire.until(() => town.isKnown({ a: 'a2', b: 'b2', c: 'c2', d: 'd2' }))
        assert.deepEqual(exilesIn(wire.leader), [])
    })

    test('find each other by one found address each if all have moved', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        for (const member of town.members) {
            town.move(member, `${member.id}2`)
        }
        wire.pass(10_000)
        assert.deepEqual(town.members.map((member) => movesIn(member)), [[], [], []])
        wire.of('a').paxos.locate(wire.now, 'b', { at: 'b2' })
        wire.of('b').paxos.locate(wire.now, 'c', { at: 'c2' })
        wire.until(() => town.isKnown({ a: 'a2', b: 'b2', c: 'c2' }))
        assert.deepEqual(exilesIn(wire.leader), [])
    })
})

describe('a found address', () => {
    test('gives way to the log a timeout later, while a leader reaches the member', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        // Another process answered in the name of the leader; no request of `b` goes there.
        wire.of('b').paxos.locate(wire.now, 'a', { at: 'elsewhere' })
        assert.deepEqual(wire.of('b').paxos.addressOf('a'), { at: 'elsewhere' })
        wire.pass(2000)
        assert.deepEqual(wire.of('b').paxos.addressOf('a'), { at: 'a' })
    })
})

describe('an old address', () => {
    test('that now belongs to another member does no harm', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        town.move(wire.of('b'), 'somewhere')
        town.move(wire.of('c'), 'b')
        wire.until(() => town.isKnown({ b: 'somewhere', c: 'b' }))
        wire.pass(30_000)
        assert.deepEqual(exilesIn(wire.leader), [])
    })

    test('does not return with a late report of an earlier move', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        const [leader, member] = town.members
        assert.ok(leader !== undefined && member !== undefined)
        town.move(member, 'b2')
        wire.pass(200)
        const late = wire.sent.findLast(({ from, request }) =>
            from === 'b' && request.to.id === 'a' && request.moved?.number === 1)
        assert.ok(late !== undefined)
        town.move(member, 'b3')
        wire.until(() => town.isKnown({ b: 'b3' }))
        leader.paxos.request(wire.now, late.request)
        wire.pass(3000)
        assert.ok(town.isKnown({ b: 'b3' }))
        assert.deepEqual(movesIn(leader), [['b', 1], ['b', 2]])
    })

    test('that the application has found counts until a call there fails', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        const { paxos } = wire.of('a')
        paxos.locate(wire.now, 'b', { at: 'nowhere' })
        assert.deepEqual(paxos.addressOf('b'), { at: 'nowhere' })
        wire.until(() => (paxos.addressOf('b') as Place).at === 'b')
        paxos.locate(wire.now, 'nobody', { at: 'nowhere' })
        assert.equal(paxos.addressOf('nobody'), undefined)
    })
})

describe('a member that no request reaches', () => {
    test('is not exiled as long as its own reports of a move arrive', () => {
        const town = new Town(['a', 'b', 'c'], 5000)
        const { wire } = town
        town.closed.add('b2')
        town.move(wire.of('b'), 'b2')
        wire.pass(40_000)
        assert.deepEqual(exilesIn(wire.leader), [])
        town.closed.clear()
        wire.until(() => town.isKnown({ b: 'b2' }))
        wire.pass(3000)
        assert.equal(wire.of('b').paxos.state().moves, undefined)
    })

    test('is exiled in spite of its reports if no answer reaches the member either', () => {
        const town = new Town(['a', 'b', 'c'], 5000)
        const { wire } = town
        town.closed.add('b2')
        wire.delay = ((plain) => (message) => {
            const isAnswer = message.answer !== undefined
            return isAnswer && message.from === 'b' ? null : plain(message)
        })(wire.delay)
        town.move(wire.of('b'), 'b2')
        const from = wire.now
        wire.until(() => exilesIn(wire.of('a')).includes('b'))
        // Four timeouts, in which the last answer may have arrived, and then the patience.
        assert(wire.now - from < 4000 + 5000 + 1000, `${wire.now - from} ms`)
    })

    test('counts in no quorum by its reports', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        town.closed.add('b2').add('c2')
        wire.delay = ((plain) => (message) => {
            const isAnswer = message.answer !== undefined
            return isAnswer && message.from !== 'a' ? null : plain(message)
        })(wire.delay)
        town.move(wire.of('b'), 'b2')
        town.move(wire.of('c'), 'c2')
        wire.pass(5000)
        assert.equal(wire.of('a').paxos.isLeading, false)
        assert.ok(wire.sent.some(({ from, request }) => from === 'b' && request.to.id === 'a'))
    })

    test('is exiled without a report', () => {
        const town = new Town(['a', 'b', 'c'], 5000)
        const { wire } = town
        town.settle(wire.of('b'), 'b2')
        wire.until(() => exilesIn(wire.of('a')).includes('b'))
    })
})
