import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../../src/base/monotonic.js'
import type { Prepare, Request, Response } from '../../../src/paxos/messages/messages.js'
import { header, type Member, type Message, Wire } from '../wire.js'

// Each of these rules keeps a ballot from mixing with another ballot. A simulated republic breaks a
// rule without a consequence in almost every seed, so each test here arranges the consequence.

/** Every message is lost from now on. */
function cutAll(wire: Wire): void {
    wire.delay = () => null
}

/** One member tells another one all that the other lacks of the committed log, and no ballot. */
function tell(wire: Wire, from: Member, to: Member): void {
    const [last, ...lacking] = from.paxos.history(to.paxos.committed) ?? []
    assert(last !== undefined && lacking.length !== 0)
    to.paxos.request(wire.now, {
        ...header(from, to), method: 'synchronize', welcome: null, previous: last.promise,
        entries: lacking.map(({ promise, previous, body }) => ({ promise, previous, body }))
    })
    wire.deliverAll()
}

/** The registers among what a member sent since an instant. */
function registers(wire: Wire, from: string, since: number): Request[] {
    return wire.sent
        .filter((sent) => sent.from === from && sent.at >= since)
        .map(({ request }) => request)
        .filter(({ method }) => method === 'register')
}

/** The values that a member has seen in the log. */
function values({ log }: Member): unknown[] {
    return log.flatMap(({ body }) => 'cookie' in body ? [body.body] : [])
}

describe('a ballot that a leader promises', () => {
    /** A leader without a majority for a `timeout`, between two looks at its own standing. */
    function deserted(): { wire: Wire, leader: Member, candidate: Member } {
        const wire = new Wire()
        const [leader, , candidate] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined && candidate !== undefined)
        const looksAt = leader.paxos.scheduler.when('ping') ?? assert.fail('no ping is due')
        wire.pass(looksAt - wire.now + 100)
        assert(wire.propose(leader, 1, ['W']))
        wire.deliverAll()
        wire.pass(50)
        cutAll(wire)
        wire.pass(1000)
        assert.equal(leader.paxos.inspect().role, 'leader')
        return { wire, leader, candidate }
    }

    test('ends the leader\'s own writing at once', () => {
        const { wire, leader, candidate } = deserted()
        const { accepted } = leader.paxos.inspect()
        const ballot = `99/${candidate.paxos.immigrated}`
        const prepare: Prepare = { ...header(candidate, leader), method: 'prepare', ballot }
        assert.equal(leader.paxos.request(wire.now, prepare).method, 'promised')
        const { role, promised } = leader.paxos.inspect()
        assert.deepEqual({ role, promised }, { role: 'citizen', promised: ballot })
        assert.equal(wire.propose(leader, 2, ['E']), false)
        assert.equal(leader.paxos.inspect().accepted, accepted)
        wire.pass(200)
        assert.deepEqual(registers(wire, 'l', wire.now - 200), [])
    })
})

describe('an answer of a voter', () => {
    /** A leader that has sent a voter an entry, and the voter's answer to come. */
    function asked(): { wire: Wire, leader: Member, answered: Message } {
        const wire = new Wire()
        const [leader] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined)
        let answered: Message | null = null
        wire.delay = (message) => {
            if (message.to === 'm' && message.answer?.method === 'recorded') {
                answered ??= message
            }
            return message.from === 'l' && message.answer === undefined ? 0 : null
        }
        assert(wire.propose(leader, 1, ['E']))
        wire.deliverAll()
        assert.notEqual(leader.paxos.inspect().head, leader.paxos.committed)
        return { wire, leader, answered: answered ?? assert.fail('m answers nothing') }
    }

    /** Whether the leader commits upon the answer, or upon a variation of the answer. */
    function commits(change: object): boolean {
        const { wire, leader, answered: { cookie, answer } } = asked()
        leader.paxos.response(wire.now, cookie, { m: { ...answer, ...change } as Response })
        return leader.paxos.inspect().head === leader.paxos.committed
    }

    test('counts for the entry if the voter accepted the entry under the writer\'s ballot', () => {
        assert.equal(commits({}), true)
    })

    test('counts for nothing if the voter accepted the entry under another ballot', () => {
        const { leader: { paxos } } = asked()
        const [, ...by] = paxos.inspect().accepted.split('/')
        for (const accepted of [`1/9/0`, `0/${by.join('/')}`, `99/${by.join('/')}`]) {
            assert.equal(commits({ accepted }), false, accepted)
        }
    })

    test('counts for nothing if the voter has promised another ballot', () => {
        assert.equal(commits({ ballot: '99/2/0' }), false)
    })
})

describe('the first run under a ballot', () => {
    test('is taken as a whole: it reaches the leader\'s head, however short a run is', () => {
        const wire = new Wire({ batch: 2 })
        const [leader] = wire.settle('l', 'm', 'x')
        assert(leader !== undefined)
        cutAll(wire)
        const before = leader.paxos.inspect().accepted
        assert(wire.propose(leader, 1, ['1', '2', '3', '4', '5', '6']))
        wire.until(() => leader.paxos.isCampaigning)
        const runs: Message[] = []
        wire.delay = (message) => {
            const { request: { method }, answer, from } = message
            if (from === 'l' && method === 'register' && answer === undefined) {
                runs.push(message)
                return null
            }
            // No other member campaigns.
            return from === 'l' ? 0 : null
        }
        wire.until(() => runs.length !== 0)
        const { accepted, head } = leader.paxos.inspect()
        assert.notEqual(accepted, before)
        cutAll(wire)
        for (const to of ['m', 'x']) {
            wire.deliver(runs.find((run) => run.to === to) ?? assert.fail(`${to} is sent no run`))
            const held = wire.of(to).paxos.inspect()
            assert.deepEqual([held.accepted, held.head], [accepted, head])
        }
    })
})

describe('a campaign', () => {
    test('begins anew if the log grows: earlier promises speak of a shorter log', () => {
        const wire = new Wire()
        const [leader] = wire.settle('l', 'm', 'n', 'x', 'y')
        assert(leader !== undefined)
        const { majority, minority } = leader.paxos.government
        const [, voter = '', second = ''] = majority
        const candidate = wire.of(minority[0] ?? '')
        // The leader commits an entry that two voters hold. No other member learns of the commit.
        const { committed } = candidate.paxos
        wire.delay = ({ to, request }) => {
            return [voter, second].includes(to) && request.committed === committed ? 0 : null
        }
        assert(wire.propose(leader, 1, ['E']))
        wire.deliverAll()
        assert.notEqual(leader.paxos.committed, committed)
        // Three members grant the candidate's canvass, and one promises the candidate's ballot.
        const promised: string[] = []
        wire.delay = ({ from, to, request: { method }, answer }) => {
            const isLost = from !== candidate.id || to === 'l' ||
                (method === 'prepare' && to !== voter)
            if (!isLost && answer?.method === 'promised') {
                promised.push(answer.ballot)
            }
            return isLost ? null : 0
        }
        wire.until(() => promised.length !== 0)
        assert.equal(candidate.paxos.isCampaigning, true)
        // The log of the candidate grows.
        tell(wire, leader, candidate)
        assert.equal(candidate.paxos.committed, leader.paxos.committed)
        const before = wire.sent.length
        wire.delay = ({ from, to }) => from === candidate.id && to !== 'l' ? 0 : null
        wire.until(() => candidate.paxos.isLeading)
        const ballots = wire.sent.slice(before).flatMap(({ request }) => {
            return request.method === 'prepare' ? [request.ballot] : []
        })
        assert(ballots.length !== 0)
        for (const ballot of ballots) {
            assert(Monotonic.compare(ballot, promised[0] ?? '') > 0, `${ballot} after ${promised}`)
        }
        assert.deepEqual(values(candidate), ['E'])
    })
})

describe('a writer', () => {
    test('ends if another member\'s committed entries take the place of its suffix', () => {
        const wire = new Wire()
        const [paused] = wire.settle('l', 'm', 'x')
        assert(paused !== undefined)
        const { government } = paused.paxos
        cutAll(wire)
        assert(wire.propose(paused, 1, ['E']))
        // The process of the leader pauses: only the others elect a leader.
        wire.members.delete('l')
        wire.delay = ({ to }) => to === 'l' ? null : 0
        wire.until(() => wire.of('m').paxos.isLeading || wire.of('x').paxos.isLeading)
        const { leader } = wire
        wire.propose(leader, 1, ['F'])
        wire.deliverAll()
        wire.members.set('l', paused)
        // The first message that arrives tells what is committed, and no ballot.
        assert.equal(paused.paxos.inspect().role, 'leader')
        tell(wire, leader, paused)
        assert.notEqual(paused.paxos.government.promise, government.promise)
        assert.equal(paused.paxos.inspect().role, 'citizen')
        assert.equal(wire.propose(paused, 2, ['G']), false)
        assert.deepEqual(values(paused), ['F'])
    })
})
