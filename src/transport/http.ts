/// <reference path="../declarations/conduit.d.ts" preserve="true" />
/// <reference path="../declarations/happenstance.d.ts" preserve="true" />
/// <reference path="../declarations/procession.d.ts" preserve="true" />
/// <reference path="../declarations/signal.d.ts" preserve="true" />
import {
    Agent,
    createServer,
    type IncomingMessage,
    type Server,
    type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'
import Logger from 'prolific.logger'
import { KibitzError } from '../error.js'
import type { Kibitzer } from '../kibitzer.js'
import type { Properties } from '../paxos/message.js'
import { BYTES_MAX } from './bytes.js'
import { type Exchange, exchange, post } from './post.js'
import { refuse, type Route, type RouteAnswer, serve } from './route.js'
import { type ConnectOptions, checkCount, connect, type Send } from './transport.js'

const logger = Logger.createLogger('kibitz/http')

/** How long the client keeps a socket that nobody uses, in milliseconds; less than the server. */
const IDLE_MS = 15_000

/** How large a message may be. Every member of a republic must be given the same. */
export interface HttpOptions {
    /** How many bytes the JSON of a call, or of an answer, may take. @default 8388608 */
    readonly bytesMax?: number
}

/** How calls are sent over HTTP. */
export interface HttpSendOptions extends HttpOptions {
    /** How many sockets there may be to one addressee; more calls wait for one. @default 4 */
    readonly socketsMax?: number
}

/** How a Kibitzer listens on a port of its own. */
export interface ListenHttpOptions extends HttpSendOptions, ConnectOptions {
    /** The address to listen on. @default '127.0.0.1' */
    readonly host?: string
    /** The port to listen on, or 0 for any of how many ports are free. @default 0 */
    readonly port?: number
    /** The one path that is served. @default '/kibitz' */
    readonly path?: string
    /**
     * Listen on an address that other machines reach, though whoever reaches it can then pass for
     * a member. @default false
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
    /** How many connections there may be; more are closed at once. @default 1024 */
    readonly connectionsMax?: number
    /** What else is served on the port, by path. @default nothing */
    readonly routes?: Readonly<Record<string, Route>>
}

export type { Exchange, Route, RouteAnswer }

/** A built-in client. */
export interface HttpSend extends Send {
    /** Posts any value to the `url` in the properties, and resolves with what is answered. */
    exchange(to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange>
    /** Closes its sockets; calls under way and later ones reject. */
    close(): void
}

/** A Kibitzer that listens. */
export interface HttpListener {
    /** What the others need: let the properties of this member hold it, as `{ url }`. */
    readonly url: string
    /** Closes every socket on both sides. Resolves when none is left. Happens on `destroy` too. */
    close(): Promise<void>
}

/**
 * Hands an envelope that has arrived to a Kibitzer, for routes of whatever framework. What it
 * resolves with is the body of the response, as JSON. It never rejects. The framework has to take
 * bodies as large as the other members send (`bytesMax`).
 */
export async function answer(
    kibitzer: Pick<Kibitzer, 'request'>,
    envelope: unknown
): Promise<unknown> {
    try {
        return (await kibitzer.request(envelope)) ?? null
    } catch {
        return null
    }
}

/**
 * A listener of requests for a server of `node:http`, and a handler of a route in Express. It
 * answers POST and JSON; which path it stands under, who may call and how long a request may take
 * are the server's to decide. Where a parser before it has left a `body`, it takes that, and that
 * parser has to take bodies as large as `bytesMax`.
 */
export function handler(
    kibitzer: Pick<Kibitzer, 'request'>,
    { bytesMax = BYTES_MAX }: HttpOptions = {}
): (request: IncomingMessage, response: ServerResponse) => void {
    checkCount('bytesMax', bytesMax)
    return listener(
        { answer: async (body) => ({ status: 200, body: await answer(kibitzer, body) }) },
        bytesMax
    )
}

function listener(
    route: Route,
    bytesMax: number = BYTES_MAX
): (request: IncomingMessage, response: ServerResponse) => void {
    return (request, response) => {
        serve(route, request, response, bytesMax).catch(() => response.destroy())
    }
}

/**
 * A client that posts envelopes as JSON to the `url` in the properties of the addressee, over
 * connections that are kept. Hand it to `connect`, or let `connectHttp` do both.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function send(options: HttpSendOptions = {}): HttpSend {
    const bytesMax = checkCount('bytesMax', options.bytesMax ?? BYTES_MAX)
    const maxSockets = checkCount('socketsMax', options.socketsMax ?? 4)
    const agent = new Agent({ keepAlive: true, maxSockets, timeout: IDLE_MS })
    const closed = new AbortController()
    const carry: Send = async (to, envelope, signal) => {
        closed.signal.throwIfAborted()
        return await post(to, envelope, { agent, bytesMax, signal })
    }
    const ask: HttpSend['exchange'] = async (to, value, signal) => {
        closed.signal.throwIfAborted()
        return await exchange(to, value, { agent, bytesMax, signal })
    }
    const close = (): void => {
        closed.abort(new KibitzError('unreachable', 'The client is closed.'))
        agent.destroy()
    }
    return Object.assign(carry, { exchange: ask, close })
}

/**
 * Connects a Kibitzer with a client of its own. Do it before `bootstrap` and `join`. It ends with
 * the Kibitzer.
 *
 * @returns The undo, as `connect` has it. It closes the client's sockets.
 * @throws KibitzError `invalid-argument`.
 */
export function connectHttp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'>,
    options: HttpSendOptions & ConnectOptions = {}
): () => void {
    const client = send(options)
    const disconnect = connect(kibitzer, client, options)
    const cookie = kibitzer.destruction.wait(() => client.close())
    return () => {
        kibitzer.destruction.cancel(cookie)
        disconnect()
        client.close()
    }
}

type Listening = Required<Omit<ListenHttpOptions, keyof HttpSendOptions | keyof ConnectOptions>>

function settle(options: ListenHttpOptions): Listening {
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
    const { host, path, insecure } = settings
    if (!insecure && !/^(?:localhost|::1|127(?:\.\d{1,3}){3})$/.test(host)) {
        throw new KibitzError(
            'invalid-argument',
            `Whoever reaches ${host} could pass for a member. Nothing was started; listen on a ` +
                'loopback address behind what authenticates the members, or say insecure: true.'
        )
    }
    if (!path.startsWith('/')) {
        throw new KibitzError('invalid-argument', `A path begins with a slash, unlike ${path}.`)
    }
    return settings
}

function listen(server: Server, port: number, host: string): Promise<string> {
    return new Promise((resolve, reject) => {
        const onError = (cause: NodeJS.ErrnoException): void => {
            const code = cause.code === 'EADDRINUSE' ? 'address-in-use' : 'invalid-argument'
            const what = `Nothing listens on ${host}:${port}: ${cause.message}. Choose another.`
            reject(new KibitzError(code, what, { cause }))
        }
        server.once('error', onError)
        server.listen(port, host, () => {
            // A connection that could not be accepted is its caller's misfortune.
            server.off('error', onError)
            server.on('error', ({ message }) => logger.warn('server', { message }))
            const { address, family, port: bound } = server.address() as AddressInfo
            resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`)
        })
    })
}

/**
 * Lets a Kibitzer listen on a port of its own, and connects it with a client. Do it before
 * `bootstrap` and `join`, which want the `url`. It ends with the Kibitzer.
 *
 * @throws KibitzError `address-in-use`, `invalid-argument`.
 */
export async function listenHttp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'>,
    options: ListenHttpOptions = {}
): Promise<HttpListener> {
    const settings = settle(options)
    const { headersTimeout, requestTimeout, keepAliveTimeout, path } = settings
    const limits = {
        headersTimeout,
        requestTimeout,
        keepAliveTimeout,
        connectionsCheckingInterval: Math.min(1000, headersTimeout),
        maxHeaderSize: settings.headBytesMax
    }
    const served = new Map(
        Object.entries(settings.routes).map(([at, route]) => {
            return [at, listener(route, options.bytesMax)]
        })
    )
    served.set(path, handler(kibitzer, options))
    const server = createServer(limits, (request, response) => {
        const serving = served.get(request.url ?? '')
        if (serving === undefined) {
            refuse(response, 404)
        } else {
            serving(request, response)
        }
    })
    server.maxConnections = settings.connectionsMax
    server.maxRequestsPerSocket = 10_000
    const disconnect = connectHttp(kibitzer, options)
    let closing: Promise<void> | null = null
    const close = (): Promise<void> => {
        closing ??= new Promise((resolve) => {
            disconnect()
            server.close(() => resolve())
            server.closeAllConnections()
        })
        return closing
    }
    try {
        const origin = await listen(server, settings.port, settings.host)
        kibitzer.destruction.wait(() => void close())
        return Object.freeze({ url: `${origin}${path}`, close })
    } catch (error) {
        disconnect()
        throw error
    }
}
