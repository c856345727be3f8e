import type { Government } from '../../src/paxos/messages/messages.js'
import type { ImmigrateOutcome } from '../../src/paxos/messages/proposals.js'
import type {
    Entry, GovernmentBody, Request, RequestHeader, Response, ResponseHeader, UserBody, Welcome
} from '../../src/paxos/messages/messages.js'
import { guardEnvelope, type WireCall } from '../../src/guard/envelope.js'
import type { WireLimits } from '../../src/guard/limits.js'
import type { Guarded } from '../../src/guard/rejection.js'
import { guardOutcome, guardReceipts, guardResponse } from '../../src/guard/response.js'

/** The four ways in, made to look alike. */
export const guards = {
    call: (value: unknown, limits?: WireLimits): Guarded<unknown> => {
        const result = guardEnvelope(value, limits)
        return result.ok ? { ok: true, value: result.envelope } : result
    },
    response: guardResponse,
    receipts: guardReceipts,
    outcome: guardOutcome
} as const

export type GuardName = keyof typeof guards

/** A valid value and the guard that accepts the value. */
export interface Sample {
    readonly name: string
    readonly guard: GuardName
    readonly value: object
}

/** Valid ids that are also names of properties of every object. */
export const FAMILIAR = ['constructor', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'prototype']

const alice = { id: 'alice', immigrated: '1/0' }
const bob = { id: 'bob.example:8080', immigrated: '2/0' }

const quiet: GovernmentBody = {
    promise: '4/0',
    majority: ['alice', 'constructor'],
    minority: ['then'],
    immigrate: null,
    naturalize: null,
    exile: null,
    promote: null,
    demote: null,
    map: null,
    version: 2
}

/** The first government of version 2, which a package of version 1 must not read. */
const raised: GovernmentBody = {
    promise: '5/0',
    majority: ['alice', 'constructor'],
    minority: ['then'],
    immigrate: null,
    naturalize: null,
    exile: null,
    promote: null,
    map: {},
    version: 2
}

const busy: GovernmentBody = {
    promise: '3/0',
    majority: ['alice', 'constructor'],
    minority: ['then'],
    immigrate: { id: 'bob', properties: { location: 'at bob' }, cookie: 1_700_000_000_000 },
    naturalize: 'bob',
    exile: { id: 'carol', promise: '2/0', properties: null, consent: '2/1/0' },
    promote: [{ id: 'then', index: 1 }, { id: 'toJSON', index: 0 }],
    demote: 'toString',
    map: { '2/6': '3/1', '2/7': '3/2' },
    version: 2,
    move: { id: 'then', immigrated: '1/0', number: 3, properties: { location: 'elsewhere' } }
}

const said: UserBody = {
    id: 'alice',
    cookie: '1f',
    immigrated: '1/0',
    body: { words: ['hear', 'hear', null, true, 1.5], deeper: { toJSON: 'no function' } }
}

/** A chain with a link of every kind. */
export const chain: readonly Entry[] = [
    { promise: '2/4', previous: '2/3', body: said },
    { promise: '2/5', previous: '2/4', body: { ...said, cookie: '20', body: null } },
    { promise: '3/0', previous: '2/5', body: busy },
    { promise: '4/0', previous: '3/0', body: quiet }
]

/** The chain, and the first government of version 2 behind the chain. */
export const raisedChain: readonly Entry[] = [
    ...chain, { promise: '5/0', previous: '4/0', body: raised }
]

const government: Government = {
    republic: 'r',
    promise: '2/0',
    majority: ['alice', 'constructor'],
    minority: ['then'],
    constituents: ['bob', 'toString'],
    naturalized: ['alice'],
    properties: Object.fromEntries(FAMILIAR.map((id) => [id, { location: `at ${id}` }])),
    immigrated: {
        id: Object.fromEntries(FAMILIAR.map((id, index) => [`${index}/0`, id])),
        promise: Object.fromEntries(FAMILIAR.map((id, index) => [id, `${index}/0`]))
    },
    version: 2
}

const welcome: Welcome = {
    founding: '00ff',
    government,
    census: {
        '1/0': { cookie: 0, published: '1f' },
        '2/0': { cookie: 'c00c1e', published: '0', moved: 2 }
    }
}

const asking: RequestHeader = {
    republic: 'r',
    founding: '00ff',
    from: alice,
    to: bob,
    government: '2/0',
    committed: '2/3',
    minimum: '0/0',
    standing: 12.5
}

/** Requests of every kind. */
export const requests = {
    register: {
        ...asking, method: 'register', ballot: '3/1/0', previous: '2/3', entries: chain
    },
    ping: { ...asking, method: 'register', ballot: '3/1/0', previous: '2/3', entries: [] },
    welcome: {
        ...asking, republic: 1_700_000_000_000, method: 'synchronize', welcome, previous: '2/3',
        entries: chain
    },
    synchronize: {
        ...asking, standing: null, method: 'synchronize', welcome: null, previous: '4/0',
        entries: []
    },
    canvass: { ...asking, standing: null, method: 'canvass' },
    prepare: { ...asking, standing: 0, method: 'prepare', ballot: `${'f'.repeat(64)}/1/0` },
    petition: { ...asking, method: 'petition' },
    movedPetition: {
        ...asking, moved: { number: 1, properties: { location: 'here' } }, method: 'petition'
    },
    cededCanvass: { ...asking, method: 'canvass', ceded: '1/0' },
    cededPrepare: { ...asking, method: 'prepare', ballot: '4/1/0', ceded: '1/0' },
    cede: { ...asking, method: 'cede', ballot: '3/1/0' }
} as const satisfies Record<string, Request>

const answering: ResponseHeader = {
    from: bob,
    government: '2/0',
    committed: '2/3',
    ballot: '3/1/0',
    minimum: { version: '2/0', reduced: '0/0' },
    naturalizing: ['2/0', '5/0'],
    silent: ['4/0']
}

/** Responses of every kind. */
export const responses = {
    recorded: { ...answering, method: 'recorded', accepted: '3/1/0', position: '2/5' },
    promised: { ...answering, method: 'promised', accepted: '0/0/0', entries: chain },
    ahead: { ...answering, method: 'ahead', previous: '2/3', entries: chain },
    synchronized: { ...answering, method: 'synchronized' },
    granted: { ...answering, naturalizing: [], method: 'granted' },
    refused: { ...answering, silent: [], method: 'refused' },
    led: { ...answering, method: 'led' },
    behind: { ...answering, method: 'behind' },
    leaving: { ...answering, leaving: ['2/0', '4/0'], method: 'synchronized' },
    moving: {
        ...answering,
        moving: [{ number: 2, properties: null, immigrated: '4/0' }],
        method: 'led'
    },
    unreachable: { method: 'unreachable', exiled: true }
} as const satisfies Record<string, Response>

const to = { location: 'at bob' }

/** Calls of every kind, but for the requests. */
export const calls = {
    immigrate: {
        module: 'kibitz', method: 'immigrate', to,
        body: { republic: 'r', id: 'bob', cookie: 'c00c1e', properties: { url: 'x' }, hops: 0 }
    },
    passedOn: {
        module: 'kibitz', method: 'immigrate', to: null,
        body: { republic: -1, id: '_', cookie: 0, properties: null, hops: 1 }
    },
    batchPassedOn: {
        module: 'kibitz', method: 'enqueue', to,
        body: { republic: 'r', hops: 1, entries: [{ id: 'bob', cookie: '1', body: 'ay' }] }
    },
    enqueue: {
        module: 'kibitz', method: 'enqueue', to,
        body: {
            republic: 'r',
            entries: [
                { id: 'bob', cookie: '1', body: { said: 'ay' }, immigrated: '2/0' },
                { id: 'bob', cookie: '2', body: null }
            ]
        }
    }
} as const satisfies Record<string, WireCall>

const outcomes = {
    taken: { enqueued: true },
    sentOn: { enqueued: false, republic: 'r', leader: 'alice' },
    lost: { enqueued: false, republic: null, leader: null }
} as const satisfies Record<string, ImmigrateOutcome>

/** A request as it travels. */
export function receive(body: unknown): object {
    return { module: 'kibitz', method: 'receive', to, body }
}

function all(guard: GuardName, values: Readonly<Record<string, object>>): Sample[] {
    return Object.entries(values).map(([name, value]) => {
        return { name: `${guard} ${name}`, guard, value }
    })
}

/** Something of every kind that may arrive. */
export const samples: readonly Sample[] = [
    ...all('call', calls),
    ...all('call', Object.fromEntries(
        Object.entries(requests).map(([name, request]) => [name, receive(request)])
    )),
    ...all('response', responses),
    ...all('receipts', { receipts: { '1': '2/4', a0: '2/5' }, nothing: {} }),
    ...all('outcome', outcomes)
]
