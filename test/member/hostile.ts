import type { WireCall } from '../../src/guard/envelope.js'

/** A list in a list in a list, deeper than any stack. */
export function deep(levels = 200_000): unknown {
    let value: unknown = 'core'
    for (let level = 0; level < levels; level++) {
        value = [value]
    }
    return value
}

/** A megabyte where a name should be. */
export const MEGABYTE: string = 'a'.repeat(1024 * 1024)

function throwing(): never {
    throw new Error('Looking at it throws.')
}

/** An object whose every operation throws. */
function trap(): unknown {
    return new Proxy({}, {
        get: throwing, has: throwing, ownKeys: throwing, getPrototypeOf: throwing,
        getOwnPropertyDescriptor: throwing
    })
}

function revoked(): unknown {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
}

/** Values that are neither a call nor an answer, by name. */
export const NONSENSE: Readonly<Record<string, () => unknown>> = {
    'text': () => 'receive',
    'a number': () => 7,
    'a function': () => () => {},
    'an empty list': () => [],
    'an empty object': () => ({}),
    'a megabyte of text': () => MEGABYTE,
    'a list 200,000 deep': () => deep(),
    'a method of every object': () => ({ module: 'kibitz', method: 'constructor', body: {} }),
    'a method __proto__': () => ({ module: 'kibitz', method: '__proto__', body: {} }),
    'a method that is none': () => ({ module: 'kibitz', method: 'destroy', body: {} }),
    'a method 200,000 deep': () => ({ module: 'kibitz', method: deep(), body: {} }),
    'a body __proto__': () => {
        return JSON.parse('{"__proto__": {"module": "kibitz", "method": "receive", "body": {}}}')
    },
    'a getter that throws': () => Object.defineProperty({}, 'method', { get: throwing }),
    'a trap': trap,
    'a revoked proxy': revoked
}

type Bend = (body: Record<string, unknown>) => void

const BENDS: Readonly<Record<string, Bend>> = {
    'a republic that is a megabyte': (body) => { body['republic'] = MEGABYTE },
    'a republic 200,000 deep': (body) => { body['republic'] = deep() },
    'no republic': (body) => { body['republic'] = undefined }
}

const BENDS_BY_METHOD: Readonly<Record<WireCall['method'], Readonly<Record<string, Bend>>>> = {
    immigrate: {
        'an id that is a megabyte': (body) => { body['id'] = MEGABYTE },
        'the id __proto__': (body) => { body['id'] = '__proto__' },
        'a cookie that is a megabyte': (body) => { body['cookie'] = MEGABYTE },
        'properties 200,000 deep': (body) => { body['properties'] = deep() },
        'properties that are a megabyte': (body) => { body['properties'] = [MEGABYTE] },
        'many hops': (body) => { body['hops'] = 1e9 }
    },
    mark: {
        'an addressee that is none': (body) => { body['to'] = '1/0/0' },
        'an id that is a megabyte': (body) => { body['id'] = MEGABYTE }
    },
    promised: {
        'an addressee that is a megabyte': (body) => { body['to'] = MEGABYTE },
        'a founding 200,000 deep': (body) => { body['founding'] = deep() }
    },
    enqueue: {
        'a million entries': (body) => { body['entries'] = Array(1e6).fill({}) },
        'entries that are none': (body) => { body['entries'] = { length: 3 } },
        'an entry 200,000 deep': (body) => {
            body['entries'] = [{ id: 'b', cookie: 'ff', body: deep() }]
        },
        'an entry that is a megabyte': (body) => {
            body['entries'] = [{ id: 'b', cookie: 'ff', body: MEGABYTE }]
        },
        'a cookie that is a megabyte': (body) => {
            body['entries'] = [{ id: 'b', cookie: MEGABYTE, body: 'x' }]
        },
        'a cookie that is no number': (body) => {
            body['entries'] = [{ id: 'b', cookie: '__proto__', body: 'x' }]
        }
    },
    receive: {
        'a method that is none': (body) => { body['method'] = 'exile' },
        'a sender of no incarnation': (body) => { body['from'] = { id: 'a' } },
        'a sender that is a megabyte': (body) => {
            body['from'] = { id: MEGABYTE, immigrated: '1/0' }
        },
        'an addressee __proto__': (body) => { body['to'] = { id: '__proto__', immigrated: '1/0' } },
        'a ballot that is a megabyte': (body) => { body['ballot'] = `${MEGABYTE}/1/0` },
        'a previous that is none': (body) => { body['previous'] = '1/0/0' },
        'a committed beyond all numbers': (body) => { body['committed'] = `${'f'.repeat(1000)}/0` },
        'entries that do not hang together': (body) => {
            const user = { id: 'a', cookie: '1', immigrated: '1/0', body: 'x' }
            body['entries'] = [{ promise: 'ff/2', previous: 'ff/0', body: user }]
        },
        'an entry 200,000 deep': (body) => {
            const user = { id: 'a', cookie: '1', immigrated: '1/0', body: deep() }
            body['entries'] = [{ promise: 'ff/2', previous: body['previous'], body: user }]
        },
        'a standing in the future': (body) => { body['standing'] = -1e12 }
    }
}

/** Malformed copies of a sound call, by the name of the fault. */
export function bent(call: WireCall): readonly (readonly [string, () => unknown])[] {
    const bends = { ...BENDS, ...BENDS_BY_METHOD[call.method] }
    return Object.entries(bends).map(([name, bend]) => {
        return [`${call.method} with ${name}`, () => {
            const copy = structuredClone(call) as unknown as { body: Record<string, unknown> }
            bend(copy.body)
            return copy
        }]
    })
}
