import '../../base/packages.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Kibitzer } from '../../member/kibitzer.js'
import { parseJson } from '../opaque.js'
import { readOptions } from '../../base/option-table.js'
import { quiet } from '../../base/callbacks.js'
import type { Arrival, TurnedAway } from '../authenticated-peer.js'
import { type Announcement, checkAnnouncement, OwnAddresses } from '../address.js'
import { openPort } from '../open-port.js'
import { certificatesOf } from '../security/certificates.js'
import { connectClient, type ShownBy } from '../connect-client.js'
import {
    callHandlerOf, handlersOf, type HttpSend, httpSendOf, sharedTerms
} from './from-options.js'
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
import { Paths } from './paths.js'
import type { Exchange } from './sized-posts.js'
import type { Answering, Counting, Route, RouteAnswer } from './route.js'
import { BoundedServer } from './server.js'
import { CONNECT_OPTIONS, type ConnectOptions } from '../call-limits.js'
import { CALLEE, checkArguments, QUEUES, respond } from '../connect.js'

export type { HandlerOptions, HttpOptions, HttpSendOptions, ListenHttpOptions }
export type { Exchange, HttpSend, Route, RouteAnswer }

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
    return httpSendOf(settings, certificatesOf(settings.tls), {})
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
    const httpSend = httpSendOf(settings, certificates, kibitzer)
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
    const httpSend = httpSendOf(shared, certificates, kibitzer)
    const shownBy: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, httpSend, shared, shownBy)
    const place = { name: 'kibitz/http', port, announcement }
    const opened = await openPort(kibitzer, boundedServer, disconnect, place)
    ownAddresses.add(opened.url)
    return opened
}
