import { type PackedBatch, unwrap } from '../publisher/batch-encoding.js'
import type { Properties, Request } from '../paxos/messages/messages.js'
import type { EnqueueBody, ImmigrateBody } from '../member/played.js'
import { properties, userValue } from './entry.js'
import { WIRE_LIMITS, type WireLimits } from './limits.js'
import type { Rejection } from './rejection.js'
import { request } from './request.js'
import { cookie, hops, id, name, oneOf, promise, text } from './scalars.js'
import {
    type Fields,
    flatList,
    type Guard,
    judge,
    list,
    optional,
    record,
    type Rest,
    several,
    Shape,
    variant
} from './combinators.js'

interface Addressed {
    readonly module: 'kibitz'
    /** The properties of the addressee, where the transport brought them along. */
    readonly to?: Properties
}

/** A newcomer asks to be admitted. */
export interface ImmigrateCall extends Addressed {
    readonly method: 'immigrate'
    readonly body: ImmigrateBody
}

/** An engine asks another. */
export interface ReceiveCall extends Addressed {
    readonly method: 'receive'
    readonly body: Request
}

/** A publisher asks a leader to write. */
export interface EnqueueCall extends Addressed {
    readonly method: 'enqueue'
    readonly body: EnqueueBody
}

/** Everything that one member may ask of another: rebuilt, frozen, and within limits. */
export type WireCall = ImmigrateCall | ReceiveCall | EnqueueCall

/** A call, or why it is none. */
export type GuardedEnvelope =
    | { readonly ok: true; readonly envelope: WireCall }
    | { readonly ok: false; readonly rejection: Rejection }

type Method = WireCall['method']

const ADDRESSED: Fields<Addressed> = {
    module: oneOf(['kibitz'], 'unknown-module'),
    to: optional(properties)
}

/** A request to be admitted. */
export const immigration: Guard<ImmigrateBody> = record<ImmigrateBody>({
    republic: name, id, cookie: name, properties, hops
})

type Proposed = EnqueueBody['entries'][number]

const proposal = record<Proposed>({
    id,
    cookie,
    body: userValue,
    immigrated: optional(promise)
})

const packed = record<PackedBatch>({
    id,
    cookie,
    immigrated: promise,
    bodies: list(userValue, 'entriesMax')
})

/** The batch of a publisher. */
export const batch: Guard<EnqueueBody> = record<EnqueueBody>({
    republic: name,
    founding: optional(text),
    hops: optional(hops),
    entries: flatList(several(proposal, packed, unwrap), 'entriesMax')
})

const SHAPES: {
    readonly [Key in Method]: Shape<Rest<Extract<WireCall, { method: Key }>, 'method'>>
} = {
    immigrate: new Shape<Rest<ImmigrateCall, 'method'>>({ ...ADDRESSED, body: immigration }),
    receive: new Shape<Rest<ReceiveCall, 'method'>>({ ...ADDRESSED, body: request }),
    enqueue: new Shape<Rest<EnqueueCall, 'method'>>({ ...ADDRESSED, body: batch })
}

const METHODS: readonly Method[] = ['immigrate', 'receive', 'enqueue']

const call: Guard<WireCall> = variant<WireCall, 'method'>(
    'method',
    oneOf(METHODS, 'unknown-method'),
    (method) => SHAPES[method]
)

/**
 * The one guard of everything that arrives over a wire. Never throws, never changes or keeps its
 * input, and looks at each of its properties once. Nothing that was rejected has been rebuilt
 * half: either the whole call is sound or there is none.
 */
export function guardEnvelope(
    envelope: unknown,
    limits: WireLimits = WIRE_LIMITS
): GuardedEnvelope {
    const verdict = judge(call, envelope, limits)
    return verdict.ok ? { ok: true, envelope: verdict.value } : verdict
}
