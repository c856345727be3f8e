import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { StateMachine } from '../../src/colleague/state-machine.js'
import { SnapshotWatch } from '../../src/colleague/state-health.js'
import { Kibitzer, type LogEntry, type StateBytes } from '../../src/index.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import '../support/silence.js'

const REFUSED = { name: 'KibitzError', code: 'invalid-argument' }

/** A member that is a republic by itself. */
function alone(options: Partial<ConstructorParameters<typeof Kibitzer>[0]> = {}): Kibitzer {
    const kibitzer = new Kibitzer({ id: 'a', ...options })
    kibitzer.listen()
    kibitzer.bootstrap('r', null)
    return kibitzer
}

/** The committed position and the pending publishes of a member. */
function stateOf(kibitzer: Kibitzer): unknown {
    const { committed, pending, pendingSize } = kibitzer.status()
    return { committed, pending, pendingSize, islander: kibitzer.islander.state() }
}

const hostile: Readonly<Record<string, unknown>> = {
    'a controller': new AbortController(),
    'an empty object': {},
    'a number': 5,
    'a signal that takes no listener': {
        aborted: false,
        addEventListener: () => { throw new Error('No listener.') },
        removeEventListener: () => {}
    },
    'a signal that cannot be read': new Proxy({}, { get: () => { throw new Error('Unread.') } })
}

describe('a signal', () => {
    for (const [name, signal] of Object.entries(hostile)) {
        test(`that is ${name} is refused and changes nothing`, async () => {
            const kibitzer = alone()
            await kibitzer.publish('before')
            const before = stateOf(kibitzer)
            const waiting = { signal } as never
            for (const call of [
                () => kibitzer.publish('x', waiting), () => kibitzer.publishAll(['x'], waiting),
                () => kibitzer.barrier(waiting)
            ]) {
                assert.throws(call, REFUSED)
                assert.deepEqual(stateOf(kibitzer), before)
            }
            assert.deepEqual(await kibitzer.publish('after'), { promise: '1/2' })
            kibitzer.destroy()
        })
    }

    test('has one listener for all waiting publishes, and none afterwards', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.listen()
        const { signal } = new AbortController()
        const publishes = Array.from({ length: 1000 }, (_, value) =>
            kibitzer.publish(value, { signal }))
        assert.equal(getEventListeners(signal, 'abort').length, 1)
        kibitzer.bootstrap('r', null)
        await Promise.all(publishes)
        assert.equal(getEventListeners(signal, 'abort').length, 0)
        kibitzer.destroy()
    })

    test('rejects every waiting publish at once when the signal aborts', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.listen()
        const controller = new AbortController()
        const publishes = Array.from({ length: 100 }, (_, value) =>
            kibitzer.publish(value, { signal: controller.signal }))
        controller.abort()
        for (const publish of publishes) {
            await assert.rejects(publish, { code: 'aborted' })
        }
        kibitzer.destroy()
    })
})

describe('a publish', () => {
    test('from a reader of an engine queue is refused and leaves no wait behind', async () => {
        const kibitzer = alone()
        const refused: unknown[] = []
        kibitzer.paxos.log.pushed.wait(() => {
            try {
                kibitzer.publish('inside')
            } catch (error) {
                refused.push(error)
            }
        })
        await kibitzer.publish('outside')
        assert.equal((refused[0] as { code?: string } | undefined)?.code, 'invalid-argument')
        assert.deepEqual(await kibitzer.publish('later'), { promise: '1/2' })
        assert.equal(kibitzer.status().pending, 0)
        kibitzer.destroy()
    })
})

describe('a clock', () => {
    const odd = [Number.NaN, undefined, Number.POSITIVE_INFINITY, '5', 5n, null, {}, 1e300]
    for (const told of odd) {
        test(`that returns ${String(told)} is refused at once`, () => {
            const clock = { now: () => told as number }
            assert.throws(() => new Kibitzer({ id: 'a', Date: clock }), REFUSED)
        })
        test(`that returns ${String(told)} later stands still meanwhile`, async () => {
            let instant: unknown = 1_700_000_000_000
            const kibitzer = alone({ Date: { now: () => instant as number } })
            await kibitzer.publish('before')
            instant = told
            assert.deepEqual(await kibitzer.publish('meanwhile'), { promise: '1/2' })
            instant = 1_700_000_000_500
            assert.deepEqual(await kibitzer.publish('after'), { promise: '1/3' })
            kibitzer.destroy()
        })
    }

    test('that throws later affects no publish', async () => {
        let isBroken = false
        const now = (): number => isBroken ? assert.fail('The clock throws.') : 1_700_000_000_000
        const kibitzer = alone({ Date: { now } })
        isBroken = true
        assert.deepEqual(await kibitzer.publish('x'), { promise: '1/1' })
        kibitzer.destroy()
    })
})

/** A state that is given, and the bytes that a member has to come back with; `null`: refused. */
const STATES: Readonly<Record<string, readonly [unknown, string | null]>> = {
    'a text': ['[1,2]', '[1,2]'],
    'texts': [['[1', ',2]'], '[1,2]'],
    'a Buffer': [Buffer.from('[1,2]'), '[1,2]'],
    'an ArrayBuffer': [new Uint8Array([91, 93]).buffer, '[]'],
    'ArrayBuffers': [[new Uint8Array([91, 93]).buffer], '[]'],
    'another typed array': [new Uint16Array([0x5d5b]), '[]'],
    'a DataView': [[new DataView(new Uint8Array([91, 93]).buffer)], '[]'],
    'pieces of every kind': [['ä', Buffer.from('b'), new Uint8Array([99]).buffer], 'äbc'],
    'nothing at all': [[], ''],
    'numbers': [[91, 93], null],
    'a list of lists': [[[91, 93]], null],
    'objects': [[{ a: 1 }], null],
    'a good piece and a bad one': [['a', null], null],
    'a number': [5, null],
    'null': [null, null],
    'nothing': [undefined, null],
    'an object': [{}, null],
    'a promise': [Promise.resolve('a'), null]
}

describe('a state', () => {
    for (const [name, [state, kept]] of Object.entries(STATES)) {
        const outcome = kept === null ? 'refused, and the earlier snapshot stays' : 'kept'
        test(`of ${name} is ${outcome}`, async () => {
            const store = new MemoryStore()
            const kibitzer = new Kibitzer({ id: 'a', journal: new MemoryJournal(store) })
            await kibitzer.recover()
            kibitzer.listen()
            kibitzer.bootstrap('r', null)
            await kibitzer.snapshot((await kibitzer.publish('x')).promise, 'first')
            const { promise } = await kibitzer.publish('y')
            const taking = kibitzer.snapshot(promise, state as StateBytes)
            await (kept === null ? assert.rejects(taking, REFUSED) : taking)
            assert.equal((await kibitzer.publish('z')).promise, '1/3')
            kibitzer.destroy()
            await new Promise<void>((resolve) => {
                kibitzer.destruction.wait(() => resolve())
            })
            const again = new Kibitzer({ id: 'a', journal: new MemoryJournal(store) })
            const { snapshot } = await again.recover()
            const bytes = await buffer(snapshot?.state ?? Readable.from([]))
            assert.equal(String(bytes), kept ?? 'first')
            again.destroy()
        })
    }
})

const LIMITS = { snapshotSize: 1, snapshotTimeout: 1000 } as never

/** The linter takes the property for a promise by mistake; so did the library. */
const THEN = 'then'

/** An entry with a body, as the log has it. */
function entry(promise: string, body: unknown): LogEntry {
    const user = { id: 'a', cookie: '1', immigrated: '1/0', body }
    return { promise, method: 'entry', body: user } as unknown as LogEntry
}

describe('the result of apply', () => {
    const throwing = { get [THEN](): never { throw new Error('The getter throws.') } }
    for (const [name, result, noted] of [
        ['a value with a property then', { [THEN]: 'x' }, { [THEN]: 'x' }],
        ['a value with a list as then', { [THEN]: [1] }, { [THEN]: [1] }],
        ['a value whose then cannot be read', throwing, throwing],
        ['a promise', Promise.resolve('settled'), 'settled'],
        ['a thenable', { [THEN]: (resolve: (value: string) => void) => resolve('told') }, 'told']
    ] as const) {
        test(`reaches the caller if the result is ${name}`, async () => {
            const told: unknown[] = []
            const application = { apply: () => result, snapshot: () => '', restore: () => {} }
            const note = (_: unknown, said: unknown): void => void told.push(said)
            const watch = new SnapshotWatch(() => 0, LIMITS, { id: 'a', republic: null })
            const replica = new StateMachine<unknown>(application, note, watch, 1000)
            replica.startEmpty()
            await replica.apply(entry('1/1', { [THEN]: 'x' }))
            assert.ok(told[0] === noted || isDeepStrictEqual(told[0], noted))
            assert.equal(replica.applied, '1/1')
        })
    }
})
