import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyAndFreeze } from '../../src/base/json-value.js'
import { WIRE_LIMITS, type WireLimits } from '../../src/guard/limits.js'
import type { Guarded } from '../../src/guard/rejection.js'
import type { Entry, GovernmentBody } from '../../src/paxos/messages/messages.js'
import { at, freeze, overWire, type Path, put } from './places.js'
import { calls, chain, guards, raisedChain, receive, requests, responses } from './samples.js'

type Check = (value: unknown, limits?: WireLimits) => Guarded<unknown>

function rejection(result: Guarded<unknown>): string | null {
    return result.ok ? null : `${result.rejection.code} ${result.rejection.at}`
}

/** Names that sort in the order of their numbers. */
function names(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `m${index}`)
}

function dictionary(count: number, key: (n: string) => string, value: unknown): object {
    return Object.fromEntries(
        Array.from({ length: count }, (_, index) => [key((index + 1).toString(16)), value])
    )
}

/** A run of so many links, each with a weight of its own. */
function links(count: number, body: unknown = null): Entry[] {
    return Array.from({ length: count }, (_, index) => ({
        promise: `1/${(index + 1).toString(16)}`,
        previous: `1/${index.toString(16)}`,
        body: { id: 'alice', cookie: (index + 1).toString(16), immigrated: '1/0', body }
    }))
}

const received = receive(requests.register)
const welcomed = receive(requests.welcome)
const promises = (count: number): string[] => names(count).map((_, n) => `${n.toString(16)}/0`)

/** The values that are tested at the limit and just above. */
const BOUNDS: readonly {
    readonly what: string
    readonly check: Check
    readonly whole: unknown
    readonly path: Path
    readonly max: number
    readonly limit: keyof WireLimits
    readonly of: (size: number) => unknown
    readonly says: string
}[] = [
    {
        what: 'a batch', check: guards.call, whole: calls.enqueue, path: ['body', 'entries'],
        max: 1024, limit: 'entriesMax', says: 'too-many body.entries',
        of: (size) => Array(size).fill({ id: 'a', cookie: '1', body: null })
    }, {
        what: 'receipts', check: guards.receipts, whole: {}, path: [], max: 1024,
        limit: 'entriesMax', says: 'too-many ', of: (size) => dictionary(size, (n) => n, '1/1')
    }, {
        what: 'a run', check: guards.call, whole: put(received, ['body', 'previous'], '1/0'),
        path: ['body', 'entries'], max: 2048, limit: 'runMax', says: 'too-many body.entries',
        of: (size) => links(size)
    }, {
        what: 'a promise', check: guards.response,
        whole: put(responses.promised, ['committed'], '1/0'), path: ['entries'], max: 2048,
        limit: 'runMax', says: 'too-many entries', of: (size) => links(size)
    }, {
        what: 'a majority', check: guards.call, whole: received,
        path: ['body', 'entries', 3, 'body', 'majority'], max: 1024, limit: 'citizensMax',
        says: 'too-many body.entries[3].body.majority', of: names
    }, {
        what: 'a promotion', check: guards.call, whole: received,
        path: ['body', 'entries', 3, 'body', 'promote'], max: 1024, limit: 'citizensMax',
        says: 'too-many body.entries[3].body.promote',
        of: (size) => names(size).map((id, index) => ({ id, index }))
    }, {
        what: 'a census', check: guards.call, whole: welcomed, path: ['body', 'welcome', 'census'],
        max: 1024, limit: 'citizensMax', says: 'too-many body.welcome.census',
        of: (size) => dictionary(size, (n) => `${n}/0`, { cookie: 0, published: '0' })
    }, {
        what: 'the properties of all citizens', check: guards.call, whole: welcomed,
        path: ['body', 'welcome', 'government', 'properties'], max: 1024, limit: 'citizensMax',
        says: 'too-many body.welcome.government.properties',
        of: (size) => dictionary(size, (n) => n, null)
    }, {
        what: 'a report', check: guards.response, whole: responses.led, path: ['silent'],
        max: 1024, limit: 'citizensMax', says: 'too-many silent', of: promises
    }, {
        what: 'a map', check: guards.call, whole: received,
        path: ['body', 'entries', 3, 'body', 'map'], max: 131_072, limit: 'remapsMax',
        says: 'too-many body.entries[3].body.map',
        of: (size) => dictionary(size, (n) => `2/${n}`, '3/1')
    }, {
        what: 'a word', check: guards.call, whole: received, path: ['body', 'ballot'], max: 64,
        limit: 'wordMax', says: 'too-long body.ballot', of: (size) => `1/${'f'.repeat(size)}/0`
    }, {
        what: 'a cookie', check: guards.call, whole: calls.enqueue,
        path: ['body', 'entries', 0, 'cookie'], max: 64, limit: 'wordMax',
        says: 'too-long body.entries[0].cookie', of: (size) => 'a'.repeat(size)
    }, {
        what: 'the name of a republic', check: guards.call, whole: received,
        path: ['body', 'republic'], max: 256, limit: 'nameMax', says: 'too-long body.republic',
        of: (size) => 'ß'.repeat(size)
    }, {
        what: 'properties', check: guards.call, whole: calls.immigrate,
        path: ['body', 'properties'], max: 16 * 1024, limit: 'propertiesBytesMax',
        says: 'too-large body.properties',
        of: (size) => 'x'.repeat(size - 2)
    }, {
        what: 'an address', check: guards.call, whole: calls.immigrate, path: ['to'],
        max: 16 * 1024, limit: 'propertiesBytesMax', says: 'too-large to',
        of: (size) => ['x'.repeat(size - 4)]
    }, {
        what: 'a body', check: guards.call, whole: received,
        path: ['body', 'entries', 0, 'body', 'body'], max: 256 * 1024, limit: 'bodyBytesMax',
        says: 'too-large body.entries[0].body.body', of: (size) => 'x'.repeat(size - 2)
    }
]

describe('a limit', () => {
    for (const { what, check, whole, path, max, limit, of, says } of BOUNDS) {
        test(`accepts ${what} of the limit, and rejects a larger one`, () => {
            assert.equal(WIRE_LIMITS[limit], max)
            assert.equal(rejection(check(put(whole, path, of(max)))), null)
            assert.equal(rejection(check(put(whole, path, of(max + 1)))), says)
        })

        test(`set by the caller applies to ${what}`, () => {
            const less = { ...WIRE_LIMITS, [limit]: 32 }
            assert.equal(rejection(check(put(whole, path, of(33)), less)), says)
            const more = { ...WIRE_LIMITS, [limit]: max + 1 }
            assert.equal(rejection(check(put(whole, path, of(max + 1)), more)), null)
        })
    }

    test('accepts an id of 128 characters', () => {
        const path = ['body', 'id']
        assert.equal(rejection(guards.call(put(calls.immigrate, path, 'a'.repeat(128)))), null)
        const result = guards.call(put(calls.immigrate, path, 'a'.repeat(129)))
        assert.equal(rejection(result), 'too-long body.id')
    })

    test('bounds the part of a key that a path shows', () => {
        const evil = `\u0000"};\n${'é'.repeat(500)}`
        const census = ['body', 'welcome', 'census']
        const result = guards.call(put(welcomed, [...census, evil], null))
        assert.equal(rejection(result), `too-long body.welcome.census[${'?'.repeat(32)}]`)
    })
})

describe('a run', () => {
    const entries = ['body', 'entries']
    const broken = (path: Path, part: unknown): string | null =>
        rejection(guards.call(put(received, [...entries, ...path], part)))

    test('continues its previous promise', () => {
        const says = 'broken-chain body.entries[0].previous'
        assert.equal(rejection(guards.call(put(received, ['body', 'previous'], '2/2'))), says)
        const promised = put(responses.promised, ['committed'], '2/2')
        assert.equal(rejection(guards.response(promised)), 'broken-chain entries[0].previous')
        const ahead = put(responses.ahead, ['previous'], '2/2')
        assert.equal(rejection(guards.response(ahead)), 'broken-chain entries[0].previous')
    })

    test('has no gap, no fork and no falling promise', () => {
        assert.equal(broken([1, 'previous'], '2/3'), 'broken-chain body.entries[1].previous')
        assert.equal(broken([1, 'promise'], '2/6'), 'broken-chain body.entries[2].previous')
        assert.equal(broken([1, 'promise'], '2/4'), 'broken-chain body.entries[1].previous')
        assert.equal(broken([1], chain[0]), 'broken-chain body.entries[1].previous')
        assert.equal(broken([0, 'promise'], '2/1'), 'broken-chain body.entries[0].previous')
    })

    test('has governments at the promises of governments, under their own promise', () => {
        assert.equal(broken([2, 'promise'], '3/1'), 'missing-field body.entries[2].body.id')
        assert.equal(broken([1, 'promise'], '3/0'), 'missing-field body.entries[1].body.promise')
        assert.equal(
            broken([2, 'body', 'promise'], '4/0'), 'mismatch body.entries[2].body.promise'
        )
    })
})

describe('a rebuilt value', () => {
    const again = guards.call(received)
    assert(again.ok)
    const rebuilt = again.value

    test('passes by identity', () => {
        const result = guards.call(receive(at(rebuilt, ['body'])))
        assert(result.ok)
        for (const index of chain.keys()) {
            const path = ['body', 'entries', index]
            assert.equal(at(result.value, path), at(rebuilt, path))
        }
        const first = guards.call(welcomed)
        assert(first.ok)
        const second = guards.call(first.value)
        assert(second.ok)
        const path = ['body', 'welcome']
        assert.notEqual(at(first.value, path), at(welcomed, path))
        assert.equal(at(second.value, path), at(first.value, path))
    })

    test('does not pass as a value of another type', () => {
        const entry = at(rebuilt, ['body', 'entries', 0])
        const result = guards.call(put(welcomed, ['body', 'welcome'], entry))
        assert.equal(rejection(result), 'missing-field body.welcome.founding')
        const government = at(welcomed, ['body', 'welcome', 'government'])
        const other = guards.call(put(received, ['body', 'entries', 0], government))
        assert.equal(rejection(other), 'missing-field body.entries[0].previous')
    })

    test('does not make a copy pass', () => {
        const twin = freeze(overWire(rebuilt))
        const result = guards.call(twin)
        assert(result.ok)
        const path = ['body', 'entries', 0]
        assert.deepEqual(at(result.value, path), at(rebuilt, path))
        assert.notEqual(at(result.value, path), at(twin, path))
    })

    test('keeps a frozen body, and copies any other body', () => {
        const path = ['body', 'entries', 0, 'body']
        const admitted = copyAndFreeze({ said: 'ay' })
        const stranger = Object.freeze({ said: 'ay' })
        for (const [body, isKept] of [[admitted, true], [stranger, false]] as const) {
            const result = guards.call(put(calls.enqueue, path, body))
            assert(result.ok)
            assert.equal(at(result.value, path) === body, isKept)
        }
    })

    test('has the fields of an entry in the order of the engine', () => {
        const body: GovernmentBody = {
            promise: '3/0', majority: [], minority: [], immigrate: null, naturalize: null,
            exile: null, promote: null, demote: null, map: null
        }
        const entry: Entry = { promise: '3/0', previous: '2/3', body }
        const reverse = (value: object): object =>
            Object.fromEntries(Object.entries(value).reverse())
        const shuffled = reverse({ ...entry, body: reverse(body) })
        const result = guards.call(put(received, ['body', 'entries'], [shuffled]))
        assert(result.ok)
        const text = JSON.stringify(at(result.value, ['body', 'entries', 0]))
        assert.equal(text, JSON.stringify(entry))
    })
})

describe('a government', () => {
    const raised = receive({ ...requests.register, entries: raisedChain })
    const reject = (change: object, index = 4): string | null => {
        const body = { ...raisedChain[index]?.body, ...change }
        return rejection(guards.call(put(raised, ['body', 'entries', index, 'body'], body)))
    }

    test('of a version carries a version that this package understands', () => {
        assert.equal(reject({}), null)
        for (const version of [0, 1, 3, 1.5]) {
            const says = 'unknown-version body.entries[4].body.version'
            assert.equal(reject({ version }), says)
        }
        assert.equal(reject({ version: '2' }), 'wrong-type body.entries[4].body.version')
    })

    test('without a version names the voter that loses its seat, or null', () => {
        const missing = 'missing-field body.entries[4].body.demote'
        assert.equal(reject({ version: undefined }), missing)
        const without = { demote: undefined, version: undefined }
        assert.equal(reject(without, 3), missing.replace('[4]', '[3]'))
        assert.equal(reject({ version: undefined, demote: null }), null)
    })
})
