import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer, type KibitzErrorCode, type KibitzerOptions } from '../../src/index.js'
import { at, Island } from '../support/island.js'
import { isRefusal, state } from '../support/refusal.js'
import '../support/silence.js'

/** A value from a program without types. */
function untyped<T>(value: unknown): T {
    return value as T
}

function nested(depth: number): unknown {
    let value: unknown = 'core'
    for (let level = 0; level < depth; level++) {
        value = [value]
    }
    return value
}

function cyclic(): unknown {
    const value: Record<string, unknown> = {}
    value['self'] = { value }
    return value
}

const OPTIONS: Readonly<Record<string, unknown>> = {
    'nothing': undefined,
    'null': null,
    'a name alone': 'a',
    'no id': {},
    'an empty id': { id: '' },
    'an id of another type': { id: 7 },
    'an id with a space': { id: 'a b' },
    'an id that is too long': { id: 'a'.repeat(129) },
    'the id __proto__': { id: '__proto__' },
    'a ping of zero': { id: 'a', ping: 0 },
    'a ping that is no number': { id: 'a', ping: '250' },
    'a ping that is not finite': { id: 'a', ping: Number.POSITIVE_INFINITY },
    'a fraction of a timeout': { id: 'a', timeout: 1000.5 },
    'a timeout below two pings': { id: 'a', ping: 600, timeout: 1000 },
    'a timeout below the default pings': { id: 'a', timeout: 400 },
    'a parliament without seats': { id: 'a', parliamentSize: 0 },
    'a floor below one seat': { id: 'a', parliamentFloor: -1 },
    'a window of none': { id: 'a', window: 0 },
    'an empty batch': { id: 'a', batch: 0 },
    'no room for proposals': { id: 'a', proposals: Number.NaN },
    'no room for publishes': { id: 'a', publishes: 0 },
    'no size at all': { id: 'a', publishSize: 0 },
    'a size that no member would take': { id: 'a', publishSize: 256 * 1024 + 1 },
    'a Date without now': { id: 'a', Date: {} },
    'no Date': { id: 'a', Date: null }
}

const NAMES: Readonly<Record<string, unknown>> = {
    'nothing': undefined,
    'null': null,
    'an empty word': '',
    'a word too long': 'r'.repeat(257),
    'a fraction': 1.5,
    'no number': Number.NaN,
    'a number too large': 2 ** 53,
    'an object': {},
    'broken Unicode': '\ud800'
}

const VALUES: readonly (readonly [string, unknown, KibitzErrorCode])[] = [
    ['null', null, 'invalid-argument'],
    ['nothing', undefined, 'invalid-argument'],
    ['a function', () => {}, 'invalid-argument'],
    ['a function within', { a: [() => {}] }, 'invalid-argument'],
    ['a symbol', Symbol('a'), 'invalid-argument'],
    ['a big integer', 1n, 'invalid-argument'],
    ['no number', Number.NaN, 'invalid-argument'],
    ['an infinity within', [Number.NEGATIVE_INFINITY], 'invalid-argument'],
    ['an invalid Date', new Date(Number.NaN), 'invalid-argument'],
    ['a Map', new Map(), 'invalid-argument'],
    ['bytes', new Uint8Array(1), 'invalid-argument'],
    ['an undefined in a list', [undefined], 'invalid-argument'],
    ['a value that holds itself', cyclic(), 'invalid-argument'],
    ['a value 300 deep', nested(300), 'invalid-argument'],
    ['a value 200,000 deep', nested(200_000), 'invalid-argument'],
    ['a word too large', 'a'.repeat(256 * 1024), 'too-large'],
    ['a list too large', Array(40_000).fill(1234567), 'too-large']
]

describe('the constructor of Kibitzer refuses', () => {
    for (const [name, options] of Object.entries(OPTIONS)) {
        test(name, () => {
            assert.throws(
                () => new Kibitzer(untyped<KibitzerOptions>(options)),
                isRefusal('invalid-argument')
            )
        })
    }

    test('no option that is undefined, and applies the default', () => {
        const options = untyped<KibitzerOptions>({ id: 'a', publishes: undefined, ping: undefined })
        const kibitzer = new Kibitzer(options)
        assert.throws(() => kibitzer.publish('a'.repeat(256 * 1024)), isRefusal('too-large'))
        kibitzer.destroy()
    })
})

describe('bootstrap and join refuse a republic with the name', () => {
    for (const [name, republic] of Object.entries(NAMES)) {
        test(name, () => {
            using island = new Island()
            const kibitzer = island.land('a')
            const before = state(kibitzer)
            const usable = untyped<string>(republic)
            assert.throws(() => kibitzer.bootstrap(usable, {}), isRefusal('invalid-argument'))
            assert.throws(() => kibitzer.join(usable, {}, {}), isRefusal('invalid-argument'))
            assert.equal(state(kibitzer), before)
            assert.equal(island.resident('a').recording.played.length, 0)
            assert.equal(island.passages.length, 0)
        })
    }

    test('but accept a number as the name', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.bootstrap(1_700_000_000_000, {})
        assert.equal(kibitzer.status().republic, 1_700_000_000_000)
        kibitzer.destroy()
    })
})

describe('publish refuses', () => {
    for (const [name, value, code] of VALUES) {
        test(name, () => {
            using island = new Island()
            const kibitzer = island.found('a')
            const before = state(kibitzer)
            assert.throws(() => kibitzer.publish(value), isRefusal(code))
            assert.equal(state(kibitzer), before)
            assert.deepEqual(island.resident('a').recording.values, [])
        })
    }

    test('no value within the limits of size and depth', async () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const value = [nested(255), 'a'.repeat(250 * 1024)]
        const published = kibitzer.publish(value)
        assert.deepEqual(await published, { promise: '1/1' })
        assert.deepEqual(island.resident('a').recording.values, [value])
    })
})

describe('a Kibitzer refuses, without a change of its state,', () => {
    test('to bootstrap twice', () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const before = state(kibitzer)
        const again = (): void => kibitzer.bootstrap('another', at('a'))
        assert.throws(again, isRefusal('already-member'))
        assert.equal(state(kibitzer), before)
    })

    test('to bootstrap after join', () => {
        using island = new Island()
        const kibitzer = island.land('a')
        kibitzer.join('republic', at('b'), at('a'))
        const before = state(kibitzer)
        assert.throws(() => kibitzer.bootstrap('republic', {}), isRefusal('already-member'))
        assert.equal(state(kibitzer), before)
    })

    test('to join after bootstrap', () => {
        using island = new Island()
        const kibitzer = island.found('a')
        const before = state(kibitzer)
        const join = (): unknown => kibitzer.join('republic', at('b'), at('a'))
        assert.throws(join, isRefusal('already-member'))
        assert.equal(state(kibitzer), before)
        assert.equal(island.passages.length, 0)
    })

    test('to bootstrap once the Kibitzer is destroyed', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.destroy()
        assert.throws(() => kibitzer.bootstrap('republic', {}), isRefusal('destroyed'))
    })

    const large = { at: 'a'.repeat(17 * 1024) }
    for (const [name, properties, code] of [
        ['functions', { at: () => {} }, 'invalid-argument'],
        ['larger than other members accept', large, 'too-large']
    ] as const) {
        test(`to bootstrap or join with properties that are ${name}`, () => {
            using island = new Island()
            const kibitzer = island.land('a')
            const before = state(kibitzer)
            assert.throws(() => kibitzer.bootstrap('republic', properties), isRefusal(code))
            const join = (): unknown => kibitzer.join('republic', at('b'), properties)
            assert.throws(join, isRefusal(code))
            assert.equal(state(kibitzer), before)
            assert.equal(island.passages.length, 0)
            assert.doesNotThrow(() => kibitzer.join('republic', at('b'), at('a')))
        })
    }
})
