import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Government } from '../../src/paxos/messages/messages.js'
import { type EnqueueAnswer, Relay } from '../../src/member/relay.js'
import { type Fate, Island, type Passage } from '../support/island.js'

const GOVERNMENT = { majority: ['a', 'b'], minority: ['c'], constituents: ['d', 'e'] }

/** The way of a dispatch of `d`. */
function way(relay: Relay, failures: number, government: object = GOVERNMENT): readonly string[] {
    return relay.chooseMembers(government as Government, 'd', failures).members
}

const LOST: EnqueueAnswer = { promises: null, refused: null, isAnswered: false }
const REFUSED: EnqueueAnswer = { promises: null, refused: '403', isAnswered: true }
const NOT_TAKEN: EnqueueAnswer = { promises: null, refused: null, isAnswered: true }
const TAKEN: EnqueueAnswer = { promises: { 1: '1/1' }, refused: null, isAnswered: true }

/** A Relay of `d` that reaches the leader through `b`. */
function relaying(): Relay {
    const relay = new Relay()
    const route = relay.chooseMembers(GOVERNMENT as unknown as Government, 'd', 1)
    assert.deepEqual(route.members, ['a', 'b'])
    assert.deepEqual(route.onAnswer('b', TAKEN), { promises: { 1: '1/1' } })
    assert.equal(route.onAnswer('a', LOST), null)
    assert.equal(relay.through, 'b')
    return relay
}

describe('Relay.chooseMembers', () => {
    test('chooses only the leader until a dispatch fails', () => {
        const relay = new Relay()
        assert.deepEqual([way(relay, 0), way(relay, 0)], [['a'], ['a']])
        assert.equal(relay.through, null)
    })

    test('chooses the leader and each other citizen in turn after failures', () => {
        const relay = new Relay()
        const ways = [1, 2, 3, 4].map((failures) => way(relay, failures))
        assert.deepEqual(ways, [['a', 'b'], ['a', 'c'], ['a', 'e'], ['a', 'b']])
    })

    test('begins with the citizen that called last', () => {
        const relay = new Relay()
        relay.onCallFrom('e')
        assert.deepEqual([1, 2].map((failures) => way(relay, failures)), [['a', 'e'], ['a', 'b']])
        const stranger = new Relay()
        stranger.onCallFrom('z')
        assert.deepEqual(way(stranger, 1), ['a', 'b'])
    })

    test('chooses only the leader if no other citizen exists', () => {
        const government = { majority: ['a', 'd'], minority: [], constituents: [] }
        assert.deepEqual(way(new Relay(), 3, government), ['a'])
    })

    test('chooses the relay, and also the leader for one dispatch of 16', () => {
        const relay = relaying()
        const ways = Array.from({ length: 17 }, () => way(relay, 0).join(' '))
        assert.deepEqual(ways, [...Array(15).fill('b'), 'a b', 'b'])
    })

    test('returns to the leader when the leader answers or changes', () => {
        for (const answer of [TAKEN, NOT_TAKEN, REFUSED]) {
            const relay = relaying()
            relay.chooseMembers(GOVERNMENT as unknown as Government, 'd', 1).onAnswer('a', answer)
            assert.deepEqual([relay.through, way(relay, 0)], [null, ['a']])
        }
        const relay = relaying()
        assert.deepEqual(way(relay, 0, { ...GOVERNMENT, majority: ['c', 'b'] }), ['c'])
    })

    test('drops a relay that is exiled', () => {
        const relay = relaying()
        const ways = [way(relay, 0, { majority: ['a'], minority: ['c'], constituents: ['d', 'e'] })]
        ways.push(way(relay, 0))
        assert.deepEqual([ways, relay.through], [[['a', 'c'], ['a']], null])
    })

    test('sets no relay if the leader answered first', () => {
        const relay = new Relay()
        const first = relay.chooseMembers(GOVERNMENT as unknown as Government, 'd', 1)
        assert.equal(first.onAnswer('a', NOT_TAKEN), null)
        assert.deepEqual(first.onAnswer('b', TAKEN), { promises: { 1: '1/1' } })
        assert.equal(relay.through, null)
    })

    test('ends a dispatch once: at the first promises, or at the last answer', () => {
        const begin = () => new Relay().chooseMembers(GOVERNMENT as unknown as Government, 'd', 1)
        const lost = begin()
        const ends = [lost.onAnswer('b', LOST), lost.onAnswer('a', LOST)]
        assert.deepEqual(ends, [null, { promises: null }])
        const refused = begin()
        const end = { promises: null, refused: '403' }
        assert.deepEqual([refused.onAnswer('a', REFUSED), refused.onAnswer('b', LOST)], [null, end])
        const taken = begin()
        const receipts = { promises: { 1: '1/1' } }
        assert.deepEqual([taken.onAnswer('a', TAKEN), taken.onAnswer('b', TAKEN)], [receipts, null])
    })
})

/** Loses the calls between two members, both ways, or those from the first to the second. */
function cut(one: string, other: string, isBothWays: boolean = true): (passage: Passage) => Fate {
    return ({ from, to }) => {
        const isCut = (from === one && to === other) ||
            (isBothWays && from === other && to === one)
        return isCut ? 'lost' : null
    }
}

/** The calls of `enqueue` that were made since, as `from→to hops`. */
function enqueues({ passages }: Island, since: number): string[] {
    return passages.slice(since).flatMap(({ from, to, call }) =>
        call.method === 'enqueue' ? [`${from}→${to} ${call.body.hops ?? 0}`] : [])
}

/** The published values on the log of a member, in order. */
function values(island: Island, id: string): unknown[] {
    return island.resident(id).recording.log.flatMap(({ body }) =>
        'cookie' in body && body.body !== null ? [body.body] : [])
}

const IDS = ['a', 'b', 'c', 'd', 'e'] as const

describe('a citizen whose link to the leader alone is cut', () => {
    for (const [rank, pick] of [
        ['a voter of the majority', (government: Government) => government.majority[1]],
        ['a voter of the minority', (government: Government) => government.minority[0]],
        ['a constituent', (government: Government) => government.constituents[0]]
    ] as const) {
        for (const isBothWays of [true, false]) {
            const ways = isBothWays ? 'both ways' : 'one way'
            test(`publishes through another citizen: ${rank}, cut ${ways}`, () => {
                using island = new Island({ parliamentSize: 3 })
                const [leader] = island.settle(...IDS)
                assert.ok(leader?.paxos.isLeading)
                const citizen = pick(leader.paxos.government) ?? assert.fail()
                island.fate = cut(citizen, 'a', isBothWays)
                const kibitzer = island.kibitzer(citizen)
                const sent = Array.from({ length: 40 }, (_, index) => `${citizen} ${index}`)
                let settled = 0
                for (const value of sent) {
                    kibitzer.publish(value)
                    kibitzer.barrier()
                    island.until(() => kibitzer.status().pending === 0)
                    settled++
                }
                assert.equal(settled, sent.length)
                assert.notEqual(kibitzer.status().relay, null)
                island.level()
                for (const id of IDS) {
                    assert.deepEqual(values(island, id), sent, 'each value is there once')
                }
            })
        }
    }

    test('sends batches that a relay passes on at most once', () => {
        using island = new Island({ parliamentSize: 3 })
        island.settle(...IDS)
        // Each citizen is cut from the leader: no batch arrives, and no batch travels on and on.
        island.fate = ({ from, to, call }) =>
            to === 'a' && from !== 'a' && call.method === 'enqueue' ? 'lost' : null
        const since = island.passages.length
        island.kibitzer('e').publish('x')
        island.pass(3000)
        const calls = enqueues(island, since)
        const relays = calls.filter((call) => call.endsWith('1'))
        assert.ok(relays.length > 1 && relays.every((call) => call.endsWith('→a 1')))
        assert.ok(calls.every((call) => call.startsWith('e→') || call.endsWith('→a 1')))
        // The publisher paces itself: the delay between two tries doubles.
        assert.ok(calls.length < 24, calls.join(', '))
        island.fate = () => null
        island.level()
        assert.deepEqual(values(island, 'e'), ['x'])
    })

    test('returns to the leader when the link is whole again', () => {
        using island = new Island({ parliamentSize: 3 })
        island.settle(...IDS)
        const kibitzer = island.kibitzer('e')
        const publish = (value: unknown): void => {
            kibitzer.publish(value)
            island.until(() => kibitzer.status().pending === 0)
        }
        island.fate = cut('e', 'a')
        publish('cut')
        assert.notEqual(kibitzer.status().relay, null)
        island.fate = () => null
        for (let value = 0; value < 16; value++) {
            publish(value)
        }
        island.pass(100)
        assert.equal(kibitzer.status().relay, null)
        const since = island.passages.length
        publish('whole')
        assert.deepEqual(enqueues(island, since), ['e→a 0'])
    })
})
