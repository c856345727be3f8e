import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Citizenship } from '../../../src/paxos/membership/citizenship.js'
import type {
    Entry, Request, RequestHeader, Welcome
} from '../../../src/paxos/messages/messages.js'
import { governmentBody, userBody } from '../sample.js'

/** The founder, with its own government enacted. */
function founder(): Citizenship {
    const citizenship = new Citizenship('0', 'r')
    citizenship.enact(citizenship.found('f', 'at 0', 1))
    return citizenship
}

/** `id` is admitted under `cookie` by `promise`. */
function admission(promise: string, previous: string, id: string, cookie: number): Entry {
    const body = governmentBody(promise, {
        majority: ['0'], immigrate: { id, properties: `at ${id}`, cookie }
    })
    return { promise, previous, body }
}

function exile(promise: string, previous: string, id: string, of: string): Entry {
    const body = governmentBody(promise, {
        majority: ['0'], exile: { id, promise: of, properties: `at ${id}` }
    })
    return { promise, previous, body }
}

/** The founder's republic after 1 was admitted at `2/0`, and 1 itself, which has been welcomed. */
function pair(): { first: Citizenship, second: Citizenship, welcome: Welcome } {
    const first = founder()
    const welcome = first.snapshot()
    const second = new Citizenship('1', 'r')
    second.cookie = 7
    second.welcome(welcome)
    for (const each of [first, second]) {
        each.enact(admission('2/0', '1/0', '1', 7))
    }
    return { first, second, welcome }
}

const header: RequestHeader = {
    republic: 'r', founding: 'f', from: { id: '0', immigrated: '1/0' },
    to: { id: '1', immigrated: '2/0' }, government: '2/0', committed: '2/0', minimum: '0/0',
    standing: 0
}

function asks(change: Partial<RequestHeader> = {}): Request {
    return { ...header, method: 'canvass', ...change }
}

/** The synchronization that admits 1. */
function admits(change: Partial<Request & { method: 'synchronize' }> = {}): Request {
    return {
        ...header, method: 'synchronize', welcome: founder().snapshot(), previous: '1/0',
        entries: [admission('2/0', '1/0', '1', 7)], ...change
    }
}

const STRANGER = { method: 'unreachable', exiled: false }
const EXILE = { method: 'unreachable', exiled: true }

describe('a citizen', () => {
    test('is the founder of a republic, alone and naturalized', () => {
        const citizenship = new Citizenship('0', 'r')
        assert.equal(citizenship.isCitizen, false)
        const entry = citizenship.found('f', 'at 0', 1)
        assert.equal(entry.promise, '1/0')
        assert.equal(entry.previous, '0/0')
        citizenship.enact(entry)
        assert.equal(citizenship.isCitizen, true)
        assert.deepEqual(citizenship.incarnation, { id: '0', immigrated: '1/0' })
        assert.deepEqual(citizenship.government.majority, ['0'])
        assert.deepEqual(citizenship.government.naturalized, ['0'])
        assert.deepEqual(citizenship.recordOf('1/0'), { cookie: 0, published: '0' })
    })

    test('starts from the welcome before its admission, and knows the same as the founder', () => {
        const { first, second, welcome } = pair()
        assert.deepEqual(second.incarnation, { id: '1', immigrated: '2/0' })
        assert.equal(second.founding, 'f')
        assert.deepEqual(second.government, first.government)
        assert.deepEqual(second.snapshot(), first.snapshot())
        assert.deepEqual(Object.keys(welcome.census), ['1/0'], 'as of before its admission')
    })

    test('finds the incarnation of an id, and none for an inherited property name', () => {
        const { first } = pair()
        assert.deepEqual(first.incarnationOf('1'), { id: '1', immigrated: '2/0' })
        assert.equal(first.incarnationOf('2'), null)
        assert.equal(first.incarnationOf('constructor'), null)
        assert.deepEqual([first.isKnown('2/0'), first.isKnown('3/0')], [true, false])
    })

    test('keeps the highest cookie of each publisher\'s incarnation', () => {
        const { first } = pair()
        const enacted = first.enact({ promise: '2/1', previous: '2/0', body: userBody('3') })
        assert.equal(enacted.method, 'entry')
        assert.deepEqual(first.recordOf('1/0'), { cookie: 0, published: '3' })
        const stranger = { ...userBody('9'), immigrated: '9/0' }
        first.enact({ promise: '2/2', previous: '2/1', body: stranger })
        assert.equal(first.recordOf('9/0'), null)
        assert.deepEqual(first.recordOf('2/0'), { cookie: 7, published: '0' })
    })

    test('forgets an exiled member, and the exiled member knows of the exile', () => {
        const { first, second } = pair()
        for (const each of [first, second]) {
            each.enact(exile('3/0', '2/0', '1', '2/0'))
        }
        assert.equal(first.recordOf('2/0'), null)
        assert.equal(first.incarnationOf('1'), null)
        assert.deepEqual([first.exiled, second.exiled], [false, true])
    })

    test('is not exiled by the exile of an earlier incarnation of its id', () => {
        const { first } = pair()
        first.enact(exile('3/0', '2/0', '1', '2/0'))
        const third = new Citizenship('1', 'r')
        third.welcome(first.snapshot())
        third.enact(admission('4/0', '3/0', '1', 8))
        third.enact(exile('5/0', '4/0', '1', '2/0'))
        assert.equal(third.exiled, false)
        assert.equal(third.immigrated, '4/0')
    })

    test('returns enacted entries frozen, each with its government', () => {
        const { first } = pair()
        const enacted = first.enact(admission('3/0', '2/0', '2', 9))
        assert.ok(Object.isFrozen(enacted))
        assert.equal(enacted.method === 'government' && enacted.government, first.government)
    })
})

describe('a request', () => {
    test('is accepted if both incarnations match', () => {
        assert.equal(pair().second.reject(asks()), null)
    })

    test('is rejected if the republic, the founding or the addressee does not match', () => {
        const { second } = pair()
        for (const change of [
            { republic: 'another' }, { founding: 'another' },
            { to: { id: '2', immigrated: '2/0' } }, { to: { id: '1', immigrated: '3/0' } }
        ]) {
            assert.deepEqual(second.reject(asks(change)), STRANGER, JSON.stringify(change))
        }
    })

    test('is rejected if the sender is a stranger or offers the ballot of another member', () => {
        const { second } = pair()
        const prepares = (ballot: string): Request => ({ ...header, method: 'prepare', ballot })
        assert.equal(second.reject(prepares('5/1/0')), null)
        assert.deepEqual(second.reject(prepares('5/11/0')), STRANGER)
        assert.deepEqual(second.reject(asks({ from: { id: '0', immigrated: '0/0' } })), STRANGER)
    })

    test('of an exiled member is answered with the exile', () => {
        const { first } = pair()
        first.enact(exile('3/0', '2/0', '1', '2/0'))
        const from = { id: '1', immigrated: '2/0' }
        const to = { id: '0', immigrated: '1/0' }
        assert.deepEqual(first.reject(asks({ from, to })), EXILE)
        for (const gone of [{ id: '0', immigrated: '0/8' }, { id: '9', immigrated: '1/0' }]) {
            // The sender learns of its exile even from a successor of the member that it addresses.
            assert.deepEqual(first.reject(asks({ from, to: gone })), EXILE)
        }
        const later = { id: '1', immigrated: '4/0' }
        assert.equal(first.reject(asks({ from: later, to })), null, 'it may know more')
        assert.equal(first.hasExiled({ id: '1', immigrated: '0/0' }), false)
        assert.equal(first.hasExiled({ id: '0', immigrated: '1/0' }), false)
    })

    test('is rejected by an exiled member', () => {
        const { second } = pair()
        second.enact(exile('3/0', '2/0', '1', '2/0'))
        assert.deepEqual(second.reject(asks()), STRANGER)
    })
})

describe('a member that waits for its admission', () => {
    const waiting = (cookie: number | null = 7): Citizenship => {
        return Object.assign(new Citizenship('1', 'r'), { cookie })
    }

    test('accepts its admission and a probe', () => {
        assert.equal(waiting().reject(admits()), null)
        assert.equal(waiting().reject(admits({ welcome: null, entries: [] })), null)
    })

    test('rejects every other request', () => {
        assert.deepEqual(waiting().reject(asks()), STRANGER)
        for (const change of [
            { welcome: null }, { entries: [] }, { previous: '0/0' },
            { to: { id: '1', immigrated: '3/0' } },
            { entries: [admission('2/0', '1/0', '2', 7)] },
            { entries: [{ promise: '2/0', previous: '1/0', body: userBody('1') }] },
            { entries: [exile('2/0', '1/0', '1', '1/0')] }
        ]) {
            assert.deepEqual(waiting().reject(admits(change)), STRANGER, JSON.stringify(change))
        }
    })

    test('rejects the admission of an earlier process of its id', () => {
        assert.deepEqual(waiting(8).reject(admits()), STRANGER)
        assert.deepEqual(waiting(null).reject(admits()), STRANGER)
    })
})
