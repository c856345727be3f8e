/// <reference path="../../declarations/cadence.d.ts" preserve="true" />
/// <reference path="../../declarations/conduit.d.ts" preserve="true" />
/// <reference path="../../declarations/destructible.d.ts" preserve="true" />
/// <reference path="../../declarations/happenstance.d.ts" preserve="true" />
/// <reference path="../../declarations/procession.d.ts" preserve="true" />
/// <reference path="../../declarations/signal.d.ts" preserve="true" />
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Kibitzer } from '../../member/kibitzer.js'
import { parseJson } from '../opaque.js'
import { readOptions } from '../../base/option-table.js'
import { quiet } from '../../base/callbacks.js'
import type { Properties } from '../../paxos/messages/messages.js'
import type { Arrival, TurnedAway } from '../authenticated-peer.js'
import {
    type Announcement,
    announcedUrl,
    checkAnnouncement,
    listen,
    OwnAddresses
} from '../address.js'
import { OPAQUE_BYTES_MAX } from '../message-size.js'
import { budgetOf } from '../inbound-budget.js'
import { type Certificates, certificatesOf, peerOf } from '../security/certificates.js'
import { type TransportClient, connectClient, type ShownBy } from '../connect-client.js'
import { RequestHandler, type RequestHandlerTerms } from './request-handler.js'
import {
    HANDLER_OPTIONS,
    HTTP_SEND_OPTIONS,
    type HandlerOptions,
    type HttpOptions,
    type HttpSendOptions,
    LISTEN_HTTP_OPTIONS,
    type ListenHttpOptions,
    OPTIONS_OF_TCP,
    settle
} from './options.js'
import { ringOf } from '../security/keys.js'
import { namesOf } from '../name-lookup.js'
import { Paths } from './paths.js'
import { type Exchange, HttpClient } from './client.js'
import type { Answering, Counting, Route, RouteAnswer } from './route.js'
import { BoundedServer } from './server.js'
import { CALLS_MAX, CONNECT_OPTIONS, type ConnectOptions } from '../call-limits.js'
import { CALLEE, checkArguments, QUEUES, respond, type Send } from '../connect.js'

export type { HandlerOptions, HttpOptions, HttpSendOptions, ListenHttpOptions }
export type { Exchange, Route, RouteAnswer }

/** A built-in client. */
export interface HttpSend extends TransportClient {
    /** Posts any value to the `url` in the properties, and resolves with what is answered. */
    exchange(to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange>
}

/** A Kibitzer that listens. */
export interface HttpListener {
    /** What the others need: let the properties of this member hold it, as `{ url }`. */
    readonly url: string
    /** Closes every socket on both sides. Resolves when none is left. Happens on `destroy` too. */
    close(): Promise<void>
}

/**
 * Hands a body that has arrived to a Kibitzer, for a route of any framework: the value that a JSON
 * parser made of the body, or the text, or the bytes. The result is the body of the response, as
 * JSON. The promise never rejects. If the framework refuses large bodies, the other members send
 * their messages in parts.
 */
export async function answer(
    kibitzer: Pick<Kibitzer, 'request'>,
    body: unknown,
    arrival: Arrival = {}
): Promise<unknown> {
    return await respond(kibitzer, readBody(body), arrival)
}

/** The JSON value of a body; `undefined`, which the guard rejects, if the body holds none. */
function readBody(body: unknown): unknown {
    try {
        if (typeof body === 'string') {
            return JSON.parse(body)
        }
        return body instanceof Uint8Array ? parseJson(Buffer.from(body)) : body
    } catch {
        return undefined
    }
}

type Shared = Omit<RequestHandlerTerms, 'method' | 'answer' | 'isAddressed'>

/** What all paths of a listener have in common. */
function share(
    options: HandlerOptions,
    { onProven, isOwn }: Pick<RequestHandlerTerms, 'onProven' | 'isOwn'>
): Shared {
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

/** The path on which a Kibitzer is called. */
function callsOf(kibitzer: Answering, shared: Shared): RequestHandler {
    return new RequestHandler(kibitzer, {
        ...shared,
        method: 'POST',
        isAddressed: true,
        answer: async (body, peer) => {
            return { status: 200, body: await respond(kibitzer, body, { peer }) }
        }
    })
}

/** Every path of a listener. */
function desksOf(
    kibitzer: Answering,
    shared: Shared,
    { path, routes }: { readonly path: string; readonly routes: ListenHttpOptions['routes'] }
): ReadonlyMap<string, RequestHandler> {
    const desks = Object.entries(routes ?? {}).map(([at, route]) => {
        const { method = 'POST', isAddressed = false, answerUnsigned } = route
        const answer = (body: unknown): Promise<RouteAnswer> => route.answer(body)
        const terms = { ...shared, method, isAddressed, answer, answerUnsigned }
        return [at, new RequestHandler(kibitzer, terms)] as const
    })
    return new Map([...desks, [path, callsOf(kibitzer, shared)]])
}

/**
 * A listener of requests for a server of `node:http` or `node:https`, and a handler of a route in
 * Express. The handler answers POST and JSON. The server decides the path, the callers that may
 * call, and how long a request may take. If a parser before the handler has left a `body`, the
 * handler takes the `body`: a value, a text or a `Buffer`. If no parser has read the request, the
 * handler reads the request, even if `body` is an empty object.
 */
export function handler(
    kibitzer: Answering,
    options: HandlerOptions | null = {}
): (request: IncomingMessage, response: ServerResponse) => void {
    checkArguments('handler', { kibitzer }, { kibitzer: CALLEE })
    const settings = readOptions('handler', options, HANDLER_OPTIONS)
    const requestHandler = callsOf(
        kibitzer, share(settings, { onProven: () => {}, isOwn: () => true })
    )
    return (request, response) => void requestHandler.serve(request, response)
}

/**
 * A client that posts envelopes as JSON to the `url` in the properties of the addressee, over
 * connections that are kept. Hand it to `connect`, or let `connectHttp` do both.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function send(options: HttpSendOptions | null = {}): HttpSend {
    const settings = readOptions('send', options, HTTP_SEND_OPTIONS, [], OPTIONS_OF_TCP)
    return client(settings, certificatesOf(settings.tls), {})
}

function client(
    options: HttpSendOptions,
    certificates: Certificates | null,
    counting: Counting
): HttpSend {
    const post = new HttpClient({
        bytesMax: options.bytesMax ?? OPAQUE_BYTES_MAX,
        socketsMax: options.socketsMax ?? 4,
        keys: ringOf(options.keys),
        certificates,
        names: namesOf(options.lookup),
        failed: (code, from) => counting.turnAway?.(code, from)
    })
    const carry: Send = (to, envelope, signal) => post.send(to, envelope, signal)
    return Object.assign(carry, {
        exchange: async (to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange> =>
            await post.exchange(to, value, signal),
        close: () => post.close()
    })
}

/**
 * Connects a Kibitzer with a client of its own. Do it before `bootstrap` and `join`. It ends with
 * the Kibitzer.
 *
 * @returns The undo, as `connect` has it. It closes the client's sockets.
 * @throws KibitzError `invalid-argument`.
 */
export function connectHttp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Counting,
    options: (HttpSendOptions & ConnectOptions) | null = {}
): () => void {
    checkArguments('connectHttp', { kibitzer }, { kibitzer: QUEUES })
    const table = { ...HTTP_SEND_OPTIONS, ...CONNECT_OPTIONS }
    const settings = readOptions('connectHttp', options, table, [], OPTIONS_OF_TCP)
    const certificates = certificatesOf(settings.tls)
    const sending = client(settings, certificates, kibitzer)
    return connectClient(kibitzer, sending, settings, { certificates, usages: ['clientAuth'] })
}

/**
 * Lets a Kibitzer listen on a port of its own, and connects it with a client. Do it before
 * `bootstrap` and `join`, which want the `url`. It ends with the Kibitzer.
 *
 * @throws KibitzError `address-in-use`, `invalid-argument`.
 */
export function listenHttp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Answering,
    options: ListenHttpOptions | null = {}
): Promise<HttpListener> {
    return quiet(listenOver(kibitzer, options))
}

async function listenOver(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Answering,
    given: ListenHttpOptions | null
): Promise<HttpListener> {
    checkArguments('listenHttp', { kibitzer }, { kibitzer: QUEUES })
    const options = readOptions('listenHttp', given, LISTEN_HTTP_OPTIONS, [], OPTIONS_OF_TCP)
    const settings = settle(options)
    const { path, port, host } = settings
    const certificates = certificatesOf(options.tls)
    const announcement: Announcement = {
        scheme: certificates === null ? 'http' : 'https',
        host,
        path,
        advertise: options.advertise
    }
    checkAnnouncement(announcement)
    const keys = ringOf(options.keys)
    const shared = { ...options, ...(keys === null ? {} : { keys }) }
    const own = new OwnAddresses()
    const onProven = (socket: Socket): void => bounded.markProven(socket)
    const desks = desksOf(kibitzer, share(shared, { onProven, isOwn: own.has }), settings)
    const failed = (code: TurnedAway, from: string): void => kibitzer.turnAway?.(code, from)
    const terms = { ...settings, certificates, failed }
    const bounded = new BoundedServer(terms, new Paths(kibitzer, desks).serve)
    const sending = client(shared, certificates, kibitzer)
    const shown: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, sending, shared, shown)
    let closing: Promise<void> | null = null
    const close = (): Promise<void> => {
        if (closing === null) {
            disconnect()
            closing = bounded.close()
        }
        return closing
    }
    try {
        const bound = await listen(bounded.server, 'kibitz/http', port, host, kibitzer)
        kibitzer.destruction.wait(() => void close())
        const url = announcedUrl(announcement, bound)
        own.add(url)
        return Object.freeze({ url, close })
    } catch (error) {
        await close()
        throw error
    }
}
