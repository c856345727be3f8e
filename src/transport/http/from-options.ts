import type { Properties } from '../../paxos/messages/messages.js'
import { CALLS_MAX } from '../call-limits.js'
import { respond, type Send } from '../connect.js'
import type { TransportClient } from '../connect-client.js'
import { budgetOf } from '../inbound-budget.js'
import { OPAQUE_BYTES_MAX } from '../message-size.js'
import { namesOf } from '../name-lookup.js'
import { type Certificates, peerOf } from '../security/certificates.js'
import { ringOf } from '../security/keys.js'
import { HttpClient } from './client.js'
import type { Exchange } from './sized-posts.js'
import type { HandlerOptions, HttpSendOptions, ListenHttpOptions } from './options.js'
import { RequestHandler, type RequestHandlerTerms } from './request-handler.js'
import type { Answering, Counting, RouteAnswer } from './route.js'

/** The client over HTTP. */
export interface HttpSend extends TransportClient {
    /** Posts any value to the `url` in the properties, and resolves with the response. */
    exchange(to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange>
}

/** Makes a client that counts rejections at the Kibitzer. */
export function httpSendOf(
    options: HttpSendOptions,
    certificates: Certificates | null,
    counting: Counting
): HttpSend {
    const httpClient = new HttpClient({
        bytesMax: options.bytesMax ?? OPAQUE_BYTES_MAX,
        socketsMax: options.socketsMax ?? 4,
        keys: ringOf(options.keys),
        certificates,
        names: namesOf(options.lookup),
        onTurnedAway: (code, from) => counting.turnAway?.(code, from)
    })
    const send: Send = (to, envelope, signal) => httpClient.send(to, envelope, signal)
    return Object.assign(send, {
        exchange: async (to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange> =>
            await httpClient.exchange(to, value, signal),
        close: () => httpClient.close()
    })
}

/** The settings of a path besides its answers. */
export type SharedTerms = Omit<RequestHandlerTerms, 'method' | 'answer' | 'isAddressed'>

/** The settings that all paths of a listener share. */
export function sharedTerms(
    options: HandlerOptions,
    { onProven, isOwn }: Pick<RequestHandlerTerms, 'onProven' | 'isOwn'>
): SharedTerms {
    const { bytesMax = OPAQUE_BYTES_MAX, callsMax = CALLS_MAX, peer, keys } = options
    return {
        budget: budgetOf(options.inboundBytesMax, bytesMax),
        nonces: new Set(),
        isOwn,
        bytesMax,
        callsMax,
        keys: ringOf(keys),
        peerOf: peer ?? (({ socket }) => peerOf(socket) ?? undefined),
        onProven
    }
}

/** The handler of the path for calls of members. */
export function callHandlerOf(kibitzer: Answering, shared: SharedTerms): RequestHandler {
    return new RequestHandler(kibitzer, {
        ...shared,
        method: 'POST',
        isAddressed: true,
        answer: async (body, peer) => {
            return { status: 200, body: await respond(kibitzer, body, { peer }) }
        }
    })
}

/** The handlers of all paths of a listener. */
export function handlersOf(
    kibitzer: Answering,
    shared: SharedTerms,
    { path, routes }: { readonly path: string; readonly routes: ListenHttpOptions['routes'] }
): ReadonlyMap<string, RequestHandler> {
    const handlers = Object.entries(routes ?? {}).map(([at, route]) => {
        const { method = 'POST', isAddressed = false, answerUnsigned } = route
        const answer = (body: unknown): Promise<RouteAnswer> => route.answer(body)
        const terms = { ...shared, method, isAddressed, answer, answerUnsigned }
        return [at, new RequestHandler(kibitzer, terms)] as const
    })
    return new Map([...handlers, [path, callHandlerOf(kibitzer, shared)]])
}
