import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nullGovernment, succeed } from '../../src/paxos/membership/government.js'
import type { LogEntry, Request } from '../../src/paxos/messages/messages.js'
import { governmentBody } from '../paxos/sample.js'
import { Chronicle, type Reader } from './checks/chronicle.js'
import { Traffic } from './checks/traffic.js'
import type { Resident } from './resident.js'
import { Stage } from './stage.js'
import { type Property, Violation } from './violation.js'

const OPTIONS = {
    ping: 250, timeout: 1000, parliamentSize: 3, parliamentFloor: 1, window: 8, batch: 512,
    history: 100_000
}

function violates(property: Property, break_: () => void): void {
    assert.throws(break_, (error) => error instanceof Violation && error.property === property)
}

/** A founding, so many entries, and the admission of `b`. */
function course(count: number): LogEntry[] {
    const founding = { id: 'a', properties: null, cookie: 0 }
    const founded = governmentBody('1/0', { immigrate: founding, naturalize: 'a' })
    const first = succeed(nullGovernment('r'), founded)
    const numbers = Array.from({ length: count }, (_, index) => `1/${(index + 1).toString(16)}`)
    const text = { id: 'a', cookie: '1', immigrated: '1/0', body: null }
    const admission = governmentBody('2/0', {
        majority: ['a'], immigrate: { id: 'b', properties: null, cookie: 1 }
    })
    return [
        {
            module: 'paxos', method: 'government', promise: '1/0', previous: '0/0', body: founded,
            government: first
        },
        ...numbers.map((promise, index): LogEntry => {
            const previous = numbers[index - 1] ?? '1/0'
            return { module: 'paxos', method: 'entry', promise, previous, body: { ...text } }
        }),
        {
            module: 'paxos', method: 'government', promise: '2/0',
            previous: numbers.at(-1) ?? '1/0', body: admission,
            government: succeed(first, admission)
        }
    ]
}

describe('the chronicle', () => {
    it('counts in hexadecimal, and lets a reader begin at its admission', () => {
        const chronicle = new Chronicle()
        const entries = course(300)
        const reader = { id: 'a', position: -1 }
        assert.ok(entries.every((entry) => chronicle.deliver(reader, entry)))
        assert.equal(chronicle.tip, '2/0')
        const newcomer = { id: 'b', position: -1 }
        const admission = entries.at(-1)
        assert.ok(admission !== undefined && !chronicle.deliver(newcomer, { ...admission }))
        assert.equal(newcomer.position, 301)
    })

    it('finds a reader that goes back, forks, or begins at a foreign entry', () => {
        const entries = course(20)
        const [, first, second] = entries
        const last = entries[20]
        assert.ok(first !== undefined && second !== undefined && last !== undefined)
        const at = (position: number): Reader => ({ id: 'a', position })
        const chronicle = new Chronicle()
        const reader = at(-1)
        for (const entry of entries) {
            chronicle.deliver(reader, entry)
        }
        violates('S3', () => chronicle.deliver(at(21), last))
        violates('S3', () => chronicle.deliver(at(3), last))
        violates('S3', () => chronicle.deliver(at(-1), second))
        violates('S1', () => chronicle.deliver(at(1), { ...second, previous: '1/0' }))
        violates('S1', () => chronicle.deliver(at(21), { ...last, promise: '1/15' }))
        violates('S3', () => chronicle.deliver(at(21), {
            ...last, promise: '2/2', previous: '2/0'
        }))
        chronicle.deliver(at(21), { ...last, promise: '2/1', previous: '2/0' })
    })
})

describe('the counter of calls', () => {
    const resident = { id: 'a' } as Resident
    const request = { to: { id: 'b', immigrated: '2/0' } } as Request

    it('allows any number of answered calls, in any order, and of old calls', () => {
        const traffic = new Traffic(OPTIONS)
        for (let round = 0; round < 100; round++) {
            const outings = Array.from({ length: 10 }, () => traffic.send(resident, request, 0))
            for (const outing of outings.reverse()) {
                traffic.answer(outing)
                traffic.answer(outing)
            }
        }
        for (let call = 1; call <= 1000; call++) {
            traffic.send(resident, request, call * 101)
        }
        assert.equal(traffic.calls, 2000)
    })

    it('finds one open call too many', () => {
        const traffic = new Traffic(OPTIONS)
        for (let call = 0; call < 2 * OPTIONS.window + 2; call++) {
            traffic.send(resident, request, 0)
        }
        traffic.send(resident, { ...request, to: { id: 'c', immigrated: '3/0' } } as Request, 0)
        violates('S12', () => traffic.send(resident, request, OPTIONS.timeout))
    })
})

describe('the observer finds', () => {
    it('a member whose government differs under the same entry', () => {
        const stage = new Stage({ population: 2, parliamentSize: 1 })
        const { observer, realm } = stage.world
        const entry = realm.chronicle.entries.findLast(({ method }) => method === 'government')
        assert.ok(entry?.method === 'government')
        const position = realm.chronicle.entries.indexOf(entry) - 1
        const [one] = stage.world.living
        assert.ok(one !== undefined)
        const deliver = (government: typeof entry.government): void => {
            one.memory.position = position
            const queue: LogEntry[] = [{ ...entry, government }]
            const fake = { ...one, door: one.door, memory: one.memory, entries: {
                shift: () => queue.shift() ?? null
            } }
            observer.deliver(fake as unknown as Resident)
        }
        deliver({ ...entry.government })
        violates('S7', () => deliver({ ...entry.government, naturalized: [] }))
    })

    it('an acceptor whose promise has decreased, during a run', () => {
        const stage = new Stage()
        const one = stage.member(stage.voters[1] ?? '')
        one.memory.promised = '99/1/0'
        one.seen.promised = '99/1/0'
        violates('S6', () => stage.pass(1))
    })
})
