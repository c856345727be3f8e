import type { IncomingMessage } from 'node:http'
import { KibitzError } from '../error.js'
import type { Peer } from '../peer.js'
import { checkExposure } from './address.js'
import type { Certificates, TlsOptions } from './certificates.js'
import type { Key, KeyRing } from './keys.js'
import type { Route } from './route.js'
import { type ConnectOptions, checkCount } from './transport.js'

/** What every member of a republic must be given alike. */
export interface HttpOptions {
    /** How many bytes the JSON of a call, or of an answer, may take. @default 8388608 */
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
    for (const name of [
        'headersTimeout',
        'requestTimeout',
        'keepAliveTimeout',
        'headBytesMax',
        'connectionsMax'
    ] as const) {
        checkCount(name, settings[name])
    }
    const { path } = settings
    checkExposure({ ...settings, isGuarded: (options.tls ?? options.keys) !== undefined })
    if (!path.startsWith('/')) {
        throw new KibitzError('invalid-argument', `A path begins with a slash, unlike ${path}.`)
    }
    return settings
}
