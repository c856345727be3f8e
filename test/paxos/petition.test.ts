import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Message, Wire } from './wire.js'

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

/** Three voters with a short history. One of the voters was cut off while the others wrote on. */
function lagging(patience: number, history: number): Wire {
    const options = { history, patience, parliamentFloor: 3, batch: 8, window: 4 }
    const wire = new Wire(options)
    const [a] = wire.settle('a', 'b', 'c')
    assert(a !== undefined)
    wire.delay = ({ from, to }) => (from === 'c' || to === 'c' ? null : 0)
    wire.pass(2000)
    const { leader } = wire
    for (let first = 1; first < 400; first += 20) {
        assert(wire.propose(leader, first, range(20)))
        wire.pass(50)
    }
    assert.equal(wire.leader.paxos.inspect().role, 'leader')
    wire.delay = () => 0
    return wire
}

describe('a member that no other member can feed', () => {
    for (const patience of [8000, 1e9]) {
        test(`knows at once, and so does the leader, which exiles it: ${patience}`, () => {
            const wire = lagging(patience, 50)
            const c = wire.of('c').paxos
            const { sent } = wire
            const healedAt = wire.now
            wire.until(() => c.inspect().leftBehind.includes('c'))
            assert.deepEqual(c.inspect().leftBehind, ['c'])
            assert(wire.now - healedAt <= 1500, 'within the pause between two tries')
            assert.notEqual(c.inspect().role, 'candidate')
            wire.until(() => wire.leader.paxos.inspect().leftBehind.includes('c') || c.exiled)
            wire.until(() => c.exiled)
            assert(wire.now - healedAt <= 4000)
            assert.deepEqual(wire.leader.paxos.inspect().leftBehind, [])
            const calls = sent.filter(({ at, from }) => from === 'c' && at > healedAt)
            assert(calls.length < 12, `${calls.length} calls`)
        })
    }

    test('keeps quiet as long as nothing changes', () => {
        const wire = lagging(1e9, 50)
        const c = wire.of('c').paxos
        wire.until(() => c.inspect().leftBehind.includes('c'))
        // The third voter dies: the exile has no majority, and the state lasts.
        const dead = ['a', 'b'].find((id) => id !== wire.leader.id)
        wire.delay = ({ from, to }) => (from === dead || to === dead ? null : 0)
        const from = wire.sent.length
        wire.pass(30_000)
        const calls = wire.sent.slice(from).filter((each) => each.from === 'c')
        assert(calls.length < 70, `${calls.length} calls in 30 timeouts`)
        assert.deepEqual(c.inspect().leftBehind, ['c'])
        assert.notEqual(c.inspect().role, 'candidate')
    })

    test('is no longer left behind once another member gives it entries', () => {
        const wire = lagging(1e9, 50)
        const c = wire.of('c').paxos
        wire.until(() => c.inspect().leftBehind.includes('c'))
        wire.until(() => c.exiled || c.inspect().leftBehind.length === 0)
        assert(c.exiled)
    })
})

describe('a voter that is one government behind', () => {
    test('does not canvass while the leader of a later government feeds it', () => {
        const wire = new Wire({ patience: 1e9, parliamentFloor: 3, batch: 32 })
        wire.settle('a', 'b', 'c')
        const { leader } = wire
        const [, cut = ''] = leader.paxos.government.majority
        const b = wire.of(cut).paxos
        wire.delay = ({ from, to }) => (from === cut || to === cut ? null : 0)
        wire.pass(2000)
        assert.notEqual(leader.paxos.government.promise, b.government.promise)
        for (let first = 1; first < 1000; first += 100) {
            assert(wire.propose(leader, first, range(100)))
            wire.pass(50)
        }
        // A run every 800 ms: the voter is behind for many timeouts.
        const healed = wire.sent.length
        wire.delay = ({ from, to }) => (from === cut || to === cut ? 400 : 0)
        wire.until(() => b.committed === leader.paxos.committed)
        wire.pass(3000)
        const asked = wire.sent.slice(healed).filter(({ from, request: { method } }) => {
            return from === cut && method === 'canvass'
        })
        assert(asked.length <= 6, `${asked.length} canvasses`)
        assert.equal(leader.paxos.government.promise, wire.leader.paxos.government.promise)
    })
})

describe('no state of a member is a storm', () => {
    /** Whether a message is lost between the two sides. */
    type Split = (message: Message) => boolean
    const link = (one: string, other: string): Split => ({ from, to }) =>
        (from === one && to === other) || (from === other && to === one)
    const cuts: Readonly<Record<string, Split>> = {
        'all links': () => true,
        'the link to the leader': link('a', 'b'),
        'the link between two followers': link('b', 'c'),
        'answers': ({ answer }) => answer !== undefined,
        'answers of one member': ({ answer, to }) => answer !== undefined && to === 'b',
        'requests to one member': ({ answer, to }) => answer === undefined && to === 'b',
        'requests of one member': ({ answer, from }) => answer === undefined && from === 'b'
    }
    for (const [name, isCut] of Object.entries(cuts)) {
        test(`where ${name} are cut`, () => {
            const wire = new Wire({ patience: 1e9, parliamentFloor: 3 })
            wire.settle('a', 'b', 'c', 'd')
            wire.delay = (message) => (isCut(message) ? null : 5)
            const from = wire.sent.length
            wire.pass(20_000)
            // A ping every 250 ms to three members makes twelve calls a second.
            for (const id of ['a', 'b', 'c', 'd']) {
                const calls = wire.sent.slice(from).filter((each) => each.from === id)
                assert(calls.length <= 20 * 20, `${id}: ${calls.length} calls in 20 s`)
            }
        })
    }
})
