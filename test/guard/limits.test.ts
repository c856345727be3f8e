import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyAndFreeze } from '../../src/base/json-value.js'
import { WIRE_LIMITS, type WireLimits } from '../../src/guard/limits.js'
import type { Guarded } from '../../src/guard/rejection.js'
import type { Entry, GovernmentBody } from '../../src/paxos/messages/messages.js'
import { at, freeze, overWire, type Path, put } from './places.js'
import { calls, chain, doors, receive, requests, responses } from './samples.js'

type Check = (value: unknown, limits?: WireLimits) => Guarded<unknown>

function rejection(verdict: Guarded<unknown>): string | null {
    return verdict.ok ? null : `${verdict.rejection.code} ${verdict.rejection.at}`
}

/** So many names that sort as they count. */
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

/** What is made as big as it may be, and a little bigger. */
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
        what: 'a batch', check: doors.call, whole: calls.enqueue, path: ['body', 'entries'],
        max: 1024, limit: 'entriesMax', says: 'too-many body.entries',
        of: (size) => Array(size).fill({ id: 'a', cookie: '1', body: null })
    }, {
        what: 'receipts', check: doors.receipts, whole: {}, path: [], max: 1024,
        limit: 'entriesMax', says: 'too-many ', of: (size) => dictionary(size, (n) => n, '1/1')
    }, {
        what: 'a run', check: doors.call, whole: put(received, ['body', 'previous'], '1/0'),
        path: ['body', 'entries'], max: 2048, limit: 'runMax', says: 'too-many body.entries',
        of: (size) => links(size)
    }, {
        what: 'a promise', check: doors.response,
        whole: put(responses.promised, ['committed'], '1/0'), path: ['entries'], max: 2048,
        limit: 'runMax', says: 'too-many entries', of: (size) => links(size)
    }, {
        what: 'a majority', check: doors.call, whole: received,
        path: ['body', 'entries', 3, 'body', 'majority'], max: 1024, limit: 'citizensMax',
        says: 'too-many body.entries[3].body.majority', of: names
    }, {
        what: 'a promotion', check: doors.call, whole: received,
        path: ['body', 'entries', 3, 'body', 'promote'], max: 1024, limit: 'citizensMax',
        says: 'too-many body.entries[3].body.promote',
        of: (size) => names(size).map((id, index) => ({ id, index }))
    }, {
        what: 'a census', check: doors.call, whole: welcomed, path: ['body', 'welcome', 'census'],
        max: 1024, limit: 'citizensMax', says: 'too-many body.welcome.census',
        of: (size) => dictionary(size, (n) => `${n}/0`, { cookie: 0, published: '0' })
    }, {
        what: 'everybody’s properties', check: doors.call, whole: welcomed,
        path: ['body', 'welcome', 'government', 'properties'], max: 1024, limit: 'citizensMax',
        says: 'too-many body.welcome.government.properties',
        of: (size) => dictionary(size, (n) => n, null)
    }, {
        what: 'a report', check: doors.response, whole: responses.led, path: ['silent'],
        max: 1024, limit: 'citizensMax', says: 'too-many silent', of: promises
    }, {
        what: 'a map', check: doors.call, whole: received,
        path: ['body', 'entries', 3, 'body', 'map'], max: 131_072, limit: 'remapsMax',
        says: 'too-many body.entries[3].body.map',
        of: (size) => dictionary(size, (n) => `2/${n}`, '3/1')
    }, {
        what: 'a word', check: doors.call, whole: received, path: ['body', 'ballot'], max: 64,
        limit: 'wordMax', says: 'too-long body.ballot', of: (size) => `1/${'f'.repeat(size)}/0`
    }, {
        what: 'a cookie', check: doors.call, whole: calls.enqueue,
        path: ['body', 'entries', 0, 'cookie'], max: 64, limit: 'wordMax',
        says: 'too-long body.entries[0].cookie', of: (size) => 'a'.repeat(size)
    }, {
        what: 'the name of a republic', check: doors.call, whole: received,
        path: ['body', 'republic'], max: 256, limit: 'nameMax', says: 'too-long body.republic',
        of: (size) => 'ß'.repeat(size)
    }, {
        what: 'properties', check: doors.call, whole: calls.immigrate, path: ['body', 'properties'],
        max: 16 * 1024, limit: 'propertiesBytesMax', says: 'too-large body.properties',
        of: (size) => 'x'.repeat(size - 2)
    }, {
        what: 'an address', check: doors.call, whole: calls.immigrate, path: ['to'],
        max: 16 * 1024, limit: 'propertiesBytesMax', says: 'too-large to',
        of: (size) => ['x'.repeat(size - 4)]
    }, {
        what: 'a body', check: doors.call, whole: received,
        path: ['body', 'entries', 0, 'body', 'body'], max: 256 * 1024, limit: 'bodyBytesMax',
        says: 'too-large body.entries[0].body.body', of: (size) => 'x'.repeat(size - 2)
    }
]

describe('a limit', () => {
    for (const { what, check, whole, path, max, limit, of, says } of BOUNDS) {
        test(`lets ${what} be as big as it says, and no bigger`, () => {
            assert.equal(WIRE_LIMITS[limit], max)
            assert.equal(rejection(check(put(whole, path, of(max)))), null)
            assert.equal(rejection(check(put(whole, path, of(max + 1)))), says)
        })

        test(`of one's own holds for ${what}`, () => {
            const less = { ...WIRE_LIMITS, [limit]: 32 }
            assert.equal(rejection(check(put(whole, path, of(33)), less)), says)
            const more = { ...WIRE_LIMITS, [limit]: max + 1 }
            assert.equal(rejection(check(put(whole, path, of(max + 1)), more)), null)
        })
    }

    test('lets an id have 128 characters', () => {
        const path = ['body', 'id']
        assert.equal(rejection(doors.call(put(calls.immigrate, path, 'a'.repeat(128)))), null)
        const verdict = doors.call(put(calls.immigrate, path, 'a'.repeat(129)))
        assert.equal(rejection(verdict), 'too-long body.id')
    })

    test('shows no more of a key than its bones', () => {
        const evil = `\u0000"};\n${'é'.repeat(500)}`
        const census = ['body', 'welcome', 'census']
        const verdict = doors.call(put(welcomed, [...census, evil], null))
        assert.equal(rejection(verdict), `too-long body.welcome.census[${'?'.repeat(32)}]`)
    })
})

describe('a run', () => {
    const entries = ['body', 'entries']
    const broken = (path: Path, part: unknown): string | null =>
        rejection(doors.call(put(received, [...entries, ...path], part)))

    test('continues the promise that it names', () => {
        const says = 'broken-chain body.entries[0].previous'
        assert.equal(rejection(doors.call(put(received, ['body', 'previous'], '2/2'))), says)
        const promised = put(responses.promised, ['committed'], '2/2')
        assert.equal(rejection(doors.response(promised)), 'broken-chain entries[0].previous')
        const ahead = put(responses.ahead, ['previous'], '2/2')
        assert.equal(rejection(doors.response(ahead)), 'broken-chain entries[0].previous')
    })

    test('has no gap, no fork and no way back', () => {
        assert.equal(broken([1, 'previous'], '2/3'), 'broken-chain body.entries[1].previous')
        assert.equal(broken([1, 'promise'], '2/6'), 'broken-chain body.entries[2].previous')
        assert.equal(broken([1, 'promise'], '2/4'), 'broken-chain body.entries[1].previous')
        assert.equal(broken([1], chain[0]), 'broken-chain body.entries[1].previous')
        assert.equal(broken([0, 'promise'], '2/1'), 'broken-chain body.entries[0].previous')
    })

    test('has governments where the numbers say so, under their own number', () => {
        assert.equal(broken([2, 'promise'], '3/1'), 'missing-field body.entries[2].body.id')
        assert.equal(broken([1, 'promise'], '3/0'), 'missing-field body.entries[1].body.promise')
        assert.equal(
            broken([2, 'body', 'promise'], '4/0'), 'mismatch body.entries[2].body.promise'
        )
    })
})

describe('what was rebuilt before', () => {
    const again = doors.call(received)
    assert(again.ok)
    const rebuilt = again.value

    test('passes as it is', () => {
        const verdict = doors.call(receive(at(rebuilt, ['body'])))
        assert(verdict.ok)
        for (const index of chain.keys()) {
            const path = ['body', 'entries', index]
            assert.equal(at(verdict.value, path), at(rebuilt, path))
        }
        const first = doors.call(welcomed)
        assert(first.ok)
        const second = doors.call(first.value)
        assert(second.ok)
        const path = ['body', 'welcome']
        assert.notEqual(at(first.value, path), at(welcomed, path))
        assert.equal(at(second.value, path), at(first.value, path))
    })

    test('does not pass as something else', () => {
        const entry = at(rebuilt, ['body', 'entries', 0])
        const verdict = doors.call(put(welcomed, ['body', 'welcome'], entry))
        assert.equal(rejection(verdict), 'missing-field body.welcome.founding')
        const government = at(welcomed, ['body', 'welcome', 'government'])
        const other = doors.call(put(received, ['body', 'entries', 0], government))
        assert.equal(rejection(other), 'missing-field body.entries[0].previous')
    })

    test('does not lend its name to a copy', () => {
        const twin = freeze(overWire(rebuilt))
        const verdict = doors.call(twin)
        assert(verdict.ok)
        const path = ['body', 'entries', 0]
        assert.deepEqual(at(verdict.value, path), at(rebuilt, path))
        assert.notEqual(at(verdict.value, path), at(twin, path))
    })

    test('keeps a body that was admitted, and copies any other', () => {
        const path = ['body', 'entries', 0, 'body']
        const admitted = copyAndFreeze({ said: 'ay' })
        const stranger = Object.freeze({ said: 'ay' })
        for (const [body, isKept] of [[admitted, true], [stranger, false]] as const) {
            const verdict = doors.call(put(calls.enqueue, path, body))
            assert(verdict.ok)
            assert.equal(at(verdict.value, path) === body, isKept)
        }
    })

    test('has the fields of an entry in the order in which an engine has them', () => {
        const body: GovernmentBody = {
            promise: '3/0', majority: [], minority: [], immigrate: null, naturalize: null,
            exile: null, promote: null, demote: null, map: null
        }
        const entry: Entry = { promise: '3/0', previous: '2/3', body }
        const reverse = (value: object): object =>
            Object.fromEntries(Object.entries(value).reverse())
        const shuffled = reverse({ ...entry, body: reverse(body) })
        const verdict = doors.call(put(received, ['body', 'entries'], [shuffled]))
        assert(verdict.ok)
        const text = JSON.stringify(at(verdict.value, ['body', 'entries', 0]))
        assert.equal(text, JSON.stringify(entry))
    })
})
