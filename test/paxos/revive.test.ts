import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Islander } from '../../src/publisher/islander.js'
import type { Request } from '../../src/paxos/messages/messages.js'
import { Paxos } from '../../src/paxos/paxos.js'
import { apply } from '../../src/member/apply-input.js'
import { drain } from '../support/alone.js'
import { Trio } from './trio.js'

const HOUR = 3_600_000

/** Three engines of version 1 with their seats. */
function seatedTrio(): Trio {
    const trio = new Trio()
    trio.found()
    for (let ping = 0; ping < 4; ping++) {
        trio.ping()
        trio.talk()
    }
    return trio
}

function standings(requests: readonly Request[]): readonly (number | null)[] {
    return requests.map(({ standing }) => standing)
}

describe('a leader after a restart', () => {
    test('leads, and asks its majority at once, without a standing', () => {
        const trio = seatedTrio()
        assert.equal(trio.leader.government.majority.length, 2)
        trio.leader.revive(trio.now + HOUR)
        const asked = trio.take(0).flatMap(({ envelopes }) => envelopes)
        assert.equal(trio.leader.inspect().role, 'leader')
        assert.deepEqual(asked.map(({ to }) => to), ['1'])
        assert.deepEqual(standings(asked.map(({ request }) => request)), [null])
    })

    test('is in good standing again after a majority has accepted', () => {
        const trio = seatedTrio()
        trio.now += HOUR
        trio.leader.revive(trio.now)
        trio.talk()
        trio.said.length = 0
        trio.ping()
        trio.talk()
        assert.deepEqual([...new Set(standings(trio.said))], [250])
        assert.equal(trio.leader.inspect().role, 'leader')
    })

    test('collapses if no majority answers within a timeout', () => {
        const trio = seatedTrio()
        trio.now += HOUR
        const back = trio.now
        trio.leader.revive(back)
        while (trio.leader.isLeading) {
            trio.ping()
        }
        assert.equal(trio.now, back + 1000)
        assert.equal(trio.leader.inspect().role, 'candidate')
    })

    test('awaits no answer to calls from before the restart', () => {
        const trio = seatedTrio()
        trio.ping()
        const before = trio.leader.unanswered
        trio.leader.revive(trio.now)
        assert.ok(before.length > 0)
        assert.deepEqual(trio.leader.unanswered.filter((cookie) => before.includes(cookie)), [])
    })
})

describe('the calendar of a restarted member', () => {
    for (const [awayMs, how] of [[HOUR, 'later'], [-HOUR, 'by a clock that went back']] as const) {
        test(`moves along, ${how}`, () => {
            const { leader, now } = seatedTrio()
            const due = leader.scheduler.when('ping') ?? assert.fail()
            leader.revive(now + awayMs)
            assert.equal(leader.scheduler.when('ping'), due + awayMs)
        })
    }
})

describe('a follower after a restart', () => {
    test('gives its leader the remaining time from before the restart', () => {
        const trio = seatedTrio()
        const follower = trio.members[1] ?? assert.fail()
        const due = follower.scheduler.when('collapse') ?? assert.fail()
        follower.revive(trio.now + HOUR)
        const when = follower.scheduler.when('collapse') ?? assert.fail()
        assert.equal(when, due + HOUR)
        follower.scheduler.unschedule('collapse')
        follower.event({ method: 'event', now: when, when, body: 'collapse' })
        follower.scheduler.unschedule('collapse')
        follower.event({ method: 'event', now: when + 1000, when: when + 1000, body: 'collapse' })
        assert.equal(follower.isCampaigning, true)
    })
})

describe('a stranger after a restart', () => {
    test('sends nothing and has no appointment', () => {
        const stranger = new Paxos(0, null, 'a')
        const outbox = stranger.outbox.shifter()
        stranger.revive(5)
        assert.deepEqual([drain(outbox), stranger.scheduler.next()], [[], null])
    })
})

test('a publisher after a restart sends a flush first', () => {
    const [paxos, islander] = [new Paxos(0, null, 'a'), new Islander('a')]
    const outbox = islander.outbox.shifter()
    islander.push({
        method: 'government', promise: '1/0', body: {
            promise: '1/0', majority: ['a'], minority: [], map: {}, naturalize: null, exile: null,
            promote: null, demote: null, immigrate: { id: 'a', cookie: 0, properties: null }
        }
    })
    islander.publish('x')
    assert.equal(drain(outbox).length, 1)
    apply(paxos, islander, { module: 'kibitz', method: 'revive', when: 1, body: {} })
    const [flush] = drain(outbox)
    assert.deepEqual(flush?.messages.map(({ body }) => body), [null])
    assert.equal(islander.awaited, flush?.cookie)
    apply(paxos, islander, { module: 'kibitz', method: 'revive', when: 2, body: {} })
    assert.deepEqual([islander.awaited, islander.isWaiting], [null, true])
})
