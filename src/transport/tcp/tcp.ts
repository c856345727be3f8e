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
    port as portKind,
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

/** What every member of a republic must be given alike. */
export interface TcpOptions {
    /** How many bytes the JSON of a call, or of an answer, may take. @default 8388608 */
    readonly bytesMax?: number
    /** The keys that members share, or the ring that holds them. @default none */
    readonly keys?: readonly Key[] | KeyRing
}

/** How calls are sent over TCP. */
export interface TcpSendOptions extends TcpOptions {
    /** The certificates of this member; then every address is `tls:`. @default none */
    readonly tls?: TlsOptions | Certificates
    /**
     * Yields the addresses of a host name. One look-up per name is under way at a time.
     * @default the resolver of the system
     */
    readonly lookup?: Resolve
    /** How long it may take to be known to an addressee, in milliseconds. @default 400 */
    readonly connectTimeout?: number
    /** How long it waits at most before it dials again, in milliseconds. @default 250 */
    readonly backoffMax?: number
    /**
     * How long silence lasts before a sign of life is asked for, in milliseconds; after three
     * times as long, while calls wait, the connection is given up. @default 200
     */
    readonly silence?: number
}

/** How a Kibitzer listens on a port of its own. */
export interface ListenTcpOptions extends TcpSendOptions, ConnectOptions {
    /** The address to listen on. @default '127.0.0.1' */
    readonly host?: string
    /**
     * The address that peers call: `host`, `host:port`, or a url. Required if `host` stands for
     * all interfaces (`0.0.0.0`, `::`). @default `host` and the port in use
     */
    readonly advertise?: string
    /** The port to listen on, or 0 for any of how many ports are free. @default 0 */
    readonly port?: number
    /**
     * Listen, without `tls` and `keys`, on an address that other machines reach, though whoever
     * reaches it can then pass for a member. @default false
     */
    readonly insecure?: boolean
    /** How long a caller may take to show who it is, in milliseconds. @default 5000 */
    readonly handshakeTimeout?: number
    /** How long a message may take to arrive, or to be taken, in milliseconds. @default 10000 */
    readonly requestTimeout?: number
    /** How long an unused connection is kept, in milliseconds. @default 30000 */
    readonly keepAliveTimeout?: number
    /** How many connections there may be; the oldest stranger makes room. @default 1024 */
    readonly connectionsMax?: number
    /**
     * Memory for messages that are not whole yet, in bytes, in total for all connections; at least
     * `bytesMax`. A connection that finds no room waits. @default 67108864
     */
    readonly inboundBytesMax?: number
}

/** What each option may be that every member is given alike. */
const TCP_OPTIONS: OptionTable<TcpOptions> = { bytesMax: count(BYTES_LIMIT), keys: KEYS }

/** What each option of a client may be. */
export const TCP_SEND_OPTIONS: OptionTable<TcpSendOptions> = {
    ...TCP_OPTIONS,
    tls: TLS,
    lookup: callable,
    connectTimeout: milliseconds,
    backoffMax: milliseconds,
    silence: milliseconds
}

/** What each option of a listener may be. */
export const LISTEN_TCP_OPTIONS: OptionTable<ListenTcpOptions> = {
    ...TCP_SEND_OPTIONS,
    ...CONNECT_OPTIONS,
    host: HOST,
    advertise: text(2048),
    port: portKind,
    insecure: flag,
    handshakeTimeout: milliseconds,
    requestTimeout: milliseconds,
    keepAliveTimeout: milliseconds,
    connectionsMax: count(1_000_000),
    inboundBytesMax: count(2 ** 40)
}

/** Options of HTTP alone: one options object may serve both transports. */
const OPTIONS_OF_HTTP: readonly string[] = [
    'socketsMax', 'path', 'headersTimeout', 'headBytesMax', 'routes'
]

/** A built-in client. */
export type TcpSend = TransportClient

/** A Kibitzer that listens. */
export interface TcpListener {
    /** What the others need: let the properties of this member hold it, as `{ url }`. */
    readonly url: string
    /** Closes every socket on both sides. Resolves when none is left. Happens on `destroy` too. */
    close(): Promise<void>
}

/** Makes a client that has its rejections counted. */
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
        failed: (reason, from) => counting.turnAway?.(reason, from)
    })
    const carry: Send = (to, envelope, signal) => client.send(to, envelope, signal)
    return Object.assign(carry, { close: () => client.close() })
}

/**
 * A client that sends envelopes as JSON to the `url` in the properties of the addressee, many at
 * once over one connection that is kept. Hand it to `connect`, or let `connectTcp` do both.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function send(options: TcpSendOptions | null = {}): TcpSend {
    const settings = readOptions('send', options, TCP_SEND_OPTIONS, [], OPTIONS_OF_HTTP)
    return client(settings, certificatesOf(settings.tls), {})
}

/**
 * Connects a Kibitzer with a client of its own. Do it before `bootstrap` and `join`. It ends with
 * the Kibitzer.
 *
 * @returns The undo, as `connect` has it. It closes the client's connections.
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
    const sending = client(settings, certificates, kibitzer)
    return connectClient(kibitzer, sending, settings, { certificates, usages: ['clientAuth'] })
}

type Listening = Required<
    Omit<ListenTcpOptions, keyof TcpSendOptions | 'advertise' | 'inboundBytesMax'>
>

function settle(options: ListenTcpOptions): Listening {
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
 * Lets a Kibitzer listen on a port of its own, and connects it with a client. Do it before
 * `bootstrap` and `join`, which want the `url`. It ends with the Kibitzer.
 *
 * @throws KibitzError `address-in-use`, `invalid-argument`.
 */
export function listenTcp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'> & Counting,
    options: ListenTcpOptions | null = {}
): Promise<TcpListener> {
    return quiet(listenOver(kibitzer, options))
}

async function listenOver(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'> & Counting,
    given: ListenTcpOptions | null
): Promise<TcpListener> {
    checkArguments('listenTcp', { kibitzer }, { kibitzer: QUEUES })
    const options = readOptions('listenTcp', given, LISTEN_TCP_OPTIONS, [], OPTIONS_OF_HTTP)
    const settings = settle(options)
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
        patience: {
            hello: settings.handshakeTimeout,
            frame: settings.requestTimeout,
            silence: settings.keepAliveTimeout
        },
        failed: (reason, from) => kibitzer.turnAway?.(reason, from)
    })
    const shared = { ...options, ...(keys === null ? {} : { keys }) }
    const sending = client(shared, certificates, kibitzer)
    const shown: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, sending, options, shown)
    let closing: Promise<void> | null = null
    const close = (): Promise<void> => {
        if (closing === null) {
            disconnect()
            closing = server.close()
        }
        return closing
    }
    try {
        const bound = await listen(server.server, 'kibitz/tcp', port, host, kibitzer)
        kibitzer.destruction.wait(() => void close())
        return Object.freeze({ url: announcedUrl(announcement, bound), close })
    } catch (error) {
        await close()
        throw error
    }
}
