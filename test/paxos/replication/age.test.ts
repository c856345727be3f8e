import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Paxos } from '../../../src/paxos/paxos.js'
import { inside } from '../../simulation/inside.js'
import { type Member, Wire } from '../wire.js'

/** How long a message takes, in milliseconds. */
const DELAY_MS = 20

/** The default of the option `ping`, in milliseconds. */
const PING_MS = 250

/** Three voters and a constituent, whose messages take their time. */
function quartet(version: number = 1): { wire: Wire; all: readonly Member[] } {
    const wire = new Wire({ parliamentSize: 3, patience: 20_000, highestVersion: version })
    wire.version = version
    const all = wire.settle('l', 'a', 'b', 'c')
    wire.delay = () => DELAY_MS
    wire.pass(2000)
    return { wire, all }
}

/** The age of a member's log as of now; `null` if unknown. */
function ageOf({ now }: Wire, { paxos }: Member): number | null {
    const { freshAt } = paxos.contact()
    return freshAt === null ? null : now - freshAt
}

/** Whether no message passes from or to a member. */
function isolate(wire: Wire, id: string): void {
    wire.delay = ({ from, to }) => from === id || to === id ? null : DELAY_MS
}

describe('the age of a log', () => {
    test('is at most a ping at the leader, and two pings more at each step of the tree', () => {
        const { wire, all } = quartet()
        const { majority, minority, constituents } = wire.of('l').paxos.government
        assert.deepEqual([majority.length, minority.length, constituents.length], [2, 1, 1])
        const ranks = [...majority, ...minority, ...constituents]
        for (let passed = 0; passed < 3000; passed += 10) {
            wire.pass(10)
            for (const [rank, id] of ranks.entries()) {
                const age = ageOf(wire, wire.of(id))
                const most = (2 * rank + 1) * (PING_MS + 2 * DELAY_MS) + 20
                assert.ok(age !== null && age <= most, `${id}: ${age}`)
            }
        }
        assert.equal(all.length, 4)
    })

    test('grows at a member without contact, and at a leader without a majority', () => {
        const { wire } = quartet()
        isolate(wire, 'c')
        wire.pass(2 * DELAY_MS)
        const before = ageOf(wire, wire.of('c')) ?? assert.fail()
        wire.pass(5000)
        assert.equal(ageOf(wire, wire.of('c')), before + 5000)
        const leader = wire.leader
        wire.delay = () => null
        wire.pass(400)
        assert.ok((ageOf(wire, leader) ?? 0) >= 400)
    })

    test('counts from the answer that the feeder echoes, not from the arrival', () => {
        const { wire } = quartet()
        // The news of the leader's log wait for four seconds on their way.
        wire.delay = ({ to, answer }) => to === 'c' && answer === undefined ? 4000 : DELAY_MS
        wire.pass(6000)
        assert.ok((ageOf(wire, wire.of('c')) ?? 0) >= 4000, 'late news are old news')
    })

    test('is zero at a leader that decides alone', () => {
        const wire = new Wire({ parliamentSize: 1 })
        wire.settle('l', 'a')
        wire.pass(1000)
        assert.equal(wire.of('l').paxos.contact().freshAt, Number.POSITIVE_INFINITY)
        assert.notEqual(ageOf(wire, wire.of('a')), null)
    })

    test('is not zero at a leader alone with an open government, after a restart', () => {
        const wire = new Wire({ parliamentSize: 3 })
        const [{ paxos }] = wire.settle('l') as [Member]
        wire.delay = () => DELAY_MS
        for (const id of ['a', 'b']) {
            wire.add(id).paxos.join('r', `of ${id}`)
            const newcomer = { cookie: `of ${id}`, properties: { at: id }, naturalized: true }
            paxos.immigrate(wire.now, 'r', { id, ...newcomer })
        }
        wire.until(() => paxos.inspect().open !== null)
        assert.deepEqual(paxos.government.majority, ['l'])
        // The earlier process may have delivered the government before it recorded the commit.
        paxos.revive(wire.now + 1)
        assert.equal(paxos.contact().freshAt, null)
    })

    test('counts a jump forward, as a pause, in full', () => {
        const { wire } = quartet()
        const { paxos } = wire.of('c')
        const before = paxos.contact().freshAt
        const when = wire.now + 60_000
        paxos.event({ method: 'event', now: when, when: 0, body: '' })
        assert.equal(paxos.contact().freshAt, before)
        assert.ok(inside(paxos).now < wire.now + 1000, 'the own time counts half a timeout only')
    })

    test('is unknown after the clock went back, until a request echoes a later answer', () => {
        for (const jumpMs of [-5000, 0]) {
            const { wire } = quartet()
            const { paxos } = wire.of('c')
            const when = wire.now + jumpMs
            const body = jumpMs === 0 ? 'lapse' : ''
            paxos.event({ method: 'event', now: when, when: 0, body })
            assert.equal(paxos.contact().freshAt, null)
            const { length } = wire.sent
            const { now } = inside(paxos)
            wire.now = when
            wire.until(() => paxos.contact().freshAt !== null)
            const told = wire.sent.slice(length).filter(({ request }) => request.to.id === 'c')
            assert.ok((told.at(-1)?.request.echo ?? 0) > now)
        }
    })

    test('is unknown in a new process', () => {
        const { wire } = quartet()
        const { paxos } = wire.of('c')
        paxos.revive(wire.now + 1)
        assert.equal(paxos.contact().freshAt, null)
    })

    test('counts no echo of an answer of the earlier process', () => {
        const { wire } = quartet(2)
        const { paxos } = wire.of('c')
        // A crash undoes the last seconds of the journal. Their answers have left.
        const journal = paxos.state()
        wire.pass(5000)
        const late = wire.sent.findLast(({ request }) => request.to.id === 'c') ?? assert.fail()
        paxos.recall(journal)
        paxos.revive(wire.now)
        const { echo = 0 } = late.request
        while (inside(paxos).now <= echo) {
            wire.now += 400
            paxos.request(wire.now, late.request)
            assert.equal(paxos.contact().freshAt, null)
        }
        wire.until(() => paxos.contact().freshAt !== null)
    })

    test('needs no field of members of an earlier version', () => {
        const { wire } = quartet()
        const { freshness: _, ...state } = wire.of('c').paxos.state()
        const peers = state.peers.map(({ echo: __, ...peer }) => peer)
        const paxos = Paxos.restore({ ...state, peers })
        assert.equal(paxos.contact().freshAt, null)
        const old = {
            id: 'c', paxos, log: [], outbox: paxos.outbox.shifter(), entries: paxos.log.shifter(),
            events: paxos.scheduler.events.shifter()
        }
        wire.members.set('c', old)
        wire.pass(1000)
        assert.notEqual(paxos.contact().freshAt, null)
    })
})
