import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WireCall } from '../../src/guard/envelope.js'
import { type Peer, TURNED_AWAY } from '../../src/transport/authenticated-peer.js'
import { at, Island } from '../support/island.js'
import { state } from '../support/refusal.js'

/** Three members with a history, of whom a leads. */
function settled(): Island {
    const island = new Island()
    island.settle('a', 'b', 'c')
    island.kibitzer('b').publish('x')
    island.level()
    return island
}

/** The last call of a method by one member to another, as it was made. */
function callOf(island: Island, method: WireCall['method'], from: string): WireCall {
    const passage = island.passages.findLast((each) => {
        return each.from === from && each.call.method === method
    })
    assert.ok(passage !== undefined)
    return passage.call
}

function immigration(id: string, hops: number): object {
    const body = { republic: 'republic', id, cookie: 'fresh', properties: at(id), hops }
    return { module: 'kibitz', method: 'immigrate', to: at('a'), body }
}

/** What a member answers to a call that is proven to be of somebody; none is waited for. */
function answerOf(island: Island, id: string, call: unknown, peer: Peer | undefined): unknown {
    let answer: unknown = 'none'
    island.kibitzer(id).request(call, { peer }, (_error, result) => {
        answer = result
    })
    return answer
}

/** Puts a call to a member, which takes it for what it says. */
function assertTaken(island: Island, id: string, call: unknown, peer: Peer): void {
    const { played } = island.resident(id).recording
    const inputs = played.length
    const before = island.kibitzer(id).status().rejected
    answerOf(island, id, call, peer)
    assert.ok(island.resident(id).recording.played.length > inputs)
    assert.deepEqual(island.kibitzer(id).status().rejected, before)
}

/** Puts a call to a member, which sees that it is of another than it says. */
function assertSeenThrough(island: Island, id: string, call: unknown, peer: Peer): void {
    const { kibitzer, recording } = island.resident(id)
    const before = state(kibitzer)
    const inputs = recording.played.length
    const counted = kibitzer.status().rejected['other-peer'] ?? 0
    assert.equal(answerOf(island, id, call, peer), null)
    assert.equal(state(kibitzer), before)
    assert.equal(recording.played.length, inputs)
    assert.equal(kibitzer.status().rejected['other-peer'], counted + 1)
}

describe('a call that is proven to be of a peer', () => {
    test('is taken where it says the same, of the republic or of any', () => {
        using island = settled()
        for (const peer of [{ id: 'a' }, { id: 'a', republic: 'republic' }]) {
            assertTaken(island, 'b', callOf(island, 'receive', 'a'), peer)
        }
        assertTaken(island, 'a', callOf(island, 'enqueue', 'b'), { id: 'b' })
        assertTaken(island, 'a', immigration('d', 0), { id: 'd', republic: 'republic' })
    })

    test('is turned away where an engine says that it is another', () => {
        using island = settled()
        const call = callOf(island, 'receive', 'a')
        for (const id of ['b', 'c', 'd', 'A', 'a ']) {
            assertSeenThrough(island, 'b', call, { id })
        }
    })

    test('is taken where a citizen passes a batch on, once', () => {
        using island = settled()
        const call = callOf(island, 'enqueue', 'b') as Extract<WireCall, { method: 'enqueue' }>
        const passedOn = { ...call, body: { ...call.body, hops: 1 } }
        assertTaken(island, 'a', passedOn, { id: 'c' })
        assertSeenThrough(island, 'a', passedOn, { id: 'd' })
        assertSeenThrough(island, 'a', { ...call, body: { ...call.body, hops: 0 } }, { id: 'c' })
    })

    test('is turned away where somebody publishes for another', () => {
        using island = settled()
        const call = callOf(island, 'enqueue', 'b')
        assertSeenThrough(island, 'a', call, { id: 'c' })
        assert.equal(call.method, 'enqueue')
        const [entry] = call.method === 'enqueue' ? call.body.entries : []
        const mixed = { ...call.body, entries: [entry, { ...entry, id: 'c' }] }
        assertSeenThrough(island, 'a', { ...call, body: mixed }, { id: 'b' })
    })

    test('may be passed on by a member, and by nobody else', () => {
        using island = settled()
        assertSeenThrough(island, 'a', immigration('d', 0), { id: 'b' })
        assertSeenThrough(island, 'a', immigration('d', 1), { id: 'e' })
        assertSeenThrough(island, 'a', immigration('d', 1), { id: 'constructor' })
        assertTaken(island, 'a', immigration('d', 1), { id: 'b' })
    })

    test('is turned away where the proof is for another republic', () => {
        using island = settled()
        const peer = { id: 'a', republic: 'another' }
        assertSeenThrough(island, 'b', callOf(island, 'receive', 'a'), peer)
        assertSeenThrough(island, 'a', immigration('d', 0), { id: 'd', republic: 'another' })
    })

    test('is proven for a republic that is named by a number, too', () => {
        using island = new Island()
        island.land('a').bootstrap(1_700_000_000_000, at('a'))
        const { body, ...call } = immigration('d', 0) as WireCall
        const asked = { ...call, body: { ...body, republic: 1_700_000_000_000 } }
        assertTaken(island, 'a', asked, { id: 'd', republic: '1700000000000' })
    })

    test('is taken for what it says where nothing is proven', () => {
        using island = settled()
        const call = callOf(island, 'receive', 'a')
        assert.notEqual(answerOf(island, 'b', call, undefined), null)
        let answer: unknown = null
        island.kibitzer('b').request(call, (_error, result) => {
            answer = result
        })
        assert.notEqual(answer, null)
    })
})

describe('what a transport turns away', () => {
    test('is counted by its code beside what the guard rejects', () => {
        using island = settled()
        const kibitzer = island.kibitzer('a')
        kibitzer.request('nonsense', () => {})
        for (const code of [...TURNED_AWAY, 'bad-mac' as const]) {
            kibitzer.turnAway(code, '192.0.2.1')
        }
        const counts = Object.fromEntries(TURNED_AWAY.map((code) => [code, 1]))
        assert.deepEqual(kibitzer.status().rejected, {
            ...counts, 'bad-mac': 2, 'not-an-object': 1
        })
    })
})
