import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Played } from '../../src/index.js'
import { FIRST_VERSION } from '../../src/paxos/membership/versions.js'
import type { HistoryEvent } from '../../src/replay/joined-history.js'
import { JoinedHistory } from '../../src/replay/joined-history.js'
import type { Replayer } from '../../src/replay/replayer.js'
import { at } from '../support/island.js'
import { publishAll, RUNS } from '../support/runs.js'
import { island, rejects, replayerOf } from './testimonies.js'
import type { Testimony } from './witness.js'

const HOUR_MS = 3_600_000

/** Three members that lose their leader; the clock of the last one is an hour ahead. */
function run(highestVersion?: number): readonly Testimony[] {
    return island((land) => {
        land.settle('a', 'b')
        const c = land.land('c', { Date: { now: () => Date.now() + HOUR_MS } })
        c.join('republic', at('a'), at('c'))
        land.until(() => c.paxos.government.promise !== '0/0')
        c.naturalize()
        publishAll(land, 10)
        land.level()
        land.crash('a')
        publishAll(land, 5)
        land.level()
    }, highestVersion)
}

function replayers(testimonies: readonly Testimony[]): Promise<readonly Replayer[]> {
    return Promise.all(testimonies.map((testimony) => replayerOf(testimony)))
}

/** The recording of an earlier package, without the numbers of calls. */
function withoutNumbers(testimony: Testimony): Testimony {
    const played = testimony.played.map((line) => {
        const input = JSON.parse(line) as Played & { body: { call?: string } }
        if (input.method === 'receive' || input.method === 'enqueue') {
            Reflect.deleteProperty(input.body, 'call')
        }
        if (input.method === 'enqueue') {
            for (const entry of input.body.entries) {
                Reflect.deleteProperty(entry, 'immigrated')
            }
        }
        return JSON.stringify(input)
    })
    return { ...testimony, played }
}

/** Checks that each event follows its cause. Returns the events. */
function checkOrder(history: JoinedHistory): readonly HistoryEvent[] {
    const events = [...history.events()]
    const seen = new Set<string>()
    for (const { member, number, cause } of events) {
        const { place } = cause
        assert.ok(place === null || seen.has(`${place.member} ${place.number}`))
        assert.ok(number === 1 || seen.has(`${member} ${number - 1}`))
        seen.add(`${member} ${number}`)
    }
    return events
}

describe('a history of several members', () => {
    const testimonies = run()

    test('joins every received call to its call, and each answer to its receipt', async () => {
        const history = await JoinedHistory.of(await replayers(testimonies))
        const { received, joined } = history.joined
        assert.ok(received > 20, String(received))
        assert.equal(joined, received)
        for (const { sent, to, received: places, answered } of history.calls) {
            for (const place of places) {
                assert.equal(to ?? place.member, place.member)
            }
            const [place] = places
            if (answered !== null && place !== undefined) {
                assert.equal(answered.member, sent.member)
                assert.deepEqual(history.cause(answered).place, place)
            }
        }
        const methods = new Set(history.calls.map(({ method }) => method))
        for (const method of ['register', 'synchronize', 'prepare', 'enqueue', 'immigrate']) {
            assert.ok(methods.has(method as 'register'), method)
        }
    })

    test('lets an observer see each step of the pass', async () => {
        const seen: { member: string, number: number, when: number }[] = []
        const history = await JoinedHistory.of(await replayers(testimonies), {
            observe: (member, { number, played: { when } }) => seen.push({ member, number, when })
        })
        for (const { member, first, last } of history.lanes) {
            const numbers = seen.filter((step) => step.member === member)
                .map(({ number }) => number)
            assert.deepEqual(numbers,
                Array.from({ length: last - first + 1 }, (_, index) => first + index))
        }
        // The members share a clock here.
        const instants = seen.map(({ when }) => when)
        assert.deepEqual(instants, instants.toSorted((one, other) => one - other))
        await assert.rejects(JoinedHistory.of(await replayers(testimonies), {
            observe: () => {
                throw new Error('enough')
            }
        }), /enough/)
    })

    test('orders by causes, and not by clocks that disagree', async () => {
        const history = await JoinedHistory.of(await replayers(testimonies))
        const events = checkOrder(history)
        assert.equal(events.length, testimonies.reduce((sum, { played }) => sum + played.length, 0))
        const isLabel = events.some(({ when }, index) => when < (events[index - 1]?.when ?? 0))
        assert.ok(isLabel, 'the instants of the members alone give another order')
        const kinds = new Set(events.map(({ cause }) => cause.kind))
        assert.deepEqual([...kinds].sort(), ['answer', 'call', 'start', 'timer', 'user'])
        assert.equal(history.clockOffset('c', 'b'), HOUR_MS)
        assert.equal(history.clockOffset('b', 'c'), -HOUR_MS)
        assert.equal(history.clockOffset('a', 'b'), 0)
    })

    test('shows governments, roles and starts', async () => {
        const history = await JoinedHistory.of(await replayers(testimonies))
        const leaders = history.governments.map(({ government }) => government.majority[0])
        assert.equal(leaders[0], 'a')
        assert.ok(leaders.at(-1) !== 'a')
        const [a, b] = history.lanes
        assert.deepEqual(a?.starts, [1])
        assert.deepEqual(a?.roles.map(({ role }) => role).slice(0, 2), ['stranger', 'leader'])
        assert.equal(b?.roles.at(0)?.role, 'stranger')
        const whole = history.governments.find(({ enacted }) => enacted.length === 3)
        assert.ok(whole !== undefined)
    })

    test('works with one member, and with a missing member', async () => {
        const [a, b, c] = await replayers(testimonies)
        assert.ok(a !== undefined && b !== undefined && c !== undefined)
        const alone = await JoinedHistory.of([b])
        checkOrder(alone)
        assert.equal(alone.lanes.length, 1)
        const pair = await JoinedHistory.of([c, b])
        checkOrder(pair)
        const { received, joined } = pair.joined
        assert.equal(joined, received)
        const toMissing = pair.calls.filter(({ to }) => to === 'a')
        assert.ok(toMissing.length > 0 && toMissing.every(({ received: places }) =>
            places.length === 0))
        await rejects(JoinedHistory.of([b, b]), 'invalid-argument', /Two recordings/)
        await rejects(JoinedHistory.of([]), 'invalid-argument', /list of replayers/)
    })

    test('joins the recordings of an earlier package by the contents of the calls', async () => {
        const old = await replayers(run(FIRST_VERSION).map(withoutNumbers))
        const history = await JoinedHistory.of(old)
        const { received, joined } = history.joined
        assert.equal(joined, received)
        assert.ok([...history.events()].length > 0)
        assert.ok(history.calls.some(({ method, received: places }) =>
            method === 'enqueue' && places.length === 1))
    })

    test('joins every received call if calls and answers are lost', async () => {
        const lossy = RUNS['lost calls, lost answers and crashes, seed 6']
        assert.ok(lossy !== undefined)
        const history = await JoinedHistory.of(await replayers(island(lossy)))
        const { received, joined } = history.joined
        assert.equal(joined, received)
        assert.ok(history.calls.some(({ received: places }) => places.length === 0))
        assert.ok(history.calls.some(({ received: places, answered }) =>
            places.length !== 0 && answered === null))
        checkOrder(history)
    })
})
