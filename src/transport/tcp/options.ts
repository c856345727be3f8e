import {
    callable, count, flag, milliseconds, type OptionTable, port as portNumber, text
} from '../../base/option-table.js'
import { HOST } from '../address.js'
import {
    CALL_TIMEOUT_MS, CALLS_MAX, CONNECT_OPTIONS, type ConnectOptions
} from '../call-limits.js'
import { BYTES_LIMIT } from '../message-size.js'
import type { Resolve } from '../name-lookup.js'
import { type Certificates, TLS, type TlsOptions } from '../security/certificates.js'
import { type Key, type KeyRing, KEYS } from '../security/keys.js'

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
export const OPTIONS_OF_HTTP: readonly string[] = [
    'socketsMax', 'path', 'headersTimeout', 'headBytesMax', 'routes'
]

/** The options of a listener with all defaults. */
export type ListeningTcp = Required<
    Omit<ListenTcpOptions, keyof TcpSendOptions | 'advertise' | 'inboundBytesMax'>
>

/** Adds the defaults of a listener. */
export function withDefaults(options: ListenTcpOptions): ListeningTcp {
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
