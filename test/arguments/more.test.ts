import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { addresses, Colleague, dns, KeyRing, Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryJournal } from '../../src/journal/memory-journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import '../support/silence.js'

const REFUSED = { name: 'KibitzError', code: 'invalid-argument' }

/** Values that no method accepts. */
const ODD: readonly unknown[] = [
    undefined, null, 5n, Symbol('s'), Number.NaN, '', {}, [], new Proxy({}, {
        get: () => assert.fail('The proxy throws.')
    })
]

/** A member that is a republic by itself. */
function alone(): Kibitzer {
    const kibitzer = new Kibitzer({ id: 'a' })
    kibitzer.listen()
    kibitzer.bootstrap('r', null)
    return kibitzer
}

/** A method, as hostile callers call the method. */
type Call = (...given: unknown[]) => unknown

const network = new MemoryNetwork()
const ring = new KeyRing([{ id: 'k', secret: 'x'.repeat(32) }])

/** Calls that refuse every odd value. */
const REFUSING: Readonly<Record<string, Call>> = {
    'MemoryNetwork.cut from': (odd) => network.cut(odd as string, 'b'),
    'MemoryNetwork.cut to': (odd) => network.cut('a', odd as string),
    'MemoryNetwork.isolate': (odd) => network.isolate(odd as string),
    'MemoryNetwork.detach': (odd) => network.detach(odd as string),
    'MemoryNetwork.delay': (odd) => network.delay(odd as number),
    'MemoryNetwork.drop': (odd) => network.drop(odd as number),
    'KeyRing.replace': (odd) => ring.replace(odd as never),
    'KeyRing.replace a key': (odd) => ring.replace([odd as never]),
    'addresses': (odd) => addresses(odd as string),
    'dns of a name': (odd) => dns(odd as string, 80),
    'dns at a port': (odd) => dns('localhost', odd as number)
}

describe('an own argument of a method', () => {
    for (const [name, call] of Object.entries(REFUSING)) {
        test(`is checked at once: ${name}`, () => {
            for (const odd of ODD) {
                assert.throws(() => call(odd), REFUSED, typeof odd)
            }
        })
    }

    test('of turnAway is a known code and a text', () => {
        const kibitzer = alone()
        const turnAway: Call = (...given) => Reflect.apply(kibitzer.turnAway, kibitzer, given)
        for (const odd of ODD) {
            assert.throws(() => turnAway(odd, 'x'), REFUSED)
        }
        assert.throws(() => turnAway('no-key', null), REFUSED)
        assert.deepEqual(kibitzer.status().rejected, {})
        kibitzer.destroy()
    })

    test('of request is an arrival: a malformed proof is not a missing proof', async () => {
        const kibitzer = alone()
        const request: Call = (...given) => Reflect.apply(kibitzer.request, kibitzer, given)
        for (const arrival of [5, 'x', { peer: 5 }, { peer: {} }, { peer: { id: 5 } }, {
            peer: { id: 'a', republic: 5 }
        }]) {
            assert.throws(() => request({}, arrival), REFUSED)
        }
        for (const arrival of [undefined, null, {}, { peer: null }, { peer: { id: 'b' } }]) {
            assert.equal(await request({}, arrival), null)
        }
        kibitzer.destroy()
    })

    test('of dns may be null instead of a resolver', () => {
        assert.equal(typeof dns('localhost', 80, null), 'function')
    })

    for (const [name, make] of Object.entries({
        FileJournal: () => new FileJournal('no folder is made'), MemoryJournal: () =>
            new MemoryJournal()
    })) {
        test(`of open is the id of the owner: ${name}`, async () => {
            for (const odd of ODD) {
                await assert.rejects(make().open(odd as string), REFUSED)
            }
        })
    }
})

/** Inputs that a member refuses: a name, a body. */
const INPUTS: readonly (readonly [unknown, unknown])[] = [
    ['no such input', {}], ['toString', {}], [5, {}], ['birth', {}], ['revive', {}],
    ['event', { module: 'happenstance', method: 'event', now: 8e15, key: 'ping', when: 0,
        body: 'ping' }],
    ['naturalize', null], ['cede', { id: 5 }], ['cede', { id: '__proto__' }],
    ['publish', { of: () => {} }], ['publishAll', 5], ['publishAll', [undefined]],
    ['receive', {}], ['receive', { method: 'register' }], ['enqueue', { republic: 'r' }],
    ['immigrate', { republic: 'r', id: 'x', cookie: Number.NaN, properties: 1, hops: 0 }],
    ['sent', { cookie: '1', responses: { b: { method: 'granted' } } }],
    ['published', { cookie: '1', promises: { 1: 5 } }], ['published', { promises: null }]
]

describe('an input', () => {
    test('from Kibitzer.play is checked before the member records the input', async () => {
        const kibitzer = alone()
        const played = kibitzer.played.shifter()
        for (const [method, body] of INPUTS) {
            assert.throws(() => kibitzer.play(method as 'publish', body), REFUSED, String(method))
        }
        assert.throws(() => kibitzer.play('bootstrap', { republic: 'x', properties: null }),
            { code: 'already-member' })
        assert.throws(() => kibitzer.play('join', { republic: 'x' }), { code: 'already-member' })
        assert.equal(played.shift(), null)
        assert.deepEqual(await kibitzer.publish('after'), { promise: '1/1' })
        kibitzer.destroy()
    })

    test('of a recording is checked before the member records the input', () => {
        const own = ['no such input', 'toString', 'birth', 'revive', 'event']
        const kibitzer = new Kibitzer({ id: 'a' })
        const played = kibitzer.played.shifter()
        const replay: Call = (input) => kibitzer.replay(input as never)
        for (const [method, body] of INPUTS.filter(([name]) => !own.includes(String(name)))) {
            assert.throws(() => replay({ module: 'kibitz', method, when: 1, body }), REFUSED)
        }
        for (const odd of ODD) {
            assert.throws(() => replay(odd), REFUSED)
            const leave = { module: 'kibitz', method: 'leave', when: 1, body: {} }
            assert.throws(() => replay({ ...leave, module: odd }), REFUSED)
            assert.throws(() => replay({ ...leave, when: odd }), REFUSED)
        }
        assert.equal(played.shift(), null)
        kibitzer.destroy()
    })

    test('that changes between two reads is read only once', async () => {
        const kibitzer = alone()
        let look = 0
        const fickle = Object.defineProperty({}, 'id', {
            enumerable: true, get: () => look++ === 0 ? 'b' : Symbol('s')
        })
        assert.equal(kibitzer.play('cede', fickle as { id: string }), 'ineligible')
        assert.deepEqual(await kibitzer.publish('after'), { promise: '1/1' })
        kibitzer.destroy()
    })
})

describe('an iteration', () => {
    test('may reject without an unhandled rejection', async () => {
        const kibitzer = alone()
        void kibitzer.entries({ from: '9/9' }).next()
        void kibitzer.entries({ signal: AbortSignal.abort() }).next()
        void kibitzer.entries().throw(new Error('The caller gives up.'))
        // An unhandled rejection fails the test.
        await new Promise(setImmediate)
        await assert.rejects(kibitzer.entries({ from: '9/9' }).next(), { code: 'trimmed' })
        kibitzer.destroy()
    })
})

/** A Colleague that is attached to nothing in particular. */
async function attached(apply: () => unknown, timeout: number = 1000): Promise<Colleague> {
    const colleague = new Colleague({
        islandName: 'i', colleagueId: 'a', outOfBandTimeout: timeout,
        application: { apply, snapshot: () => '', restore: () => {} }
    })
    await colleague.attach(() => ({
        properties: {}, ask: () => Promise.reject(new Error('No member is there.')),
        close: () => Promise.resolve()
    }))
    return colleague
}

describe('a Colleague', () => {
    test('ends even if a call of the application never ends', async () => {
        let begin = (): void => {}
        const begun = new Promise<void>((resolve) => {
            begin = resolve
        })
        const colleague = await attached(() => {
            begin()
            return new Promise(() => {})
        })
        await colleague.bootstrap({ islandId: 'r' })
        void colleague.publish('x')
        await begun
        mock.timers.enable({ apis: ['setTimeout'] })
        try {
            colleague.destroy()
            let hasEnded = false
            const ended = colleague.ended.then(() => {
                hasEnded = true
            })
            mock.timers.tick(9999)
            await new Promise(setImmediate)
            assert.equal(hasEnded, false)
            mock.timers.tick(1)
            await ended
        } finally {
            mock.timers.reset()
        }
    })

    test('calls through again if through never answers', async () => {
        const colleague = await attached(() => null, 20)
        let asked = 0
        const again = new Promise<void>((resolve) => {
            const through = (): Promise<never> => {
                if (++asked === 2) {
                    resolve()
                }
                return new Promise(() => {})
            }
            void colleague.join({ through })
        })
        await again
        colleague.destroy()
        await colleague.ended
    })

    test('refuses a malformed attachment, and attaches afterwards', async () => {
        const colleague = new Colleague({
            islandName: 'i', colleagueId: 'a',
            application: { apply: () => null, snapshot: () => '', restore: () => {} }
        })
        for (const odd of ODD) {
            await assert.rejects(colleague.attach(odd as never), REFUSED)
        }
        for (const odd of ODD.slice(0, -1)) {
            await assert.rejects(colleague.attach(() => odd as never), REFUSED)
        }
        await colleague.attach(() => ({
            properties: {}, ask: () => Promise.resolve(null), close: () => Promise.resolve()
        }))
        colleague.destroy()
        await colleague.ended
    })

    test('refuses lists of addresses with holes, and lists of anything but texts', async () => {
        const colleague = await attached(() => null)
        for (const through of [
            new Array(2 ** 32 - 1), new Array(3), [5], Array.from({ length: 1025 }, () => 'x:1')
        ]) {
            await assert.rejects(colleague.join({ through: through as string[] }), REFUSED)
            await assert.rejects(colleague.request('join', { through }), REFUSED)
        }
        colleague.destroy()
        await colleague.ended
    })

    test('refuses a question that JSON cannot carry', async () => {
        const colleague = await attached(() => null)
        await colleague.bootstrap({ islandId: 'r' })
        for (const name of [undefined, null, 5, '', 'x'.repeat(257)]) {
            assert.throws(() => colleague.outOfBand(name as string, null), REFUSED)
        }
        assert.throws(() => colleague.outOfBand('x', { of: () => {} }), REFUSED)
        colleague.destroy()
        await colleague.ended
    })
})

describe('a list with a false length', () => {
    const lie = new Proxy([], { get: (_, key) => key === 'length' ? 1e9 : 1 })

    test('is refused before the member publishes a value', async () => {
        const kibitzer = alone()
        assert.throws(() => kibitzer.publish(lie), REFUSED)
        assert.throws(() => kibitzer.publishAll(lie), { code: 'too-large' })
        const { proxy, revoke } = Proxy.revocable([1], {})
        revoke()
        assert.throws(() => kibitzer.publishAll(proxy), REFUSED)
        assert.deepEqual(await kibitzer.publish('after'), { promise: '1/1' })
        kibitzer.destroy()
    })
})
