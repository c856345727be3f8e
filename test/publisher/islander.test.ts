import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { Session } from './session.js'
import { committed, governed } from '../paxos/leader.js'

describe('a publisher', () => {
    test('sends nothing until its own admission appears', () => {
        const session = new Session()
        assert.deepEqual(session.publish('a', 'b'), [1, 2])
        session.push(governed('1/0', { immigrate: { id: '1', properties: null, cookie: 0 } }))
        assert.deepEqual(session.said(), [])
        assert.deepEqual(session.islander.health(), { waiting: 0, pending: 2 })
        session.push(governed('2/0', { immigrate: { id: '0', properties: null, cookie: 0 } }))
        assert.deepEqual(session.take(), [{
            cookie: '2',
            messages: [
                { id: '0', cookie: '1', body: 'a', promise: null, immigrated: '2/0' },
                { id: '0', cookie: '2', body: 'b', promise: null, immigrated: '2/0' }
            ]
        }])
        assert.deepEqual(session.islander.health(), { waiting: 2, pending: 0 })
        assert.equal(session.islander.tickets, 2)
    })

    test('sends one batch at a time, and the next batch after the first has appeared', () => {
        const session = Session.admitted()
        session.publish('a', 'b', 'c')
        assert.deepEqual(session.said(), ['1=a'])
        session.islander.sent('1', { 1: '1/1' })
        session.push(committed('1/1', '1'))
        assert.deepEqual(session.said(), ['2=b 3=c'])
        session.push(committed('1/2', '2'))
        assert.deepEqual(session.said(), [])
        session.push(committed('1/3', '3'))
        assert.deepEqual(session.settled(), ['1 at 1/1', '2 at 1/2', '3 at 1/3'])
        assert.deepEqual(session.settled(), [])
        assert.deepEqual(session.islander.health(), { waiting: 0, pending: 0 })
    })

    test('counts cookies in hexadecimal, without a limit', () => {
        const session = Session.admitted()
        for (let count = 1; count <= 16; count++) {
            session.publish(count)
            session.push(committed(`1/${count.toString(16)}`, count.toString(16)))
        }
        assert.equal(session.said().at(-1), '10=16')
    })

    test('limits a batch by count and by weight, but always sends the first value', () => {
        const batches = (bodies: readonly string[]): number[] => {
            const session = new Session()
            session.publish(...bodies)
            session.push(governed('1/0', { immigrate: { id: '0', properties: null, cookie: 0 } }))
            return session.take().map(({ messages }) => messages.length)
        }
        assert.deepEqual(batches(Array(600).fill('a')), [512])
        assert.deepEqual(batches(Array(3).fill('x'.repeat(100_000))), [2])
        assert.deepEqual(batches(Array(2).fill('x'.repeat(300_000))), [1])
    })

    test('settles a value only by an entry with its own id, incarnation and cookie', () => {
        const session = Session.admitted()
        session.publish('a')
        const own = committed('1/1', '1')
        for (const change of [{ id: '1' }, { immigrated: '9/0' }, { cookie: '2' }]) {
            session.push({ ...own, body: { ...own.body, ...change } } as LogEntry)
        }
        assert.deepEqual(session.settled(), [])
        session.push(own)
        assert.deepEqual(session.settled(), ['1 at 1/1'])
    })

    test('keeps its first admission', () => {
        const session = Session.admitted()
        session.push(governed('5/0', { immigrate: { id: '0', properties: null, cookie: 1 } }))
        session.publish('a')
        assert.equal(session.take()[0]?.messages[0]?.immigrated, '1/0')
    })
})

describe('a publisher in doubt', () => {
    /** A publisher that awaits the receipts of `1=a`, while `b` waits. */
    const waiting = (): Session => {
        const session = Session.admitted()
        session.publish('a', 'b')
        session.take()
        return session
    }

    test('sends a flush after a lost batch, and repeats the values that are lost', () => {
        const session = waiting()
        session.islander.sent('1', null)
        assert.deepEqual(session.said(), ['2'])
        session.islander.sent('2', { 2: '1/1' })
        session.push(committed('1/1', '2', null))
        assert.deepEqual(session.said(), ['3=a 4=b'])
        session.push(committed('1/2', '3'), committed('1/3', '4'))
        assert.deepEqual(session.settled(), ['1 at 1/2', '2 at 1/3'])
    })

    test('knows the ticket of each sent value, and none of a flush', () => {
        const session = waiting()
        const ticketOf = (cookie: string): number | null => session.islander.ticketOf(cookie)
        assert.deepEqual([ticketOf('1'), ticketOf('2')], [1, null])
        session.push(committed('1/1', '1'))
        session.islander.sent('2', null)
        assert.deepEqual(session.said(), ['2=b', '3'])
        assert.deepEqual(['1', '2', '3'].map(ticketOf), [null, 2, null])
    })

    test('does not repeat a value that appeared before the flush', () => {
        const session = waiting()
        session.islander.sent('1', null)
        session.push(committed('1/1', '1'))
        assert.deepEqual(session.said(), ['2', '3=b'])
        session.push(committed('1/2', '2', null))
        assert.deepEqual(session.said(), [])
        session.push(committed('1/3', '3'))
        assert.deepEqual(session.settled(), ['1 at 1/1', '2 at 1/3'])
    })

    test('sends a flush after a collapse', () => {
        const session = waiting()
        session.islander.sent('1', { 1: '1/1' })
        session.push(governed('2/0', { map: null }))
        assert.deepEqual(session.said(), ['2'])
    })

    test('sends no flush after a collapse if no batch is under way', () => {
        const session = Session.admitted()
        session.push(governed('2/0', { map: null }))
        assert.deepEqual(session.said(), [])
    })

    test('follows the map of a government that renumbers its batch', () => {
        const session = waiting()
        session.islander.sent('1', { 1: '1/1' })
        session.push(governed('2/0', { map: { '1/1': '2/1' } }))
        assert.deepEqual(session.said(), [])
        session.push(committed('2/1', '1'))
        assert.deepEqual(session.settled(), ['1 at 2/1'])
    })

    test('sends a flush if the log has passed its batch or a receipt is missing', () => {
        const overtaken = waiting()
        overtaken.islander.sent('1', { 1: '1/1' })
        overtaken.push(governed('2/0'))
        assert.deepEqual(overtaken.said(), ['2'])
        const late = waiting()
        late.push(governed('2/0'))
        assert.deepEqual(late.said(), [], 'the receipts are still to come')
        late.islander.sent('1', { 1: '1/1' })
        assert.deepEqual(late.said(), ['2'])
        const silent = waiting()
        silent.islander.sent('1', {})
        assert.deepEqual(silent.said(), ['2'], 'a receipt is missing')
    })

    test('sends another flush if the log has passed the first flush', () => {
        const session = waiting()
        session.islander.sent('1', null)
        session.push(governed('2/0'))
        session.islander.sent('2', { 2: '1/2' })
        assert.deepEqual(session.said(), ['2', '3'])
    })

    test('accepts receipts once, and only of its last batch', () => {
        const session = waiting()
        session.islander.sent('9', null)
        assert.deepEqual(session.said(), [])
        session.islander.sent('1', { 1: '1/1' })
        session.islander.sent('1', null)
        assert.deepEqual(session.said(), [])
        assert.equal(session.islander.failures, 0)
    })

    test('numbers a batch by the receipts of its first and last entry', () => {
        const session = Session.admitted()
        session.publish('a')
        for (const body of ['b', 'c', 'd']) {
            session.publish(body)
        }
        session.push(committed('1/1', '1'))
        assert.deepEqual(session.said(), ['1=a', '2=b 3=c 4=d'])
        session.islander.sent('4', { 2: '1/9', 4: '1/b' })
        session.push(governed('2/0', { map: { '1/9': '2/1', '1/a': '2/2', '1/b': '2/3' } }))
        assert.deepEqual(session.said(), [], 'all of it is renumbered')
        const doubtful = Session.admitted()
        doubtful.publish('a')
        doubtful.push(committed('1/1', '1'))
        doubtful.islander.publishAll(['b', 'c', 'd'])
        doubtful.islander.sent('4', { 2: '1/9', 4: '1/c' })
        assert.deepEqual(doubtful.said(), ['1=a', '2=b 3=c 4=d', '5'], 'there is a gap')
    })

    test('ignores a map with the key __proto__', () => {
        const session = waiting()
        session.islander.sent('1', { 1: 'f/1' })
        session.push(governed('2/0', { map: JSON.parse('{"__proto__":"3/1"}') }))
        assert.deepEqual(session.said(), [])
    })
})

describe('a publisher without answers', () => {
    test('tries again at once, and then waits for retry()', () => {
        const session = Session.admitted()
        assert.equal(session.islander.isWaiting, false)
        session.publish('a')
        assert.equal(session.islander.isWaiting, true)
        session.islander.sent('1', null)
        session.islander.sent('2', null)
        assert.deepEqual(session.said(), ['1=a', '2'])
        assert.deepEqual([session.islander.failures, session.islander.isWaiting], [2, true])
        session.islander.retry()
        session.islander.sent('3', null)
        session.islander.retry()
        assert.deepEqual(session.said(), ['3', '4'])
        session.islander.sent('4', { 4: '1/1' })
        assert.deepEqual([session.islander.failures, session.islander.isWaiting], [0, false])
        session.islander.retry()
        assert.deepEqual(session.said(), [])
    })

    test('gives up awaited receipts at the second retry()', () => {
        const session = Session.admitted()
        session.publish('a')
        session.take()
        session.islander.retry()
        assert.deepEqual([session.said(), session.islander.failures], [[], 0])
        session.islander.retry()
        assert.deepEqual([session.said(), session.islander.failures], [['2'], 1])
        session.islander.retry()
        assert.deepEqual(session.said(), [], 'the receipts of the flush are awaited anew')
        session.islander.retry()
        assert.deepEqual([session.said(), session.islander.failures], [['3'], 2])
    })

    test('resets its failures when its entry appears', () => {
        const session = Session.admitted()
        session.publish('a')
        session.islander.sent('1', null)
        session.islander.sent('2', null)
        session.push(committed('1/1', '1'))
        assert.deepEqual([session.islander.failures, session.settled()], [0, ['1 at 1/1']])
    })
})
