import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../../src/base/monotonic.js'
import { claimsRest } from '../../../src/paxos/claims.js'
import type { Register } from '../../../src/paxos/messages/messages.js'
import { Paxos } from '../../../src/paxos/paxos.js'
import { DiskTrio } from '../disk-trio.js'

describe('a leader with a disk', () => {
    test('sends an entry before its disk answers, and counts itself after the answer', () => {
        const trio = new DiskTrio()
        trio.answering.delete(0)
        const before = trio.leader.committed
        const promise = trio.propose()
        trio.talk()
        const runs = trio.said.filter(({ method }) => method === 'register')
        assert.equal(runs.some((run) => 'entries' in run && run.entries.length === 1), true)
        assert.equal(trio.member(1).logEnd.head, promise)
        assert.deepEqual(trio.members.map(({ committed }) => committed), [before, before, before])
        trio.answer(0)
        assert.equal(trio.leader.committed, promise)
    })

    test('waits for the majority although its disk has answered', () => {
        const trio = new DiskTrio()
        const promise = trio.propose()
        trio.answer(0)
        assert.notEqual(trio.leader.committed, promise)
        assert.equal(trio.leader.disk.awaited, null)
        trio.talk()
        assert.equal(trio.leader.committed, promise)
    })

    test('takes no answer under another ballot', () => {
        const trio = new DiskTrio()
        trio.answering.delete(0)
        const promise = trio.propose()
        trio.talk()
        const { committed } = trio.leader
        trio.leader.stable(trio.now, { ballot: '9/1/0', promise, committed })
        assert.notEqual(trio.leader.committed, promise)
        trio.answer(0)
        trio.leader.stable(trio.now, { ballot: '9/1/0', promise, committed })
        assert.equal(trio.leader.disk.awaited, null, 'the answer under its ballot still counts')
        assert.equal(trio.leader.committed, promise)
    })

    test('states in each run the promise through which its disk has answered', () => {
        const trio = new DiskTrio()
        const [first, second] = [trio.propose(), trio.propose()]
        const stated = trio.takeRuns(0).map(({ stable }) => stable)
        assert.deepEqual(stated, [trio.leader.committed, trio.leader.committed])
        trio.answer(0)
        trio.propose()
        const [run] = trio.takeRuns(0)
        assert.deepEqual([run?.stable, run?.entries.length], [second, 1])
        assert.notEqual(first, second)
    })

    test('commits without its disk if a majority of other voters holds the entry', () => {
        const trio = new DiskTrio()
        trio.answering.delete(0)
        const promise = trio.propose()
        trio.talk()
        trio.ping()
        trio.talk()
        trio.ping()
        trio.talk()
        assert.equal(trio.leader.committed, promise)
    })

    test('stops writing if its disk does not answer for a timeout', () => {
        const trio = new DiskTrio()
        const others = new Set(['1', '2'])
        trio.answering.delete(0)
        trio.propose()
        const asked = trio.now
        while (trio.leader.isLeading) {
            trio.ping()
            for (const { cookie, envelopes } of trio.take(0)) {
                const answers = envelopes.filter(({ to }) => others.has(to))
                    .map(({ to, request }) => [to, trio.member(Number(to))
                        .request(trio.now, request)] as const)
                trio.leader.response(trio.now, cookie, Object.fromEntries(answers))
            }
        }
        assert.equal(trio.now - asked >= 1000, true)
        assert.equal(trio.leader.inspect().role, 'candidate')
    })

    test('tells in the minimum only what its disk knows to be committed', () => {
        const trio = new DiskTrio()
        const first = trio.propose()
        trio.talk()
        const second = trio.propose()
        trio.talk()
        for (let ping = 0; ping < 4; ping++) {
            trio.ping()
            trio.talk()
        }
        assert.equal(trio.leader.committed, second)
        const minimum = trio.said.at(-1)?.minimum ?? ''
        assert.equal(Monotonic.compare(minimum, first) <= 0, true, minimum)
    })

    test('returns from its state with the answers of its disk', () => {
        const trio = new DiskTrio()
        trio.propose()
        trio.answer(0)
        trio.propose()
        const text = JSON.stringify(trio.leader.state())
        const back = Paxos.restore(JSON.parse(text) as ReturnType<Paxos['state']>)
        assert.equal(JSON.stringify(back.state()), text)
        assert.deepEqual(back.disk, trio.leader.disk)
    })

    test('counts itself at once in a republic of version 1, and without a disk', () => {
        for (const trio of [new DiskTrio(1), new DiskTrio(2, false)]) {
            trio.answering.clear()
            const promise = trio.propose()
            const [run] = trio.takeRuns(0)
            assert.equal(run?.stable, undefined)
            assert.equal(trio.leader.disk.isEarly, false)
            trio.ping()
            trio.talk()
            assert.equal(trio.leader.committed, promise)
        }
    })
})

/** A voter that has taken a run with an entry, and its commit mark before the run. */
function voterWithRun(): {
    readonly trio: DiskTrio
    readonly voter: Paxos
    readonly before: string
    readonly promise: string
    readonly run: Register
} {
    const trio = new DiskTrio()
    const voter = trio.member(1)
    const before = voter.committed
    const promise = trio.propose()
    const [run = assert.fail()] = trio.takeRuns(0)
    voter.request(trio.now, run)
    return { trio, voter, before, promise, run }
}

describe('a voter of a majority of two', () => {
    test('commits an entry from the leader only after the leader states it', () => {
        const { trio, voter, before, promise, run } = voterWithRun()
        assert.deepEqual([voter.logEnd.head, voter.committed], [promise, before])
        voter.request(trio.now, { ...run, entries: [], previous: promise, stable: promise })
        assert.equal(voter.committed, promise)
    })

    test('tells a commit mark that came alone with the next run', () => {
        const { trio, voter, before, promise, run } = voterWithRun()
        const { claims } = voter
        const mark = { ...run, entries: [], previous: promise, stable: promise, committed: promise }
        const told = (): unknown => {
            const answer = voter.request(trio.now, mark)
            return answer !== null && 'committed' in answer ? answer.committed : null
        }
        assert.equal(told(), before)
        assert.equal(voter.committed, promise)
        assert.equal(claimsRest(claims, voter.claims), true, 'the answer waits for no record')
        const text = JSON.stringify(voter.state())
        const back = Paxos.restore(JSON.parse(text) as ReturnType<Paxos['state']>)
        assert.deepEqual([back.claims, JSON.stringify(back.state())], [voter.claims, text])
        assert.equal(told(), promise)
        assert.equal(claimsRest(claims, voter.claims), false)
    })

    test('takes a late run without a statement for its own entries only', () => {
        const { trio, voter, before, run } = voterWithRun()
        const { stable: _, ...late } = run
        voter.request(trio.now, { ...late, entries: [] })
        assert.equal(voter.committed, before)
    })
})

describe('a leader with a disk that restarts', () => {
    test('steps down, and is elected at once under a higher ballot by its own voters', () => {
        const trio = new DiskTrio()
        const before = trio.leader.logEnd.accepted
        trio.leader.revive(trio.now, true)
        assert.equal(trio.leader.inspect().role, 'candidate')
        assert.deepEqual(trio.takeRuns(0), [])
        trio.leader.revive(trio.now, true)
        trio.talk()
        assert.equal(trio.leader.inspect().role, 'leader')
        assert.equal(Monotonic.compare(trio.leader.logEnd.accepted, before) > 0, true)
        assert.equal(trio.member(1).government.majority[0], '0')
    })

    test('adopts the entries that its earlier process had sent and not written', () => {
        const trio = new DiskTrio()
        const state = JSON.stringify(trio.leader.state())
        trio.answering.delete(0)
        const promise = trio.propose()
        trio.talk()
        const back = Paxos.restore(JSON.parse(state) as ReturnType<Paxos['state']>)
        const members = trio.members as Paxos[]
        members[0] = back
        trio.take(0)
        const outbox = back.outbox.shifter()
        back.revive(trio.now, true)
        for (let message = outbox.shift(); message !== null; message = outbox.shift()) {
            const { cookie, envelopes } = message
            for (const { to, request } of envelopes) {
                const answer = trio.member(Number(to)).request(trio.now, request)
                back.response(trio.now, cookie, { [to]: answer })
            }
            if (back.disk.awaited !== null) {
                back.stable(trio.now, back.disk.awaited)
            }
        }
        assert.equal(back.isLeading, true)
        assert.equal(back.history(null)?.some((entry) => entry.promise === promise), true)
    })

    test('keeps its ballot as the only citizen, in version 1, and without a disk', () => {
        const alone = new Paxos(0, null, '0')
        alone.revive(0, true)
        alone.republic = 'r'
        alone.bootstrap(0, 'at 0', 'f', 2)
        alone.revive(1, true)
        assert.equal(alone.isLeading, true)
        for (const trio of [new DiskTrio(1), new DiskTrio(2, false)]) {
            const before = trio.leader.logEnd.accepted
            trio.leader.revive(trio.now, true)
            assert.equal(trio.leader.isLeading, true)
            assert.equal(trio.leader.logEnd.accepted, before)
        }
    })
})
