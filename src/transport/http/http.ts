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
    withDefaults
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

/** The client over HTTP. */
export interface HttpSend extends TransportClient {
    /** Posts any value to the `url` in the properties, and resolves with the response. */
    exchange(to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange>
}

/** A listening Kibitzer. */
export interface HttpListener {
    /** The url that peers call. Put the url into the properties of this member, as `{ url }`. */
    readonly url: string
    /**
     * Closes every socket, inbound and outgoing. Resolves when no socket is open. `destroy` of the
     * Kibitzer does the same.
     */
    close(): Promise<void>
}

/**
 * Passes an arrived body to a Kibitzer, for a route of any framework. The body is the value from a
 * JSON parser, a text, or bytes. Send the result as the JSON body of the response. The promise
 * never rejects. If the framework refuses large bodies, other members send their messages in parts.
 */
export async function answer(
    kibitzer: Pick<Kibitzer, 'request'>,
    body: unknown,
    arrival: Arrival = {}
): Promise<unknown> {
    return await respond(kibitzer, readBody(body), arrival)
}

/** The JSON value of a body; `undefined`, which the guard rejects, if the body is not JSON. */
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

type SharedTerms = Omit<RequestHandlerTerms, 'method' | 'answer' | 'isAddressed'>

/** The settings that all paths of a listener share. */
function sharedTerms(
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
function callHandlerOf(kibitzer: Answering, shared: SharedTerms): RequestHandler {
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
function handlersOf(
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

/**
 * A request listener for a server of `node:http` or `node:https`, and a route handler for Express.
 * The handler answers POST requests with JSON. The server chooses the path, the permitted callers,
 * and the time limit of a request. If a parser has left a `body` (a value, a text or a `Buffer`),
 * the handler uses the `body`. If no parser has read the request, the handler reads the request,
 * even if `body` is an empty object.
 */
export function handler(
    kibitzer: Answering,
    options: HandlerOptions | null = {}
): (request: IncomingMessage, response: ServerResponse) => void {
    checkArguments('handler', { kibitzer }, { kibitzer: CALLEE })
    const settings = readOptions('handler', options, HANDLER_OPTIONS)
    const requestHandler = callHandlerOf(
        kibitzer, sharedTerms(settings, { onProven: () => {}, isOwn: () => true })
    )
    return (request, response) => void requestHandler.serve(request, response)
}

/**
 * A client that posts envelopes as JSON to the `url` in the properties of the addressee, over kept
 * connections. Pass the client to `connect`, or use `connectHttp`, which does both.
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

/**
 * Connects a Kibitzer with its own client. Connect before `bootstrap` and `join`. The connection
 * ends when the Kibitzer is destroyed.
 *
 * @returns The undo of `connect`, which also closes the sockets of the client.
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
    const httpSend = client(settings, certificates, kibitzer)
    return connectClient(kibitzer, httpSend, settings, { certificates, usages: ['clientAuth'] })
}

/**
 * Makes a Kibitzer listen on a port of its own, and connects the Kibitzer with a client. Listen
 * before `bootstrap` and `join`, which need the `url`. The listener closes when the Kibitzer is
 * destroyed.
 *
 * @throws KibitzError `address-in-use`, `invalid-argument`.
 */
export function listenHttp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Answering,
    options: ListenHttpOptions | null = {}
): Promise<HttpListener> {
    return quiet(startListener(kibitzer, options))
}

async function startListener(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Answering,
    given: ListenHttpOptions | null
): Promise<HttpListener> {
    checkArguments('listenHttp', { kibitzer }, { kibitzer: QUEUES })
    const options = readOptions('listenHttp', given, LISTEN_HTTP_OPTIONS, [], OPTIONS_OF_TCP)
    const settings = withDefaults(options)
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
    const ownAddresses = new OwnAddresses()
    const onProven = (socket: Socket): void => boundedServer.markProven(socket)
    const own = { onProven, isOwn: ownAddresses.has }
    const handlers = handlersOf(kibitzer, sharedTerms(shared, own), settings)
    const onTurnedAway = (code: TurnedAway, from: string): void => kibitzer.turnAway?.(code, from)
    const terms = { ...settings, certificates, onTurnedAway }
    const boundedServer = new BoundedServer(terms, new Paths(kibitzer, handlers).serve)
    const httpSend = client(shared, certificates, kibitzer)
    const shownBy: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, httpSend, shared, shownBy)
    let closing: Promise<void> | null = null
    const close = (): Promise<void> => {
        if (closing === null) {
            disconnect()
            closing = boundedServer.close()
        }
        return closing
    }
    try {
        const boundPort = await listen(boundedServer.server, 'kibitz/http', port, host, kibitzer)
        kibitzer.destruction.wait(() => void close())
        const url = announcedUrl(announcement, boundPort)
        ownAddresses.add(url)
        return Object.freeze({ url, close })
    } catch (error) {
        await close()
        throw error
    }
}
