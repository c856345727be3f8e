import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WireCall } from '../../src/guard/envelope.js'
import type { Peer } from '../../src/transport/authenticated-peer.js'
import { at, Island } from '../support/island.js'
import { state } from '../support/refusal.js'

/** A republic of three members with entries; `a` leads. */
function republicOfThree(): Island {
    const island = new Island()
    island.settle('a', 'b', 'c')
    island.kibitzer('b').publish('x')
    island.level()
    return island
}

/** The last call of `method` that `from` made. */
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

/**
 * The answer of a member to a call with an authenticated peer; `'none'` if the answer is not
 * immediate.
 */
function answerTo(island: Island, id: string, call: unknown, peer: Peer | undefined): unknown {
    let answer: unknown = 'none'
    island.kibitzer(id).request(call, { peer }, (_error, result) => {
        answer = result
    })
    return answer
}

/** Asserts that a member plays the call. */
function assertPlayed(island: Island, id: string, call: unknown, peer: Peer): void {
    const { played } = island.resident(id).recording
    const inputs = played.length
    const before = island.kibitzer(id).status().rejected
    answerTo(island, id, call, peer)
    assert.ok(island.resident(id).recording.played.length > inputs)
    assert.deepEqual(island.kibitzer(id).status().rejected, before)
}

/** Asserts that a member rejects the call as `other-peer` and changes no state. */
function assertRejected(island: Island, id: string, call: unknown, peer: Peer): void {
    const { kibitzer, recording } = island.resident(id)
    const before = state(kibitzer)
    const inputs = recording.played.length
    const counted = kibitzer.status().rejected['other-peer'] ?? 0
    assert.equal(answerTo(island, id, call, peer), null)
    assert.equal(state(kibitzer), before)
    assert.equal(recording.played.length, inputs)
    assert.equal(kibitzer.status().rejected['other-peer'], counted + 1)
}

describe('the claimed sender of a call', () => {
    test('passes if it is the authenticated peer, with or without a republic', () => {
        using island = republicOfThree()
        for (const peer of [{ id: 'a' }, { id: 'a', republic: 'republic' }]) {
            assertPlayed(island, 'b', callOf(island, 'receive', 'a'), peer)
        }
        assertPlayed(island, 'a', callOf(island, 'enqueue', 'b'), { id: 'b' })
        assertPlayed(island, 'a', immigration('d', 0), { id: 'd', republic: 'republic' })
    })

    test('is rejected if an engine names another member', () => {
        using island = republicOfThree()
        const call = callOf(island, 'receive', 'a')
        for (const id of ['b', 'c', 'd', 'A', 'a ']) {
            assertRejected(island, 'b', call, { id })
        }
    })

    test('passes if a citizen passes on a batch once', () => {
        using island = republicOfThree()
        const call = callOf(island, 'enqueue', 'b') as Extract<WireCall, { method: 'enqueue' }>
        const passedOn = { ...call, body: { ...call.body, hops: 1 } }
        assertPlayed(island, 'a', passedOn, { id: 'c' })
        assertRejected(island, 'a', passedOn, { id: 'd' })
        assertRejected(island, 'a', { ...call, body: { ...call.body, hops: 0 } }, { id: 'c' })
    })

    test('is rejected if a publisher names another publisher', () => {
        using island = republicOfThree()
        const call = callOf(island, 'enqueue', 'b')
        assertRejected(island, 'a', call, { id: 'c' })
        assert.equal(call.method, 'enqueue')
        const [entry] = call.method === 'enqueue' ? call.body.entries : []
        const mixed = { ...call.body, entries: [entry, { ...entry, id: 'c' }] }
        assertRejected(island, 'a', { ...call, body: mixed }, { id: 'b' })
    })

    test('passes in an immigration that a citizen passes on, and only then', () => {
        using island = republicOfThree()
        assertRejected(island, 'a', immigration('d', 0), { id: 'b' })
        assertRejected(island, 'a', immigration('d', 1), { id: 'e' })
        assertRejected(island, 'a', immigration('d', 1), { id: 'constructor' })
        assertPlayed(island, 'a', immigration('d', 1), { id: 'b' })
    })

    test('is rejected if the peer belongs to another republic', () => {
        using island = republicOfThree()
        const peer = { id: 'a', republic: 'another' }
        assertRejected(island, 'b', callOf(island, 'receive', 'a'), peer)
        assertRejected(island, 'a', immigration('d', 0), { id: 'd', republic: 'another' })
    })

    test('passes if a number names the republic', () => {
        using island = new Island()
        island.land('a').bootstrap(1_700_000_000_000, at('a'))
        const { body, ...call } = immigration('d', 0) as WireCall
        const asked = { ...call, body: { ...body, republic: 1_700_000_000_000 } }
        assertPlayed(island, 'a', asked, { id: 'd', republic: '1700000000000' })
    })

    test('passes if the transport authenticates no peer', () => {
        using island = republicOfThree()
        const call = callOf(island, 'receive', 'a')
        assert.notEqual(answerTo(island, 'b', call, undefined), null)
        let answer: unknown = null
        island.kibitzer('b').request(call, (_error, result) => {
            answer = result
        })
        assert.notEqual(answer, null)
    })
})
