import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { REPUBLIC, type Message, Wire } from '../wire.js'

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
        test(`reports itself left behind, and the leader exiles the member: ${patience}`, () => {
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

    test('makes few calls and does not campaign while no majority can exile the member', () => {
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

    test('is exiled at last, even if the patience of the leader never ends', () => {
        const wire = lagging(1e9, 50)
        const c = wire.of('c').paxos
        wire.until(() => c.inspect().leftBehind.includes('c'))
        wire.until(() => c.exiled || c.inspect().leftBehind.length === 0)
        assert(c.exiled)
    })
})

describe('a member with a leader and with a feeder that lacks the entries', () => {
    /**
     * The constituent `d` was cut off while its feeder `c` left, and while a newcomer took the
     * place of the feeder. The log of the newcomer begins behind the log of `d`. Now only the link
     * between `d` and the leader is cut, and `b` holds the entries.
     */
    function misfed(newcomer: string): Wire {
        const wire = new Wire({ patience: 1e9, parliamentSize: 3, highestVersion: 2 })
        wire.version = 2
        wire.settle('a', 'b', 'c', 'd')
        const { leader } = wire
        assert.deepEqual(wire.of('d').paxos.government.constituents, ['d'])
        wire.delay = ({ from, to }) => (from === 'd' || to === 'd' ? null : 0)
        assert(wire.propose(leader, 1, range(4)))
        wire.of('c').paxos.leave(wire.now)
        wire.until(() => wire.of('c').paxos.exiled)
        const { paxos } = wire.add(newcomer)
        paxos.join(REPUBLIC, 'anew')
        leader.paxos.immigrate(wire.now, REPUBLIC, {
            id: newcomer, cookie: 'anew', properties: { at: newcomer }, naturalized: true,
            versions: [1, 2]
        })
        wire.until(() => leader.paxos.government.minority.includes(newcomer))
        assert.deepEqual(leader.paxos.government.constituents, ['d'])
        assert(paxos.committed === leader.paxos.committed)
        return wire
    }

    function isCut({ from, to }: Message): boolean {
        return (from === 'a' && to === 'd') || (from === 'd' && to === 'a')
    }

    for (const newcomer of ['c', 'e']) {
        test(`gets the entries of another member: ${newcomer} feeds it`, () => {
            const wire = misfed(newcomer)
            const { paxos } = wire.of('d')
            const healedAt = wire.now
            wire.delay = (message) => (isCut(message) ? null : 5)
            wire.until(() => paxos.committed === wire.leader.paxos.committed)
            assert(wire.now - healedAt <= 3000, `${wire.now - healedAt} ms`)
        })

        test(`repeats the question to each member in turn: ${newcomer} feeds it`, () => {
            const wire = misfed(newcomer)
            const { paxos } = wire.of('d')
            const healedAt = wire.now
            // The member with the entries does not get the first questions.
            wire.delay = (message) => {
                const isLost = message.to === 'b' && wire.now - healedAt < 4000
                return isCut(message) || (message.from === 'd' && isLost) ? null : 5
            }
            wire.until(() => paxos.committed === wire.leader.paxos.committed)
            assert(wire.now - healedAt <= 12_000, `${wire.now - healedAt} ms`)
        })

        test(`says that no member can feed it: ${newcomer} feeds it`, () => {
            const wire = misfed(newcomer)
            const { paxos } = wire.of('d')
            wire.delay = ({ from, to }) => {
                return from === 'd' || to === 'd' ? (from + to).includes(newcomer) ? 5 : null : 0
            }
            const healedAt = wire.now
            wire.until(() => paxos.inspect().leftBehind.includes('d'))
            assert(wire.now - healedAt <= 2000, `${wire.now - healedAt} ms`)
            const from = wire.sent.length
            wire.pass(30_000)
            const calls = wire.sent.slice(from).filter((each) => each.from === 'd')
            assert(calls.length < 70, `${calls.length} calls in 30 timeouts`)
            assert.deepEqual(paxos.inspect().leftBehind, ['d'])
        })
    }
})

describe('a voter that is one government behind', () => {
    /**
     * A voter that was cut off. The entries that the voter lacks come first, and the government
     * that gave the voter's place in the majority away comes last: until the voter has all of the
     * entries, the voter does not know the government of its leader.
     */
    function outvoted(): { readonly wire: Wire; readonly cut: string } {
        const wire = new Wire({ patience: 1e9, parliamentFloor: 3, batch: 2 })
        wire.settle('a', 'b', 'c')
        const { leader } = wire
        const [, cut = ''] = leader.paxos.government.majority
        const { government } = wire.of(cut).paxos
        wire.delay = ({ from, to }) => (from === cut || to === cut ? null : 0)
        for (let first = 1; first < 1000; first += 100) {
            assert(wire.propose(leader, first, range(100)))
        }
        wire.until(() => leader.paxos.government.promise !== government.promise)
        wire.pass(2000)
        assert.equal(wire.of(cut).paxos.government.promise, government.promise)
        assert.equal(wire.of(cut).paxos.inspect().role, 'candidate')
        return { wire, cut }
    }

    test('does not canvass while the leader of a later government sends entries', () => {
        const { wire, cut } = outvoted()
        const { leader } = wire
        const { paxos } = wire.of(cut)
        let fedAt = Number.POSITIVE_INFINITY
        // A round trip takes 800 ms: the voter is behind for several timeouts.
        wire.delay = ({ from, to, request: { method, standing }, answer }) => {
            const isRun = method === 'register' || method === 'synchronize'
            if (to === cut && isRun && standing !== null && answer === undefined) {
                fedAt = Math.min(fedAt, wire.now + 400)
            }
            return from === cut || to === cut ? 400 : 0
        }
        wire.until(() => paxos.committed === leader.paxos.committed)
        assert(wire.now - fedAt > 3000, `level ${wire.now - fedAt} ms after the first run`)
        wire.pass(3000)
        const asked = wire.sent.filter(({ at, from, request: { method } }) => {
            return at > fedAt && from === cut && (method === 'canvass' || method === 'prepare')
        })
        assert.deepEqual(asked, [])
        assert.equal(wire.leader, leader)
    })

    test('canvasses each other voter once a ping at most while only answers bring entries', () => {
        const { wire, cut } = outvoted()
        const { paxos } = wire.of(cut)
        // No request reaches the voter. The answers to its own requests bring the entries.
        wire.delay = ({ from, to, answer }) => {
            const isCut = from === cut || to === cut
            return to === cut && answer === undefined ? null : isCut ? 20 : 0
        }
        const healedAt = wire.now
        wire.until(() => paxos.committed === wire.leader.paxos.committed)
        const asked = wire.sent.filter(({ at, from, request: { method } }) => {
            return at > healedAt && from === cut && method === 'canvass'
        })
        const pings = Math.ceil((wire.now - healedAt) / 250)
        assert(asked.length <= 2 * pings, `${asked.length} canvasses in ${pings} pings`)
    })
})

describe('a member makes no storm of calls', () => {
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
        test(`if the network loses ${name}`, () => {
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
