/// <reference path="../../declarations/cadence.d.ts" preserve="true" />
/// <reference path="../../declarations/conduit.d.ts" preserve="true" />
/// <reference path="../../declarations/destructible.d.ts" preserve="true" />
/// <reference path="../../declarations/happenstance.d.ts" preserve="true" />
/// <reference path="../../declarations/procession.d.ts" preserve="true" />
/// <reference path="../../declarations/signal.d.ts" preserve="true" />
import type { Kibitzer } from '../../member/kibitzer.js'
import {
    callable,
    count,
    flag,
    milliseconds,
    type OptionTable,
    port as portNumber,
    readOptions,
    text
} from '../../base/option-table.js'
import { quiet } from '../../base/callbacks.js'
import {
    type Announcement,
    announcedUrl,
    checkAnnouncement,
    checkExposure,
    HOST,
    listen
} from '../address.js'
import { BYTES_LIMIT, BYTES_MAX } from '../message-size.js'
import {
    type Certificates, certificatesOf, TLS, type TlsOptions
} from '../security/certificates.js'
import { type TransportClient, connectClient, type ShownBy } from '../connect-client.js'
import { TcpServer } from './server.js'
import { budgetOf } from '../inbound-budget.js'
import { type Key, type KeyRing, KEYS, ringOf } from '../security/keys.js'
import type { Counting } from '../http/route.js'
import { namesOf, type Resolve } from '../name-lookup.js'
import { TcpClient } from './client.js'
import {
    CALL_TIMEOUT_MS, CALLS_MAX, CONNECT_OPTIONS, type ConnectOptions
} from '../call-limits.js'
import { checkArguments, QUEUES, respond, type Send } from '../connect.js'

/** Options that must be equal at every member of a republic. */
export interface TcpOptions {
    /** The limit of the JSON of a call or of an answer, in bytes. @default 8388608 */
    readonly bytesMax?: number
    /** The keys that members share, or a ring of keys. @default none */
    readonly keys?: readonly Key[] | KeyRing
}

/** The options of a client over TCP. */
export interface TcpSendOptions extends TcpOptions {
    /**
     * The certificates of this member. With certificates, every address is `tls:`.
     * @default none
     */
    readonly tls?: TlsOptions | Certificates
    /**
     * Resolves a host name to its addresses. At most one look-up per name is in flight.
     * @default the resolver of the system
     */
    readonly lookup?: Resolve
    /** The time limit of the dial and the handshake, in milliseconds. @default 400 */
    readonly connectTimeout?: number
    /** The longest pause before another dial, in milliseconds. @default 250 */
    readonly backoffMax?: number
    /**
     * While calls wait: the silence after which the client sends a ping, in milliseconds. After
     * three times as long, the client cuts the connection.
     * @default 200
     */
    readonly silence?: number
}

/** The options of a listener. */
export interface ListenTcpOptions extends TcpSendOptions, ConnectOptions {
    /** The address on which the listener listens. @default '127.0.0.1' */
    readonly host?: string
    /**
     * The address that peers call: `host`, `host:port`, or a url. Required if `host` stands for
     * all interfaces (`0.0.0.0`, `::`). @default `host` and the port in use
     */
    readonly advertise?: string
    /** The number of the port on which the listener listens; 0 selects a free port. @default 0 */
    readonly port?: number
    /**
     * Permits a listener without `tls` and `keys` on an address that other machines can reach. Then
     * every caller that reaches the address can act as a member.
     * @default false
     */
    readonly insecure?: boolean
    /** The time limit of the handshake, in milliseconds. @default 5000 */
    readonly handshakeTimeout?: number
    /**
     * The time limit for a message to arrive, and for an answer to be read, in milliseconds.
     * @default 10000
     */
    readonly requestTimeout?: number
    /** The time for which an idle connection stays open, in milliseconds. @default 30000 */
    readonly keepAliveTimeout?: number
    /**
     * The number of connections that may be open. At the limit, the oldest unproven connection is
     * closed.
     * @default 1024
     */
    readonly connectionsMax?: number
    /**
     * Memory for incomplete messages of all connections together, in bytes; at least `bytesMax`. A
     * connection without room waits.
     * @default 67108864
     */
    readonly inboundBytesMax?: number
}

/** The kinds of the options that must be equal at every member. */
const TCP_OPTIONS: OptionTable<TcpOptions> = { bytesMax: count(BYTES_LIMIT), keys: KEYS }

/** The kinds of the options of a client. */
export const TCP_SEND_OPTIONS: OptionTable<TcpSendOptions> = {
    ...TCP_OPTIONS,
    tls: TLS,
    lookup: callable,
    connectTimeout: milliseconds,
    backoffMax: milliseconds,
    silence: milliseconds
}

/** The kinds of the options of a listener. */
export const LISTEN_TCP_OPTIONS: OptionTable<ListenTcpOptions> = {
    ...TCP_SEND_OPTIONS,
    ...CONNECT_OPTIONS,
    host: HOST,
    advertise: text(2048),
    port: portNumber,
    insecure: flag,
    handshakeTimeout: milliseconds,
    requestTimeout: milliseconds,
    keepAliveTimeout: milliseconds,
    connectionsMax: count(1_000_000),
    inboundBytesMax: count(2 ** 40)
}

/**
 * Options of HTTP only. These are ignored, so that one options object can serve both transports.
 */
const OPTIONS_OF_HTTP: readonly string[] = [
    'socketsMax', 'path', 'headersTimeout', 'headBytesMax', 'routes'
]

/** The client over TCP. */
export type TcpSend = TransportClient

/** A listening Kibitzer. */
export interface TcpListener {
    /** The url that peers call. Put the url into the properties of this member, as `{ url }`. */
    readonly url: string
    /**
     * Closes every socket, inbound and outgoing. Resolves when no socket is open. `destroy` of the
     * Kibitzer does the same.
     */
    close(): Promise<void>
}

/** Makes a client that counts rejections at the Kibitzer. */
function client(
    options: TcpSendOptions,
    certificates: Certificates | null,
    counting: Counting
): TcpSend {
    const client = new TcpClient({
        bytesMax: options.bytesMax ?? BYTES_MAX,
        connectTimeout: options.connectTimeout ?? 400,
        backoffMax: options.backoffMax ?? 250,
        silence: options.silence ?? 200,
        keys: ringOf(options.keys),
        certificates,
        names: namesOf(options.lookup),
        onTurnedAway: (reason, from) => counting.turnAway?.(reason, from)
    })
    const send: Send = (to, envelope, signal) => client.send(to, envelope, signal)
    return Object.assign(send, { close: () => client.close() })
}

/**
 * A client that sends envelopes as JSON to the `url` in the properties of the addressee. Each
 * address has one kept connection with many calls in flight. Pass the client to `connect`, or use
 * `connectTcp`, which does both.
 */
export function send(options: TcpSendOptions | null = {}): TcpSend {
    const settings = readOptions('send', options, TCP_SEND_OPTIONS, [], OPTIONS_OF_HTTP)
    return client(settings, certificatesOf(settings.tls), {})
}

/**
 * Connects a Kibitzer with its own client. Connect before `bootstrap` and `join`. The connection
 * ends when the Kibitzer is destroyed.
 *
 * @returns The undo of `connect`, which also closes the connections of the client.
 * @throws KibitzError `invalid-argument`.
 */
export function connectTcp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Counting,
    options: (TcpSendOptions & ConnectOptions) | null = {}
): () => void {
    checkArguments('connectTcp', { kibitzer }, { kibitzer: QUEUES })
    const table = { ...TCP_SEND_OPTIONS, ...CONNECT_OPTIONS }
    const settings = readOptions('connectTcp', options, table, [], OPTIONS_OF_HTTP)
    const certificates = certificatesOf(settings.tls)
    const tcpSend = client(settings, certificates, kibitzer)
    return connectClient(kibitzer, tcpSend, settings, { certificates, usages: ['clientAuth'] })
}

type Listening = Required<
    Omit<ListenTcpOptions, keyof TcpSendOptions | 'advertise' | 'inboundBytesMax'>
>

function withDefaults(options: ListenTcpOptions): Listening {
    return {
        host: '127.0.0.1',
        port: 0,
        insecure: false,
        handshakeTimeout: 5000,
        requestTimeout: 10_000,
        keepAliveTimeout: 30_000,
        connectionsMax: 1024,
        callsMax: CALLS_MAX,
        callTimeout: CALL_TIMEOUT_MS,
        ...options
    }
}

/**
 * Makes a Kibitzer listen on a port of its own, and connects the Kibitzer with a client. Listen
 * before `bootstrap` and `join`, which need the `url`. The listener closes when the Kibitzer is
 * destroyed.
 *
 * @throws KibitzError `address-in-use`, `invalid-argument`.
 */
export function listenTcp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'> & Counting,
    options: ListenTcpOptions | null = {}
): Promise<TcpListener> {
    return quiet(startListener(kibitzer, options))
}

async function startListener(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'> & Counting,
    given: ListenTcpOptions | null
): Promise<TcpListener> {
    checkArguments('listenTcp', { kibitzer }, { kibitzer: QUEUES })
    const options = readOptions('listenTcp', given, LISTEN_TCP_OPTIONS, [], OPTIONS_OF_HTTP)
    const settings = withDefaults(options)
    const { port, host } = settings
    const keys = ringOf(options.keys)
    const certificates = certificatesOf(options.tls)
    checkExposure({ ...settings, isGuarded: (keys ?? certificates) !== null })
    const announcement: Announcement = {
        scheme: certificates === null ? 'tcp' : 'tls',
        host,
        path: '',
        advertise: options.advertise
    }
    checkAnnouncement(announcement)
    const { bytesMax = BYTES_MAX } = options
    const server = new TcpServer({
        answer: (envelope, peer) => respond(kibitzer, envelope, { peer: peer ?? undefined }),
        keys,
        certificates,
        connectionsMax: settings.connectionsMax,
        bytesMax,
        budget: budgetOf(options.inboundBytesMax, bytesMax),
        callsMax: settings.callsMax,
        timeLimits: {
            hello: settings.handshakeTimeout,
            frame: settings.requestTimeout,
            silence: settings.keepAliveTimeout
        },
        onTurnedAway: (reason, from) => kibitzer.turnAway?.(reason, from)
    })
    const shared = { ...options, ...(keys === null ? {} : { keys }) }
    const tcpSend = client(shared, certificates, kibitzer)
    const shownBy: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, tcpSend, options, shownBy)
    let closing: Promise<void> | null = null
    const close = (): Promise<void> => {
        if (closing === null) {
            disconnect()
            closing = server.close()
        }
        return closing
    }
    try {
        const boundPort = await listen(server.server, 'kibitz/tcp', port, host, kibitzer)
        kibitzer.destruction.wait(() => void close())
        return Object.freeze({ url: announcedUrl(announcement, boundPort), close })
    } catch (error) {
        await close()
        throw error
    }
}
