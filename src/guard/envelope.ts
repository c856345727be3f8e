import { type PackedBatch, unpackBatch } from '../publisher/batch-encoding.js'
import type { Properties, Request } from '../paxos/messages/messages.js'
import type { QuestionBody } from '../member/questions.js'
import type { EnqueueBody, ImmigrateBody } from '../member/inputs.js'
import { properties, userValue, versions } from './entry.js'
import { WIRE_LIMITS, type WireLimits } from './limits.js'
import type { Rejection } from './rejection.js'
import { request } from './request.js'
import { callNumber, cookie, hops, id, name, oneOf, promise, text } from './scalars.js'
import {
    type Fields,
    flatList,
    type Guard,
    applyGuard,
    list,
    optional,
    record,
    type Rest,
    singleOrPacked,
    Shape,
    variant
} from './combinators.js'

interface Addressed {
    readonly module: 'kibitz'
    /** The properties of the addressee, if the transport delivers them. */
    readonly to?: Properties
}

/** A new member asks for admission. */
export interface ImmigrateCall extends Addressed {
    readonly method: 'immigrate'
    readonly body: ImmigrateBody
}

/** A request between engines. */
export interface ReceiveCall extends Addressed {
    readonly method: 'receive'
    readonly body: Request
}

/** A publisher asks the leader to write entries. */
export interface EnqueueCall extends Addressed {
    readonly method: 'enqueue'
    readonly body: EnqueueBody
}

/** A member asks the leader for the end of its log. */
export interface MarkCall extends Addressed {
    readonly method: 'mark'
    readonly body: QuestionBody
}

/** A leader asks a voter for the highest promised ballot. */
export interface PromisedCall extends Addressed {
    readonly method: 'promised'
    readonly body: QuestionBody
}

/** A call of one member to another: rebuilt, frozen and within the limits. */
export type WireCall = ImmigrateCall | ReceiveCall | EnqueueCall | MarkCall | PromisedCall

/** The rebuilt call, or the rejection. */
export type GuardedEnvelope =
    | { readonly ok: true; readonly envelope: WireCall }
    | { readonly ok: false; readonly rejection: Rejection }

type Method = WireCall['method']

const ADDRESSED: Fields<Addressed> = {
    module: oneOf(['kibitz'], 'unknown-module'),
    to: optional(properties)
}

/** The body of `immigrate`: a request for admission. */
export const immigration: Guard<ImmigrateBody> = record<ImmigrateBody>({
    republic: name, id, cookie: name, properties, hops, versions: optional(versions)
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

/** The body of `enqueue`: a batch of published values. */
export const batch: Guard<EnqueueBody> = record<EnqueueBody>({
    republic: name,
    founding: optional(text),
    hops: optional(hops),
    call: optional(callNumber),
    entries: flatList(singleOrPacked(proposal, packed, unpackBatch), 'entriesMax')
})

const question: Guard<QuestionBody> = record<QuestionBody>({
    republic: name, founding: text, id, to: promise
})

const SHAPES: {
    readonly [Key in Method]: Shape<Rest<Extract<WireCall, { method: Key }>, 'method'>>
} = {
    immigrate: new Shape<Rest<ImmigrateCall, 'method'>>({ ...ADDRESSED, body: immigration }),
    receive: new Shape<Rest<ReceiveCall, 'method'>>({ ...ADDRESSED, body: request }),
    enqueue: new Shape<Rest<EnqueueCall, 'method'>>({ ...ADDRESSED, body: batch }),
    mark: new Shape<Rest<MarkCall, 'method'>>({ ...ADDRESSED, body: question }),
    promised: new Shape<Rest<PromisedCall, 'method'>>({ ...ADDRESSED, body: question })
}

const METHODS: readonly Method[] = ['immigrate', 'receive', 'enqueue', 'mark', 'promised']

const call: Guard<WireCall> = variant<WireCall, 'method'>(
    'method',
    oneOf(METHODS, 'unknown-method'),
    (method) => SHAPES[method]
)

/**
 * The guard of every call that arrives over a transport. Never throws, never changes or keeps the
 * input, and reads each property once. The result is a complete call or a rejection, never a part
 * of a call.
 */
export function guardEnvelope(
    envelope: unknown,
    limits: WireLimits = WIRE_LIMITS
): GuardedEnvelope {
    const result = applyGuard(call, envelope, limits)
    return result.ok ? { ok: true, envelope: result.value } : result
}
