import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Response } from '../../src/paxos/messages/messages.js'
import type { Immigration } from '../../src/paxos/messages/proposals.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { Paxos } from '../../src/paxos/paxos.js'
import { drain } from '../support/alone.js'

const REPUBLIC = 'r'

type Outbox = ReturnType<Paxos['outbox']['shifter']>

function founder(options: PaxosOptions = {}): Paxos {
    const paxos = new Paxos(0, REPUBLIC, '0', options)
    paxos.bootstrap(0, 'at 0', 'f')
    return paxos
}

/** A founder and 1, which it has admitted and welcomed. */
function pair(options: PaxosOptions = {}): { first: Paxos, second: Paxos, outbox: Outbox } {
    const first = founder(options)
    const outbox = first.outbox.shifter()
    const second = new Paxos(0, null, '1', options)
    second.join(REPUBLIC, 7)
    first.immigrate(0, REPUBLIC, { id: '1', cookie: 7, properties: 'at 1' })
    exchange(first, outbox, { 1: second })
    return { first, second, outbox }
}

/** Lets others answer what the first has said so far. */
function exchange(
    first: Paxos, outbox: Outbox, others: Readonly<Record<string, Paxos>>
): void {
    for (const { cookie, envelopes } of drain(outbox)) {
        const responses: Record<string, Response> = {}
        for (const { to, request } of envelopes) {
            const other = others[to]
            if (other !== undefined) {
                responses[to] = other.request(0, request)
            }
        }
        first.response(0, cookie, responses)
    }
}

/** A leader that waits for a parliament of three to be committed; what is proposed waits too. */
function growing(proposals: number): Paxos {
    const { first, second, outbox } = pair({ proposals })
    const others = { 1: second, 2: new Paxos(0, null, '2'), 3: new Paxos(0, null, '3') }
    others[2].join(REPUBLIC, 8)
    others[3].join(REPUBLIC, 9)
    first.immigrate(1, REPUBLIC, { id: '2', cookie: 8, properties: 'at 2', naturalized: true })
    first.immigrate(1, REPUBLIC, { id: '3', cookie: 9, properties: 'at 3', naturalized: true })
    exchange(first, outbox, others)
    assert.notEqual(first.inspect().head, first.inspect().committed)
    return first
}

function proposes(cookie: string, change: object = {}): Parameters<Paxos['enqueue']>[2] {
    return { id: '0', cookie, body: cookie, ...change }
}

describe('a founder', () => {
    test('leads at once, and reports itself as leader', () => {
        const paxos = founder()
        assert.deepEqual(paxos.inspect(), {
            id: '0', role: 'leader', government: '1/0', committed: '1/0', head: '1/0',
            promised: '1/1/0', accepted: '1/1/0', waiting: 0, silent: [], open: null,
            leftBehind: [], returning: [], lag: {}, lagSize: {}
        })
        assert.deepEqual(paxos.contact(), {
            isLed: true, leaderSeenMs: 0, freshAt: Number.POSITIVE_INFINITY
        })
        assert.deepEqual([paxos.id, paxos.cookie, paxos.republic], ['0', 0, REPUBLIC])
        assert.deepEqual(paxos.government.properties, { 0: 'at 0' })
    })

    test('has no appointments while the founder is alone', () => {
        assert.equal(founder().scheduler.next(), null)
    })

    test('emits its government, and returns it in the history', () => {
        const paxos = new Paxos(0, REPUBLIC, '0')
        const log = paxos.log.shifter()
        assert.equal(paxos.inspect().role, 'stranger')
        paxos.bootstrap(5, 'at 0')
        const [entry] = drain(log)
        assert.equal(entry?.promise, '1/0')
        assert.equal(entry?.previous, '0/0')
        assert.deepEqual(paxos.history(null), [entry])
        assert.equal(paxos.history('2/0'), null)
    })
})

describe('a proposal', () => {
    test('is committed at once by a leader that is alone', () => {
        const paxos = founder()
        const outcome = paxos.enqueue(1, REPUBLIC, proposes('1'))
        assert.deepEqual(outcome, { enqueued: true, leader: '0', promise: '1/1' })
        assert.deepEqual(paxos.history('1/1')?.map(({ body }) => body), [
            { id: '0', cookie: '1', immigrated: '1/0', body: '1' }
        ])
    })

    test('of a batch receives the next promise in the order of the batch', () => {
        const batch = ['1', '2'].map((cookie) => proposes(cookie))
        assert.deepEqual(founder().enqueueAll(1, REPUBLIC, batch), { 1: '1/1', 2: '1/2' })
    })

    test('is refused by a member that is not the leader of the named republic and founding', () => {
        const { first, second } = pair()
        assert.deepEqual(first.enqueue(1, 'another', proposes('1')), {
            enqueued: false, leader: null
        })
        assert.equal(first.enqueueAll(1, REPUBLIC, [proposes('1')], 'another founding'), null)
        assert.deepEqual(second.enqueue(1, REPUBLIC, proposes('1')), {
            enqueued: false, leader: '0'
        })
        const stranger = new Paxos(0, REPUBLIC, '9')
        assert.deepEqual(stranger.enqueue(1, REPUBLIC, proposes('1')), {
            enqueued: false, leader: null
        })
    })

    test('is refused if the publisher\'s id or incarnation is no citizen', () => {
        const paxos = founder()
        for (const change of [{ id: '9' }, { id: 'constructor' }, { immigrated: '9/0' }]) {
            assert.deepEqual(paxos.enqueue(1, REPUBLIC, proposes('1', change)), {
                enqueued: false, leader: null
            })
        }
        assert.equal(paxos.inspect().committed, '1/0')
    })

    test('is refused if its cookie is not above the last cookie', () => {
        const paxos = founder()
        paxos.enqueue(1, REPUBLIC, proposes('2'))
        for (const cookie of ['1', '2']) {
            assert.equal(paxos.enqueue(1, REPUBLIC, proposes(cookie)).enqueued, false)
        }
        assert.equal(paxos.enqueue(1, REPUBLIC, proposes('3')).enqueued, true)
    })

    test('is refused while the queue of proposals is full', () => {
        const three = growing(2)
        const outcomes = ['1', '2', '3'].map((cookie) => {
            return three.enqueue(1, REPUBLIC, proposes(cookie)).enqueued
        })
        assert.deepEqual(outcomes, [true, true, false])
        assert.equal(three.inspect().waiting, 2)
    })
})

describe('an immigration', () => {
    const newcomer = (id: string, cookie = 7): Immigration => {
        return { id, cookie, properties: `at ${id}` }
    }

    test('is accepted again under the same cookie, and refused under another cookie', () => {
        const { first } = pair()
        assert.deepEqual(first.immigrate(1, REPUBLIC, newcomer('1')), { enqueued: true })
        assert.equal(first.government.promise, '2/0')
        assert.deepEqual(first.immigrate(1, REPUBLIC, newcomer('1', 8)), {
            enqueued: false, republic: REPUBLIC, leader: '0'
        })
    })

    test('is refused by a follower, which names the leader, and for another republic', () => {
        const { first, second } = pair()
        assert.deepEqual(second.immigrate(1, REPUBLIC, newcomer('2')), {
            enqueued: false, republic: REPUBLIC, leader: '0'
        })
        assert.deepEqual(first.immigrate(1, 'another', newcomer('2')), {
            enqueued: false, republic: REPUBLIC, leader: null
        })
    })

    test('is refused if the republic is full', () => {
        const { first } = pair({ citizens: 3 })
        assert.equal(first.immigrate(1, REPUBLIC, newcomer('2')).enqueued, true)
        assert.deepEqual(first.immigrate(1, REPUBLIC, newcomer('3')), {
            enqueued: false, republic: REPUBLIC, leader: '0'
        })
    })

    test('is refused if the properties of all members would not fit into one message', () => {
        const { first } = pair()
        const large = 'x'.repeat(100_000)
        const asks = (id: string, properties: string): boolean =>
            first.immigrate(1, REPUBLIC, { id, cookie: 7, properties }).enqueued
        assert.deepEqual(['2', '3', '4'].map((id) => asks(id, large)), [true, true, false])
        assert.equal(asks('4', 'at 4'), true)
    })

    test('admits the member that waits under the requested cookie', () => {
        const { second } = pair()
        assert.deepEqual([second.inspect().role, second.immigrated], ['citizen', '2/0'])
        assert.equal(second.cookie, 7)
        assert.equal(second.founding, 'f')
    })
})

describe('an event', () => {
    test('that the engine does not handle changes nothing', () => {
        const { first } = pair()
        const outbox = first.outbox.shifter()
        const when = 250
        first.event({ method: 'event', now: when, when, body: 'resubmit' })
        first.event({ method: 'event', now: when, when, body: { evil: true } })
        first.event({ method: 'set' as 'event', now: when, when, body: 'ping' })
        assert.deepEqual(drain(outbox), [])
        first.event({ method: 'event', now: when, when, body: 'ping' })
        assert.equal(drain(outbox).length, 1)
    })

    test('`resubmit` is due later after each failure, up to four timeouts', () => {
        const paxos = founder()
        const delays = [0, 1, 2, 3, 4, 5, 60].map((failures) => {
            paxos.postpone(1000, failures)
            return Math.floor(((paxos.scheduler.when('resubmit') ?? 0) - 1000) / 250)
        })
        assert.deepEqual(delays, [1, 2, 4, 8, 16, 16, 16])
    })
})

describe('time', () => {
    /** When a leader exiles one that does not answer, its clock reading this at each ping. */
    const exiledAt = (...instants: readonly number[]): number | undefined => {
        const { first } = pair({ ping: 100 })
        return instants.find((now, index) => {
            const when = Math.min(now, 100 * (index + 1))
            first.event({ method: 'event', now, when, body: 'ping' })
            return first.government.promise !== '2/0'
        })
    }
    const asked = [100, 200, 300, 400, 500]

    test('between pings counts as the clock shows', () => {
        assert.equal(exiledAt(...asked, 600, 700, 800, 900, 1000, 1100), 1100)
    })

    test('of a pause or a clock jump does not make a member look silent', () => {
        assert.equal(exiledAt(...asked, 60_000, 60_099), undefined)
        assert.equal(exiledAt(...asked, 60_000, 60_100), 60_100)
    })

    test('continues if a clock goes back', () => {
        assert.equal(exiledAt(...asked, 50, 150, 250, 350, 450, 550, 649, 650), 650)
    })
})

describe('an answer', () => {
    test('that the engine does not await changes nothing', () => {
        const { first } = pair()
        const before = JSON.stringify([first.inspect(), first.scheduler.calendar()])
        first.response(1, 'ffff', { 1: { method: 'unreachable', exiled: true } })
        first.response(1, '1', {})
        assert.equal(JSON.stringify([first.inspect(), first.scheduler.calendar()]), before)
        assert.equal(first.exiled, false)
    })
})
