import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { Islander } from '../../src/publisher/islander.js'
import { admitted, show } from './admitted.js'
import { Session } from './session.js'
import { committed, governed } from '../paxos/leader.js'
import { Island } from '../support/island.js'
import '../support/silence.js'

describe('a restarted publisher', () => {
    test('first sends the publishes of earlier lives, and then those of the new life', () => {
        const session = admitted()
        session.publish('a', 'b')
        session.take()
        session.islander.revive()
        session.publish('c')
        assert.deepEqual(session.said(), ['1/1=a 1/2=b'])
        show(session, '1/1')
        assert.deepEqual(session.said(), [])
        session.islander.revive()
        session.publish('d')
        assert.deepEqual(session.said(), ['1/2=b'])
        show(session, '1/2')
        assert.deepEqual(session.said(), ['2/1=c'])
        show(session, '2/1')
        assert.deepEqual(session.said(), ['3/1=d'])
        show(session, '3/1')
        assert.equal(session.settled().length, 4)
        session.islander.revive()
        session.publish('e')
        assert.deepEqual(session.said(), ['4/1=e'])
    })

    test('knows the tickets of the publishes of all lives', () => {
        const session = admitted()
        session.publish('a', 'b', 'c')
        session.islander.revive()
        session.publish('d', 'e')
        show(session, '1/1')
        const tickets = ['1/1', '1/2', '1/3', '1/4', '2/1', '2/2', '2/3', '3/1'].map((cookie) => {
            return session.islander.ticketOf(cookie)
        })
        assert.deepEqual(tickets, [null, 2, 3, null, 4, 5, null, null])
    })

    test('ignores an entry of an earlier life that it does not know', () => {
        const session = admitted()
        session.publish('a')
        session.islander.revive()
        session.take()
        show(session, '1/1', '1/2')
        session.publish('b')
        assert.deepEqual(session.said(), ['2/1=b'])
        show(session, '2/1')
        assert.deepEqual(session.settled(), ['1 at 9/1', '2 at 9/1'])
    })

    test('continues from any state of its life', () => {
        const session = admitted()
        session.islander.publishAll(['a', 'b', { c: [null] }])
        session.publish('d')
        session.islander.sent('1', null)
        show(session, '1/1')
        session.islander.revive()
        session.publish('e')
        const state = session.islander.state()
        const copy = Islander.restore(JSON.parse(JSON.stringify(state)))
        assert.deepEqual(copy.state(), state)
        copy.push(committed('9/2', '1/2'))
        session.push(committed('9/2', '1/2'))
        assert.deepEqual(copy.state(), session.islander.state())
    })
})

describe('a publisher during the upgrade to version 2', () => {
    const upgraded = governed('2/0', { version: 2 })

    test('ends the batch in flight by the earlier rules, and then begins its first life', () => {
        const session = Session.admitted()
        session.publish('a', 'b')
        session.islander.sent('1', { 1: '3/1' })
        session.push(upgraded)
        session.publish('c')
        assert.deepEqual(session.said(), ['1=a'])
        session.push(committed('3/1', '1'))
        assert.deepEqual(session.said(), ['1/1=b 1/2=c'])
        show(session, '1/1', '1/2')
        assert.equal(session.settled().length, 3)
    })

    test('sends the lost values of that batch under identities after its flush', () => {
        const session = Session.admitted()
        session.publish('a')
        session.push(upgraded)
        session.islander.sent('1', null)
        assert.deepEqual(session.said(), ['1=a', '2'])
        const state = session.islander.state()
        assert.deepEqual(Islander.restore(state).state(), state)
        session.push(committed('3/1', '2', null))
        assert.deepEqual(session.said(), ['1/1=a'])
    })

    test('begins its first life at once if no batch is in flight', () => {
        const session = Session.admitted()
        session.push(upgraded)
        session.publish('a')
        assert.deepEqual(session.said(), ['1/1=a'])
    })
})

describe('a recording of a refused publish', () => {
    test('replays to the same state of the publisher', () => {
        using island = new Island()
        island.settle('a', 'b')
        island.fate = ({ call }) => {
            const isBad = call.method === 'enqueue' && JSON.stringify(call).includes('refuse me')
            return isBad ? { refused: '403' } : null
        }
        const { kibitzer, recording } = island.resident('b')
        const published = kibitzer.publish('refuse me')
        // The second refusal is recorded, and the third is still to come.
        island.until(() => kibitzer.islander.state().window?.refusals === 2)
        const copy = new Kibitzer({ id: 'b' })
        for (const input of recording.played) {
            copy.replay(JSON.parse(JSON.stringify(input)))
        }
        assert.deepEqual(copy.islander.state(), kibitzer.islander.state())
        copy.destroy()
        island.until(() => kibitzer.status().pending === 0)
        return assert.rejects(published, { code: 'undeliverable' })
    })
})
