import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LogDelivery } from '../../src/member/delivery.js'
import { FlushGate } from '../../src/member/flush-gate.js'
import { History } from '../../src/member/history.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Played } from '../../src/member/inputs.js'

function entry(number: number): LogEntry {
    const promise = `1/${number.toString(16)}`
    const body = { id: 'a', cookie: '1', immigrated: '1/0', body: number }
    return { module: 'paxos', method: 'entry', promise, previous: '1/0', body }
}

function played(when: number): Played {
    return { module: 'kibitz', method: 'publish', when, body: 'x' }
}

const MEMBER = {
    id: 'a', republic: null, logEnd: { promised: '0/0/0', accepted: '0/0/0', head: '0/0' }
}

function history(): History {
    return new History({ entries: 8, application: () => ({ entries: 8, size: 800 }) }, true)
}

/** The last link of a queue. */
function headOf(queue: object): { readonly next: object | null } {
    return (queue as { head: { next: object | null } }).head
}

describe('LogDelivery', () => {
    test('keeps the order when a reader queues entries and inputs during delivery', () => {
        const delivery = new LogDelivery(MEMBER, new FlushGate(), history())
        const seen: string[] = []
        const later = [[entry(3)], [entry(4), entry(5)]]
        delivery.log.shifter().pump((given) => {
            seen.push(given?.promise ?? 'end')
            const more = later.shift()
            if (more !== undefined) {
                delivery.queueInput(played(0))
                delivery.queueEntries(more)
            }
        })
        delivery.played.shifter().pump((given) => {
            seen.push(given?.method ?? 'end')
        })
        delivery.queueEntries([entry(1), entry(2)])
        delivery.deliver()
        delivery.queueEntries([entry(6)])
        delivery.deliver()
        assert.deepEqual(seen, [
            '1/1', 'publish', '1/2', 'publish', '1/3', '1/4', '1/5', '1/6'
        ])
        assert.equal(delivery.delivered, '1/6')
    })

    test('keeps no link that the only reader of a queue has passed', () => {
        const delivery = new LogDelivery(MEMBER, new FlushGate(), history())
        const [log, inputs] = [delivery.log.shifter(), delivery.played.shifter()]
        const links: { readonly next: object | null }[] = []
        for (const number of [1, 2, 3]) {
            delivery.queueInput(played(number))
            delivery.queueEntries([entry(number)])
            delivery.deliver()
            links.push(headOf(delivery.log), headOf(delivery.played))
        }
        for (const cursor of [log, inputs]) {
            assert.deepEqual([1, 2, 3].map(() => cursor.shift() !== null), [true, true, true])
        }
        assert.deepEqual(links.map(({ next }) => next), links.map(() => null))
    })
})
