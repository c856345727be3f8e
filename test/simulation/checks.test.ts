import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Government } from '../../src/paxos/messages/messages.js'
import { nullGovernment, succeed } from '../../src/paxos/membership/government.js'
import type { GovernmentBody, LogEntry, Request } from '../../src/paxos/messages/messages.js'
import { Ballots } from './checks/ballots.js'
import { Chronicle } from './checks/chronicle.js'
import { hasQuorum } from './checks/judge.js'
import { Publishers } from './checks/publishers.js'
import { checkSuccession } from './checks/succession.js'
import { Traffic } from './checks/traffic.js'
import type { Resident } from './resident.js'
import { Stage } from './stage.js'
import { type Property, Violation } from './violation.js'

// A checker that cannot fail proves nothing: each is shown what it must not let pass.

type GovernmentEntry = Extract<LogEntry, { method: 'government' }>

type UserEntry = Extract<LogEntry, { method: 'entry' }>

const OPTIONS = {
    ping: 250, timeout: 1000, parliamentSize: 3, parliamentFloor: 1, window: 8, batch: 512,
    history: 100_000
}

const NO_CHANGE = {
    majority: ['a'], minority: [], immigrate: null, naturalize: null, exile: null, promote: null,
    demote: null, map: {}
}

function violates(property: Property, break_: () => void): void {
    assert.throws(break_, (error) => error instanceof Violation && error.property === property)
}

function govern(
    before: Government,
    previous: string,
    change: Partial<GovernmentBody> & { promise: string }
): GovernmentEntry {
    const body = { ...NO_CHANGE, ...change }
    const { promise } = body
    const government = succeed(before, body)
    return { module: 'paxos', method: 'government', promise, previous, body, government }
}

function admit(before: Government, previous: string, promise: string, id: string): GovernmentEntry {
    const majority = promise === '1/0' ? [] : ['a']
    const immigrate = { id, properties: {}, cookie: id }
    return govern(before, previous, { promise, majority, immigrate, naturalize: id })
}

const FIRST = admit(nullGovernment('r'), '0/0', '1/0', 'a')
const SECOND = admit(FIRST.government, '1/0', '2/0', 'b')
const THIRD = admit(SECOND.government, '2/0', '3/0', 'c')

function entry(promise: string, previous: string, cookie: string, body: unknown): LogEntry {
    const text = { id: 'a', cookie, immigrated: '1/0', body }
    return { module: 'paxos', method: 'entry', promise, previous, body: text }
}

describe('the checker of logs finds', () => {
    const begun = (): { chronicle: Chronicle, reader: { id: string, position: number } } => {
        const chronicle = new Chronicle()
        const reader = { id: 'a', position: -1 }
        chronicle.deliver(reader, FIRST)
        chronicle.deliver(reader, entry('1/1', '1/0', '1', 'x'))
        return { chronicle, reader }
    }

    it('nothing in a sound log', () => {
        const { chronicle, reader } = begun()
        chronicle.deliver(reader, { ...SECOND, previous: '1/1' })
        chronicle.deliver({ id: 'b', position: -1 }, { ...SECOND, previous: '1/1' })
    })

    it('two different entries with one number', () => {
        const { chronicle } = begun()
        violates('S1', () => chronicle.deliver({ id: 'b', position: 0 },
            entry('1/1', '1/0', '1', 'y')))
    })

    it('a fork, which leaves out a delivered entry', () => {
        const { chronicle } = begun()
        violates('S1', () => chronicle.deliver({ id: 'b', position: 0 }, SECOND))
    })

    it('a gap, a repeated delivery, and a skipped number', () => {
        const { chronicle, reader } = begun()
        violates('S3', () => chronicle.deliver({ id: 'b', position: -1 },
            entry('1/1', '1/0', '1', 'x')))
        violates('S3', () => chronicle.deliver({ id: 'a', position: 1 }, FIRST))
        violates('S3', () => chronicle.deliver(reader, entry('1/3', '1/1', '2', 'x')))
    })
})

describe('the checker of governments finds', () => {
    const seats = { parliamentSize: 3, parliamentFloor: 1 }
    const check = (before: Government, next: GovernmentEntry): void =>
        checkSuccession(before, next, seats)
    const grown = govern(THIRD.government, '3/0', {
        promise: '4/0',
        majority: ['a', 'b'],
        minority: ['c'],
        promote: [{ id: 'c', index: 1 }, { id: 'b', index: 0 }]
    })

    it('nothing in a sound succession', () => {
        checkSuccession(null, FIRST, seats)
        check(FIRST.government, SECOND)
        check(THIRD.government, grown)
    })

    it('an undeclared change of seats, and two changes in one government', () => {
        const { promote } = grown.body
        const unsaid = { ...grown, body: { ...grown.body, promote: null } }
        violates('S7', () => check(THIRD.government, unsaid))
        violates('S7', () => check(THIRD.government, govern(THIRD.government, '3/0', {
            ...grown.body, promote, exile: { id: 'b', promise: '2/0', properties: {} }
        })))
    })

    it('a member with two seats, and a seated member that is not naturalized', () => {
        violates('S7', () => check(THIRD.government, govern(THIRD.government, '3/0', {
            ...grown.body, minority: ['c', 'b']
        })))
        const unready = { ...THIRD.government, naturalized: ['a', 'b'] }
        violates('S7', () => check(unready, govern(unready, '3/0', grown.body)))
    })

    it('an exile that keeps its seat, and the exile of an unknown incarnation', () => {
        const exile = { id: 'c', promise: '3/0', properties: {} }
        const change = { promise: '5/0', majority: ['a', 'b'], exile }
        const gone = govern(grown.government, '4/0', change)
        check(grown.government, gone)
        violates('S7', () => check(grown.government, {
            ...gone, government: { ...gone.government, minority: ['c'] }
        }))
        violates('S7', () => check(grown.government, govern(grown.government, '4/0', {
            ...gone.body, exile: { ...exile, promise: '2/0' }
        })))
    })

    it('a parliament above its size, below its floor, or with too small a majority', () => {
        violates('S7', () => checkSuccession(THIRD.government, grown,
            { parliamentSize: 1, parliamentFloor: 1 }))
        const more = govern(grown.government, '4/0', { promise: '5/0', majority: ['a', 'b', 'c'] })
        checkSuccession(grown.government, more, { parliamentSize: 1, parliamentFloor: 1 })
        const shrunk = govern(grown.government, '4/0', {
            promise: '5/0', majority: ['a', 'b'], demote: 'c'
        })
        violates('S7', () => checkSuccession(grown.government, shrunk,
            { parliamentSize: 3, parliamentFloor: 3 }))
        violates('S7', () => check(THIRD.government, govern(THIRD.government, '3/0', {
            ...grown.body, majority: ['a'], minority: ['b', 'c']
        })))
    })
})

describe('the checker of publishes finds', () => {
    const begun = (published: readonly unknown[]): Publishers => {
        const publishers = new Publishers()
        publishers.admit('1/0', { id: 'a', published })
        return publishers
    }
    const append = (publishers: Publishers, promise: string, cookie: string, body: unknown): void =>
        publishers.append(entry(promise, '0/0', cookie, body) as UserEntry)

    it('nothing in sound publishes', () => {
        const publishers = begun(['x', null, 'y'])
        append(publishers, '1/1', '1', 'x')
        publishers.settle('1/0', { ticket: 1, promise: '1/1' })
        append(publishers, '1/2', '2', null)
        publishers.settle('1/0', { ticket: 2, promise: '1/2' })
        append(publishers, '1/3', '5', 'y')
        publishers.settle('1/0', { ticket: 3, promise: '1/3' })
    })

    it('a value without a publish, and a publisher without an admission', () => {
        violates('S2', () => append(begun(['x']), '1/1', '1', 'z'))
        violates('S2', () => append(new Publishers(), '1/1', '1', 'x'))
        const gone = begun(['x'])
        gone.exile('1/0', '2/0')
        violates('S2', () => append(gone, '2/1', '1', 'x'))
    })

    it('a repeated value, and a repeated cookie', () => {
        const publishers = begun(['x', 'y'])
        append(publishers, '1/1', '1', 'x')
        violates('S4', () => append(publishers, '1/2', '2', 'x'))
        violates('S4', () => append(publishers, '1/2', '1', 'y'))
    })

    it('a value that comes before an earlier value', () => {
        violates('S5', () => append(begun(['x', 'y']), '1/1', '1', 'y'))
    })

    it('a publish that is reported at a wrong position, or out of order', () => {
        const publishers = begun(['x', 'y'])
        append(publishers, '1/1', '1', 'x')
        violates('S4', () => publishers.settle('1/0', { ticket: 1, promise: '1/2' }))
        violates('S5', () => begun(['x', 'y']).settle('1/0', { ticket: 2, promise: '1/1' }))
    })
})

describe('the checker of ballots finds', () => {
    const at = (promised: string, accepted: string, head: string) => ({ promised, accepted, head })
    const NONE = at('0/0/0', '0/0/0', '0/0')

    it('nothing if a quorum holds the delivered entry', () => {
        const ballots = new Ballots()
        ballots.use('2/1/0', '1/0', 1)
        ballots.use('2/1/0', '1/0', 1)
        ballots.stand('2/0', NONE, at('2/1/0', '2/1/0', '5/1'))
        const three = { ...THIRD.government, majority: ['a', 'b'], minority: ['c'] }
        ballots.choose('1/0', '2/1/0', '5/1', [three])
    })

    it('a forgotten promise, and an acceptance above the promise', () => {
        const ballots = new Ballots()
        const before = at('3/1/0', '2/1/0', '5/1')
        violates('S6', () => ballots.stand('2/0', before, at('2/1/0', '2/1/0', '5/1')))
        violates('S6', () => ballots.stand('2/0', NONE, at('2/1/0', '3/1/0', '5/1')))
    })

    it('a ballot of another member, and a ballot of two processes', () => {
        const ballots = new Ballots()
        violates('S6', () => ballots.use('2/1/0', '2/0', 2))
        ballots.use('2/1/0', '1/0', 1)
        violates('S6', () => ballots.use('2/1/0', '1/0', 2))
    })

    it('an entry without a quorum under the ballot in every parliament', () => {
        const old = { ...THIRD.government, majority: ['a', 'b'], minority: ['c'] }
        const next = { ...THIRD.government, majority: ['a'], minority: [] }
        const ballots = new Ballots()
        violates('S1', () => ballots.choose('1/0', '2/1/0', '5/1', [old]))
        ballots.stand('2/0', NONE, at('3/3/0', '3/3/0', '5/1'))
        violates('S1', () => ballots.choose('1/0', '2/1/0', '5/1', [old]))
        ballots.choose('1/0', '2/1/0', '5/1', [next])
        violates('S1', () => ballots.choose('1/0', '2/1/0', '5/1', [next, old]))
    })

    it('a delivery of an entry that the voter and the leader do not both hold', () => {
        const three = { ...THIRD.government, majority: ['a', 'b'], minority: ['c'] }
        const ballots = new Ballots()
        ballots.stand('2/0', NONE, at('2/1/0', '2/1/0', '5/1'))
        violates('S1', () => ballots.choose('2/0', '2/1/0', '5/1', [three]))
        ballots.stand('1/0', NONE, at('2/1/0', '2/1/0', '5/1'))
        ballots.choose('2/0', '2/1/0', '5/1', [three])
        violates('S1', () => ballots.choose('2/0', '2/1/0', '5/2', [three]))
    })
})

describe('the other checkers find', () => {
    it('calls that pile up', () => {
        const traffic = new Traffic(OPTIONS)
        const resident = { id: 'a' } as Resident
        const request = { to: { id: 'b', immigrated: '2/0' } } as Request
        violates('S12', () => {
            for (let call = 0; call < 100; call++) {
                traffic.send(resident, request, 0)
            }
        })
    })

    it('a request for another republic that changes the member', () => {
        const { world, leader, member } = ((stage: Stage) => ({
            world: stage.world, leader: stage.leader, member: (id: string) => stage.member(id)
        }))(new Stage({ population: 1 }))
        const resident = member(leader)
        const foreign = { republic: 'elsewhere', to: { id: leader, immigrated: '1/0' } } as Request
        const check = world.observer.receive(resident, foreign)
        check()
        resident.publish('as if it had done that')
        violates('S9', check)
    })

    it('a republic that is stuck', () => {
        const stage = new Stage({ population: 3, parliamentSize: 3 })
        stage.cut(() => true)
        violates('L1', () => stage.publish(stage.leader, 'never', 5))
        assert.ok(!hasQuorum({ majority: ['a', 'b'], minority: ['c'] }, new Set(['c'])))
    })
})
