import fc from 'fast-check'

/** The error of a hostile value. The user throws this error, not the library. */
export class Hostile extends Error {
    override readonly name: string = 'Hostile'
}

/** The reason of a promise that a function of the user returned where no promise is expected. */
export class Returned extends Hostile {}

/** A value that a user may pass by mistake or on purpose. */
export type Value = unknown

function fail(): never {
    throw new Hostile('A hostile value throws.')
}

/** A proxy each of whose traps throws. */
function trap(target: object): object {
    const traps = [
        'get', 'set', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'apply',
        'construct', 'defineProperty', 'deleteProperty', 'isExtensible', 'preventExtensions',
        'setPrototypeOf'
    ]
    return new Proxy(target, Object.fromEntries(traps.map((name) => [name, fail])))
}

function revoked(target: object): object {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
}

/** An object that shows another value at each look. */
function fickle(key: string, ...values: readonly Value[]): object {
    let look = 0
    return Object.defineProperty({}, key, {
        enumerable: true, get: () => values[look++ % values.length]
    })
}

function cyclic(): object {
    const list: Value[] = []
    list.push({ list })
    return list
}

function deep(levels: number): Value {
    let value: Value = 0
    for (let level = 0; level < levels; level++) {
        value = [value]
    }
    return value
}

function detached(): Value {
    const bytes = new Uint8Array(8)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    return bytes
}

/** The name of the property by which the language knows a promise. */
const THEN = 'then'

function thenable(then: Value): object {
    return { [THEN]: then }
}

/** Values whose mere look may do harm, each made anew for each use. */
const HOSTILE: Readonly<Record<string, () => Value>> = {
    trap: () => trap({}),
    'trap of a list': () => trap([]),
    'trap of a function': () => trap(() => {}),
    revoked: () => revoked({}),
    'revoked list': () => revoked([]),
    'getter that throws': () => {
        return Object.defineProperty({}, 'signal', { enumerable: true, get: fail })
    },
    'list with a getter': () => Object.defineProperty([1], 0, { enumerable: true, get: fail }),
    'list of a length that lies': () => new Proxy([], {
        get: (_, key) => key === 'length' ? 1e9 : 1
    }),
    'list that has no length': () => new Proxy([], {
        get: (_, key) => key === 'length' ? Number.NaN : 1
    }),
    'fickle text': () => fickle('id', 'a', 5, null),
    'fickle signal': () => fickle('signal', new AbortController().signal, 5, null),
    'iterable that throws': () => ({ [Symbol.iterator]: fail }),
    'iterator that throws': () => ({ [Symbol.iterator]: () => ({ next: fail }) }),
    'async iterable of objects': () => ({
        async *[Symbol.asyncIterator]() { yield await Promise.resolve({}) }
    }),
    'text that cannot be read': () => ({ toString: fail, [Symbol.toPrimitive]: fail }),
    'then that throws': () => thenable(fail),
    'then that cannot be read': () => Object.defineProperty({}, THEN, { get: fail }),
    'then that settles twice': () => thenable((yes: (value: Value) => void, no: () => void) => {
        yes(1)
        no()
        yes(2)
        fail()
    }),
    'then that never settles': () => thenable(() => {}),
    'then that rejects': () => thenable((_: Value, no: (error: Error) => void) => {
        no(new Hostile('A thenable rejects.'))
    }),
    'function that throws': () => fail,
    'function that yields nonsense': () => () => ({ [THEN]: 5, length: -1 }),
    'function that rejects': () => () => Promise.reject(new Returned('A function rejects.')),
    'function that never settles': () => () => new Promise(() => {}),
    'function that yields a trap': () => () => trap([]),
    cyclic, detached,
    deep: () => deep(20_000),
    'sparse list': () => new Array(2 ** 32 - 1),
    'large text': () => 'x'.repeat(600_000),
    'large list': () => Array.from({ length: 120_000 }, () => 0),
    'signal that takes no listener': () => ({
        aborted: false, addEventListener: fail, removeEventListener: fail
    }),
    'signal that lies': () => ({
        aborted: false, addEventListener: () => {}, removeEventListener: fail
    }),
    controller: () => new AbortController(),
    signal: () => new AbortController().signal,
    'aborted signal': () => AbortSignal.abort(new Hostile('A signal aborts.')),
    'no prototype': () => Object.assign(Object.create(null) as object, { id: 'a' }),
    prototype: () => JSON.parse('{"__proto__": {"id": "a", "signal": 5}}') as Value,
    instance: () => new (class { readonly id = 'a' })(),
    map: () => new Map([['id', 'a']]),
    date: () => new Date(Number.NaN),
    pattern: () => /a/g,
    bytes: () => new Uint8Array([91, 93]),
    words: () => new Uint16Array([1, 2]),
    buffer: () => new ArrayBuffer(4),
    promise: () => Promise.resolve('x')
}

/** Values that have no properties of their own. */
const PLAIN: readonly Value[] = [
    undefined, null, true, false, 0, -0, -1, 1, 1.5, 443, 2 ** 31, 2 ** 53, 1e300, Number.NaN,
    Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5n, Symbol('s'), '', ' ', 'x', 'r', '1/0',
    '1/1', '9/9', '0/0', 'ff/0', '1/x', '\0', '\ud800', '__proto__', 'constructor', 'localhost:80',
    'http://', 'kibitz', 'health', 'join', 'bootstrap', 'no-key', 'malformed', 'publish',
    'publishAll', 'receive', 'enqueue', 'immigrate', 'sent', 'published', 'cede', 'event', 'birth',
    'revive', 'naturalize', 'happenstance', 'ping', 'a'.repeat(300), {}, []
]

/** The names of fields that methods of the library look for. */
const FIELDS = [
    'signal', 'from', 'backlog', 'backlogSize', 'isApplication', 'progress', 'peer', 'id',
    'republic', 'module', 'method', 'when', 'body', 'through', 'islandId', 'to', 'entries',
    'cookie', 'promises', 'responses', 'key', 'now', 'secret', 'properties', 'ask', 'close', 'wire',
    'random', 'callTimeout', 'segmentSize', 'disk', 'host', 'port', 'hops', 'founding', 'options',
    'version', 'Date', 'journal', 'ping', 'timeout', 'islandName', 'colleagueId', 'application',
    'apply', 'snapshot', 'restore', 'source', 'progress', 'aborted', 'addEventListener'
]

const leaf: fc.Arbitrary<() => Value> = fc.oneof(
    fc.constantFrom(...Object.values(HOSTILE)),
    fc.constantFrom(...PLAIN).map((value) => () => value)
)

/** Every value by itself. */
export const everything: readonly (() => Value)[] = [
    ...Object.values(HOSTILE), ...PLAIN.map((value) => () => value)
]

const record: fc.Arbitrary<() => Value> = fc.array(
    fc.tuple(fc.constantFrom(...FIELDS), leaf), { minLength: 1, maxLength: 4 }
).map((fields) => () => Object.fromEntries(fields.map(([name, make]) => [name, make()])))

const list: fc.Arbitrary<() => Value> = fc.array(fc.oneof(leaf, record), { maxLength: 3 })
    .map((items) => () => items.map((make) => make()))

/** Any value at all. Each look at the arbitrary makes the value anew. */
export const anything: fc.Arbitrary<() => Value> = fc.oneof(
    { weight: 4, arbitrary: leaf }, { weight: 3, arbitrary: record }, { weight: 1, arbitrary: list }
)

/** The arguments of a call: up to four. */
export const someArguments: fc.Arbitrary<readonly (() => Value)[]> =
    fc.array(anything, { maxLength: 4 })
