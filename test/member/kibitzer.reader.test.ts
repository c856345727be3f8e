import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { Island } from '../support/island.js'
import { differences, replay } from '../support/recording.js'

describe('a reader that publishes from within the log', () => {
    test('keeps the order of log and played', () => {
        using island = new Island()
        island.found('a')
        const { kibitzer, recording } = island.resident('a')
        const read: string[] = []
        const played: string[] = []
        kibitzer.played.shifter().pump((input) => {
            played.push(input?.method ?? 'end')
        })
        kibitzer.log.shifter().pump((entry) => {
            read.push(entry?.promise ?? 'end')
            if (entry?.method === 'entry' && read.length < 20) {
                kibitzer.publish(`${entry.body.body}+`)
                kibitzer.publish(`${entry.body.body}-`)
            }
        })
        kibitzer.publish('x')
        for (let turn = 0; turn < 20; turn++) {
            endTurn()
        }
        const promises = recording.log.map(({ promise }) => promise)
        assert.deepEqual(read, promises.slice(1))
        assert.deepEqual(played, recording.played.map(({ method }) => method).slice(2))
        const numbers = promises.slice(1).map((promise) => Number.parseInt(promise.slice(2), 16))
        assert.deepEqual(numbers, numbers.map((_, index) => index + 1))
        assert.deepEqual(recording.values.slice(0, 4), ['x', 'x+', 'x-', 'x++'])
        const replayed = replay({ id: 'a' }, recording.played)
        assert.deepEqual(differences(recording.output, replayed), [])
    })

    test('at each member publishes each answer once, in one order', () => {
        using island = new Island()
        island.settle('a', 'b', 'c')
        for (const { kibitzer } of island.residents) {
            kibitzer.log.shifter().pump((entry) => {
                if (entry?.method === 'entry' && entry.body.body === 'call') {
                    kibitzer.publish(`answer of ${kibitzer.id}`)
                }
            })
        }
        island.kibitzer('c').publish('call')
        island.kibitzer('b').publish('call')
        island.level()
        const [first, ...others] = island.residents.map(({ recording }) => recording.values)
        for (const id of ['a', 'b', 'c']) {
            assert.equal(first?.filter((value) => value === `answer of ${id}`).length, 2)
        }
        assert.deepEqual(others, [first, first])
    })

    test('sees every input before its entries', () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const seen: string[] = []
        kibitzer.played.shifter().pump((input) => {
            seen.push(input?.method === 'publish' ? `publish ${input.body}` : 'other')
        })
        kibitzer.log.shifter().pump((entry) => {
            seen.push(entry?.method === 'entry' ? `entry ${entry.body.body}` : 'other')
        })
        kibitzer.publish('x')
        endTurn()
        kibitzer.publish('y')
        endTurn()
        assert.deepEqual(seen.filter((each) => each !== 'other'), [
            'publish x', 'entry x', 'publish y', 'entry y'
        ])
    })

    test('may react to an input on the played queue', () => {
        using island = new Island()
        island.found('a')
        const { kibitzer, recording } = island.resident('a')
        kibitzer.played.shifter().pump((input) => {
            if (input?.method === 'publish' && input.body === 'x') {
                kibitzer.publish('from played')
            }
        })
        kibitzer.publish('x')
        endTurn()
        endTurn()
        assert.deepEqual(recording.values, ['x', 'from played'])
        const replayed = replay({ id: 'a' }, recording.played)
        assert.deepEqual(differences(recording.output, replayed), [])
    })
})
