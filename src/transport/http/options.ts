import type { IncomingMessage } from 'node:http'
import { KibitzError } from '../../base/errors.js'
import {
    callable,
    count,
    fitting,
    flag,
    milliseconds,
    type OptionTable,
    port as portNumber,
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

/** Options that must be equal at every member of a republic. */
export interface HttpOptions {
    /** The limit of the body of a call or of an answer, in bytes as sent. @default 12582912 */
    readonly bytesMax?: number
    /** The keys that members share, or a ring of keys. @default none */
    readonly keys?: readonly Key[] | KeyRing
}

/** The options of a route. */
export interface HandlerOptions extends HttpOptions {
    /**
     * The number of calls that may be in flight on one connection; further calls are refused.
     * @default 64
     */
    readonly callsMax?: number
    /**
     * The authenticated peer of a request.
     * @default the member that the certificate names, if there is one
     */
    readonly peer?: (request: IncomingMessage) => Peer | undefined
    /**
     * Memory for incomplete messages of all connections together, in bytes; at least `bytesMax`. A
     * call without room is refused.
     * @default 67108864
     */
    readonly inboundBytesMax?: number
}

/** The options of a client over HTTP. */
export interface HttpSendOptions extends HttpOptions {
    /**
     * The certificates of this member. With certificates, every address is `https:`.
     * @default none
     */
    readonly tls?: TlsOptions | Certificates
    /**
     * Resolves a host name to its addresses. At most one look-up per name is in flight.
     * @default the resolver of the system
     */
    readonly lookup?: Resolve
    /** The number of sockets that may be open to one addressee; further calls wait. @default 4 */
    readonly socketsMax?: number
}

/** The options of a listener. */
export interface ListenHttpOptions extends HttpSendOptions, ConnectOptions {
    /** The address on which the listener listens. @default '127.0.0.1' */
    readonly host?: string
    /**
     * The address that peers call: `host`, `host:port`, or a url. Required if `host` stands for all
     * interfaces (`0.0.0.0`, `::`).
     * @default `host` and the port in use
     */
    readonly advertise?: string
    /** The number of the port on which the listener listens; 0 selects a free port. @default 0 */
    readonly port?: number
    /** The path for calls of members. @default '/kibitz' */
    readonly path?: string
    /**
     * Permits a listener without `tls` and `keys` on an address that other machines can reach. Then
     * every caller that reaches the address can act as a member.
     * @default false
     */
    readonly insecure?: boolean
    /** The time limit of the head of a request, in milliseconds. @default 5000 */
    readonly headersTimeout?: number
    /** The time limit of a whole request, in milliseconds. @default 10000 */
    readonly requestTimeout?: number
    /** The time for which an idle connection stays open, in milliseconds. @default 30000 */
    readonly keepAliveTimeout?: number
    /** The limit of the head of a request, in bytes. @default 8192 */
    readonly headBytesMax?: number
    /**
     * The number of connections that may be open. At the limit, the oldest unproven connection is
     * closed.
     * @default 1024
     */
    readonly connectionsMax?: number
    /**
     * Memory for incomplete messages of all connections together, in bytes; at least `bytesMax`. A
     * call without room is refused.
     * @default 67108864
     */
    readonly inboundBytesMax?: number
    /** Further routes on this port, by path, under the same protection. @default none */
    readonly routes?: Readonly<Record<string, Route>>
}

/** The options of a listener with all defaults. */
export type Listening = Required<
    Omit<
        ListenHttpOptions,
        keyof HttpSendOptions | keyof ConnectOptions | 'advertise' | 'inboundBytesMax'
    >
>

/**
 * Adds the defaults of a listener.
 *
 * @throws KibitzError `invalid-argument` that names the option.
 */
export function withDefaults(options: ListenHttpOptions): Listening {
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
        throw new KibitzError(
            'invalid-argument',
            `A path begins with a slash, unlike ${path}. Nothing was started; correct the path.`
        )
    }
    return settings
}

/** The kinds of the options that must be equal at every member. */
const HTTP_OPTIONS: OptionTable<HttpOptions> = { bytesMax: count(BYTES_LIMIT), keys: KEYS }

/** The kinds of the options of a route. */
export const HANDLER_OPTIONS: OptionTable<HandlerOptions> = {
    ...HTTP_OPTIONS,
    callsMax: count(65_536),
    peer: callable,
    inboundBytesMax: count(2 ** 40)
}

/** The kinds of the options of a client. */
export const HTTP_SEND_OPTIONS: OptionTable<HttpSendOptions> = {
    ...HTTP_OPTIONS,
    lookup: callable,
    tls: TLS,
    socketsMax: count(65_536)
}

/** The kinds of the options of a listener. */
export const LISTEN_HTTP_OPTIONS: OptionTable<ListenHttpOptions> = {
    ...HTTP_SEND_OPTIONS,
    ...CONNECT_OPTIONS,
    host: HOST,
    advertise: text(2048),
    port: portNumber,
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

/** Options of TCP only. These are ignored, so that one options object can serve both transports. */
export const OPTIONS_OF_TCP: readonly string[] = [
    'connectTimeout', 'backoffMax', 'silence', 'handshakeTimeout'
]

function areRoutes(value: unknown): boolean {
    return typeof value === 'object' && value !== null
        && Object.values(value).every((route) => typeof route?.answer === 'function')
}
