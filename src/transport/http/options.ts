import type { IncomingMessage } from 'node:http'
import { KibitzError } from '../../base/errors.js'
import {
    callable,
    count,
    fitting,
    flag,
    milliseconds,
    type OptionTable,
    port as portKind,
    text
} from '../../base/option-table.js'
import type { Peer } from '../authenticated-peer.js'
import { checkExposure, HOST } from '../address.js'
import { BYTES_LIMIT } from '../message-size.js'
import { type Certificates, TLS, type TlsOptions } from '../security/certificates.js'
import { type Key, type KeyRing, KEYS } from '../security/keys.js'
import type { Route } from './route.js'
import type { Resolve } from '../name-lookup.js'
import { CONNECT_OPTIONS, type ConnectOptions } from '../call-limits.js'

/** What every member of a republic must be given alike. */
export interface HttpOptions {
    /** How many bytes the body of a call, or of an answer, may take as sent. @default 12582912 */
    readonly bytesMax?: number
    /** The keys that members share, or the ring that holds them. @default none */
    readonly keys?: readonly Key[] | KeyRing
}

/** How a route answers. */
export interface HandlerOptions extends HttpOptions {
    /** How many calls of one connection may be under way; more are refused. @default 64 */
    readonly callsMax?: number
    /** Who has proven to have made a request. @default who its certificate says, if it has one */
    readonly peer?: (request: IncomingMessage) => Peer | undefined
    /**
     * Memory for messages that are not whole yet, in bytes, in total for all connections; at least
     * `bytesMax`. A call that finds no room is refused. @default 67108864
     */
    readonly inboundBytesMax?: number
}

/** How calls are sent over HTTP. */
export interface HttpSendOptions extends HttpOptions {
    /** The certificates of this member; then every address is `https:`. @default none */
    readonly tls?: TlsOptions | Certificates
    /**
     * Yields the addresses of a host name. One look-up per name is under way at a time.
     * @default the resolver of the system
     */
    readonly lookup?: Resolve
    /** How many sockets there may be to one addressee; more calls wait for one. @default 4 */
    readonly socketsMax?: number
}

/** How a Kibitzer listens on a port of its own. */
export interface ListenHttpOptions extends HttpSendOptions, ConnectOptions {
    /** The address to listen on. @default '127.0.0.1' */
    readonly host?: string
    /**
     * The address that peers call: `host`, `host:port`, or a url. Required if `host` stands for
     * all interfaces (`0.0.0.0`, `::`). @default `host` and the port in use
     */
    readonly advertise?: string
    /** The port to listen on, or 0 for any of how many ports are free. @default 0 */
    readonly port?: number
    /** The one path that is served. @default '/kibitz' */
    readonly path?: string
    /**
     * Listen, without `tls` and `keys`, on an address that other machines reach, though whoever
     * reaches it can then pass for a member. @default false
     */
    readonly insecure?: boolean
    /** How long the head of a request may take, in milliseconds. @default 5000 */
    readonly headersTimeout?: number
    /** How long a whole request may take, in milliseconds. @default 10000 */
    readonly requestTimeout?: number
    /** How long an unused connection is kept, in milliseconds. @default 30000 */
    readonly keepAliveTimeout?: number
    /** How many bytes the head of a request may take. @default 8192 */
    readonly headBytesMax?: number
    /** How many connections there may be; the oldest stranger makes room. @default 1024 */
    readonly connectionsMax?: number
    /**
     * Memory for messages that are not whole yet, in bytes, in total for all connections; at least
     * `bytesMax`. A call that finds no room is refused. @default 67108864
     */
    readonly inboundBytesMax?: number
    /** What else is served on the port, by path, under the same protection. @default nothing */
    readonly routes?: Readonly<Record<string, Route>>
}

/** The options of a listener with every default in place. */
export type Listening = Required<
    Omit<
        ListenHttpOptions,
        keyof HttpSendOptions | keyof ConnectOptions | 'advertise' | 'inboundBytesMax'
    >
>

/**
 * Fills in the defaults of a listener.
 *
 * @throws KibitzError `invalid-argument` naming the option.
 */
export function settle(options: ListenHttpOptions): Listening {
    const settings = {
        host: '127.0.0.1',
        port: 0,
        path: '/kibitz',
        insecure: false,
        headersTimeout: 5000,
        requestTimeout: 10_000,
        keepAliveTimeout: 30_000,
        headBytesMax: 8192,
        connectionsMax: 1024,
        routes: {},
        ...options
    }
    const { path } = settings
    checkExposure({ ...settings, isGuarded: (options.tls ?? options.keys) !== undefined })
    if (!path.startsWith('/')) {
        throw new KibitzError('invalid-argument', `A path begins with a slash, unlike ${path}.`)
    }
    return settings
}

/** What each option may be that every member is given alike. */
const HTTP_OPTIONS: OptionTable<HttpOptions> = { bytesMax: count(BYTES_LIMIT), keys: KEYS }

/** What each option of a route may be. */
export const HANDLER_OPTIONS: OptionTable<HandlerOptions> = {
    ...HTTP_OPTIONS,
    callsMax: count(65_536),
    peer: callable,
    inboundBytesMax: count(2 ** 40)
}

/** What each option of a client may be. */
export const HTTP_SEND_OPTIONS: OptionTable<HttpSendOptions> = {
    ...HTTP_OPTIONS,
    lookup: callable,
    tls: TLS,
    socketsMax: count(65_536)
}

/** What each option of a listener may be. */
export const LISTEN_HTTP_OPTIONS: OptionTable<ListenHttpOptions> = {
    ...HTTP_SEND_OPTIONS,
    ...CONNECT_OPTIONS,
    host: HOST,
    advertise: text(2048),
    port: portKind,
    path: text(1024),
    insecure: flag,
    headersTimeout: milliseconds,
    requestTimeout: milliseconds,
    keepAliveTimeout: milliseconds,
    headBytesMax: count(1024 * 1024),
    connectionsMax: count(1_000_000),
    inboundBytesMax: count(2 ** 40),
    routes: fitting('an object of routes, each with a function answer', areRoutes)
}

/** Options of TCP alone: one options object may serve both transports. */
export const OPTIONS_OF_TCP: readonly string[] = [
    'connectTimeout', 'backoffMax', 'silence', 'handshakeTimeout'
]

function areRoutes(value: unknown): boolean {
    return typeof value === 'object' && value !== null
        && Object.values(value).every((route) => typeof route?.answer === 'function')
}
