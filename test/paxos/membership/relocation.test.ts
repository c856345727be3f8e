import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jsonSize } from '../../../src/base/json-value.js'
import { Paxos } from '../../../src/paxos/paxos.js'
import { movesIn, Town } from '../town.js'
import { REPUBLIC } from '../wire.js'

describe('the number of a move', () => {
    test('rises above the number of a move that the journal has lost', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        const { paxos } = wire.of('b')
        const before = paxos.state()
        town.move(wire.of('b'), 'b2')
        wire.pass(1)
        const forgetful = Paxos.restore(before)
        forgetful.revive(wire.now)
        forgetful.move(wire.now, { at: 'b3' })
        assert.equal(forgetful.state().moves?.own?.number, 1)
        wire.until(() => town.isKnown({ b: 'b2' }))
        const { log } = wire.of('a')
        const at = log.findIndex(({ body }) => 'majority' in body && body.move !== undefined)
        const known = log.findIndex(({ promise }) => promise === forgetful.committed)
        const entries = log.slice(known + 1, at + 1).map(({ promise, previous, body }) => {
            return { promise, previous, body }
        })
        const { founding, immigrated } = forgetful
        forgetful.request(wire.now, {
            method: 'synchronize', republic: REPUBLIC, founding, welcome: null,
            from: { id: 'a', immigrated: '1/0', versions: [1, 2] }, to: { id: 'b', immigrated },
            government: '1/0', committed: entries.at(-1)?.promise ?? '', minimum: '0/0',
            standing: null, previous: forgetful.committed, entries
        })
        assert.equal(forgetful.state().moves?.own?.number, 2)
        assert.ok(forgetful.isMoving)
    })

    test('is part of the state, and of the state of a newcomer', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        town.move(wire.of('b'), 'b2')
        wire.of('b').paxos.locate(wire.now, 'c', { at: 'c' })
        const state = wire.of('b').paxos.state()
        const text = JSON.stringify(state)
        assert.equal(JSON.stringify(Paxos.restore(JSON.parse(text)).state()), text)
        wire.until(() => town.isKnown({ b: 'b2' }))
        const { census } = wire.of('c').paxos.state().citizenship
        const moved = census.find(([promise]) => promise === wire.of('b').paxos.immigrated)
        assert.equal(moved?.[1].moved, 1)
    })
})

describe('a move that is refused', () => {
    test('of a stranger, and of an exiled member', () => {
        const stranger = new Paxos(0, REPUBLIC, 'x')
        assert.equal(stranger.move(1, { at: 'x' }), 'stranger')
        const town = new Town(['a', 'b', 'c'], 1000)
        const { wire } = town
        const { paxos } = wire.of('b')
        paxos.leave(wire.now)
        wire.until(() => paxos.exiled)
        assert.equal(paxos.move(wire.now, { at: 'b2' }), 'exiled')
        paxos.locate(wire.now, 'a', { at: 'a2' })
        assert.deepEqual(paxos.addressOf('a'), { at: 'a' })
    })

    test('in a republic of version 1, which writes nothing about a move', () => {
        const town = new Town(['a', 'b', 'c'], 20_000, 1)
        const { wire } = town
        const { paxos } = wire.of('b')
        assert.equal(paxos.move(wire.now, { at: 'b2' }), 'unsupported')
        paxos.locate(wire.now, 'a', { at: 'a2' })
        assert.equal(paxos.state().moves, undefined)
        const [, request] = wire.sent.filter(({ from }) => from === 'b')
        assert.ok(request !== undefined)
        const moved = { number: 1, properties: { at: 'b2' } }
        wire.of('a').paxos.request(wire.now, { ...request.request, moved })
        wire.pass(2000)
        assert.deepEqual(movesIn(wire.of('a')), [])
    })

    test('changes nothing if the properties of all citizens would be too large', () => {
        const town = new Town(['a', 'b', 'c'])
        const { wire } = town
        const { paxos } = wire.of('b')
        const large = { at: 'b', more: 'x'.repeat(256 * 1024) }
        assert.ok(jsonSize(large) > 256 * 1024)
        assert.equal(paxos.move(wire.now, large), 'too-large')
        assert.equal(paxos.state().moves, undefined)
    })
})
