import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Request } from '../../src/paxos/messages/messages.js'
import { header, type Member, Wire } from './wire.js'

/** The timeout of every member here. */
const TIMEOUT = 1000

/** What a feeder tells a member: the standing of a leader, and entries that have no place here. */
function word(from: Member, to: Member, standing: number | null): Request {
    const previous = from.paxos.committed
    const request = { method: 'synchronize', welcome: null, previous, entries: [] } as const
    return { ...header(from, to), ...request, standing }
}

/** When a member asked for votes, from an instant on. */
function campaigns(wire: Wire, { id }: Member, since: number): number[] {
    return wire.sent.flatMap(({ at, from, request: { method } }) => {
        const isCampaign = method === 'canvass' || method === 'prepare'
        return isCampaign && from === id && at >= since ? [at] : []
    })
}

describe('a leader that others have deposed', () => {
    /** The process of a leader pauses. The others elect a leader, which writes on. */
    function deposed(): { wire: Wire, paused: Member, leader: Member } {
        const wire = new Wire()
        const [paused] = wire.settle('l', 'm', 'x')
        assert(paused !== undefined)
        wire.members.delete('l')
        wire.delay = ({ from, to }) => from === 'l' || to === 'l' ? null : 0
        wire.until(() => wire.of('m').paxos.isLeading || wire.of('x').paxos.isLeading)
        const { leader } = wire
        wire.members.set('l', paused)
        assert.equal(paused.paxos.inspect().role, 'leader')
        return { wire, paused, leader }
    }

    test('steps down at the first word of the new leader, however far its log lags', () => {
        const { wire, paused, leader } = deposed()
        const toldAt = wire.now
        paused.paxos.request(wire.now, word(leader, paused, 100))
        assert.equal(paused.paxos.inspect().role, 'citizen')
        const { isLed, leaderSeenMs } = paused.paxos.contact()
        assert.deepEqual({ isLed, leaderSeenMs }, { isLed: true, leaderSeenMs: 100 })
        // No other word arrives: the member canvasses, but not before the word is too old.
        wire.pass(2 * TIMEOUT)
        const [first = 0] = campaigns(wire, paused, toldAt)
        assert(first >= toldAt + TIMEOUT - 100, `after ${first - toldAt} ms`)
        assert(first < toldAt + 1.5 * TIMEOUT, `after ${first - toldAt} ms`)
    })

    test('goes on at the word of a feeder that knows no leader in good standing', () => {
        for (const standing of [null, TIMEOUT]) {
            const { wire, paused, leader } = deposed()
            paused.paxos.request(wire.now, word(leader, paused, standing))
            assert.equal(paused.paxos.inspect().role, 'leader')
        }
    })
})

describe('a leader', () => {
    test('goes on at the echo of its own standing', () => {
        const wire = new Wire()
        const [leader, m] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined && m !== undefined)
        leader.paxos.request(wire.now, word(m, leader, 100))
        assert.equal(leader.paxos.inspect().role, 'leader')
    })
})

describe('a candidate', () => {
    /** A voter that canvasses: no message reaches the voter. */
    function canvassing(): { wire: Wire, candidate: Member, leader: Member } {
        const wire = new Wire()
        const [leader, , candidate] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined && candidate !== undefined)
        wire.delay = ({ from, to }) => from === 'x' || to === 'x' ? null : 0
        wire.until(() => candidate.paxos.isCampaigning)
        return { wire, candidate, leader }
    }

    test('gives up at the word of a feeder, and asks no more voters while the word counts', () => {
        const { wire, candidate, leader } = canvassing()
        const toldAt = wire.now
        candidate.paxos.request(wire.now, word(leader, candidate, 300))
        assert.equal(candidate.paxos.isCampaigning, false)
        wire.pass(2 * TIMEOUT)
        const [first = 0] = campaigns(wire, candidate, toldAt + 1)
        assert(first >= toldAt + TIMEOUT - 300, `after ${first - toldAt} ms`)
        assert(first < toldAt + 1.5 * TIMEOUT, `after ${first - toldAt} ms`)
    })

    test('goes on at the word of a feeder that knows no leader in good standing', () => {
        for (const standing of [null, TIMEOUT]) {
            const { wire, candidate, leader } = canvassing()
            candidate.paxos.request(wire.now, word(leader, candidate, standing))
            assert.equal(candidate.paxos.isCampaigning, true)
        }
    })
})
