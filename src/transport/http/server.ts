import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { TurnedAway } from '../authenticated-peer.js'
import { type Certificates, hasEnded, peerOf, reasonOf } from '../security/certificates.js'
import { ConnectionLimit } from '../connection-limit.js'

/** The settings of a server over HTTP. */
export interface ServerTerms {
    readonly headersTimeout: number
    readonly requestTimeout: number
    readonly keepAliveTimeout: number
    readonly headBytesMax: number
    readonly connectionsMax: number
    readonly certificates: Certificates | null
    readonly onTurnedAway: (reason: TurnedAway, from: string) => void
    /**
     * The limit of another listener, which accepts the connections and hands them over by `accept`.
     * @default none: the server listens on a port of its own
     */
    readonly connectionLimit?: ConnectionLimit
}

/** The number of requests after which the server closes a connection. */
const REQUESTS_MAX = 10_000

/**
 * The response to an unreadable request and the code for the counters, by the error code of Node.
 */
const UNREAD: Readonly<Record<string, readonly [string, TurnedAway]>> = {
    HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'too-large'],
    ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'too-slow']
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** An HTTP or HTTPS server with limits on the number, the time and the bytes of connections. */
export class BoundedServer {
    readonly server: Server | TlsServer
    readonly #terms: ServerTerms
    readonly #connectionLimit: ConnectionLimit
    /** The TLS connections, each with the version of the certificates at its start. */
    readonly #versions = new Map<TLSSocket, number>()
    readonly #unwatch: () => void

    constructor(terms: ServerTerms, listener: Listener) {
        this.#terms = terms
        const { connectionLimit: other } = terms
        this.#connectionLimit = other ?? new ConnectionLimit(
            terms.connectionsMax, (from) => terms.onTurnedAway('too-many', from)
        )
        const { certificates, headersTimeout, requestTimeout, keepAliveTimeout } = terms
        const limits = {
            headersTimeout,
            requestTimeout,
            keepAliveTimeout,
            connectionsCheckingInterval: Math.min(1000, headersTimeout),
            maxHeaderSize: terms.headBytesMax
        }
        const serve = (request: IncomingMessage, response: ServerResponse): void =>
            this.#serve(listener, request, response)
        this.server =
            certificates === null || other !== undefined
                ? createServer(limits, certificates === null ? listener : serve)
                : createTlsServer(
                      { ...limits, ...certificates.forServer(), handshakeTimeout: headersTimeout },
                      serve
                  )
        this.#unwatch =
            certificates?.watch(() => this.#onCertificatesReplaced(certificates)) ?? (() => {})
        this.server.maxRequestsPerSocket = REQUESTS_MAX
        if (other === undefined) {
            this.server.on('connection', (socket: Socket) => this.#connectionLimit.add(socket))
        } else {
            // Node checks the time limits of a server from this event on.
            this.server.emit('listening')
        }
        // A peer that calls beyond the limit of a connection, after `connection: close`, is cut.
        this.server.on('dropRequest', (_request, socket) => socket.destroy())
        this.server.on('clientError', (error, socket) => this.#onClientError(error, socket))
        this.server.on('secureConnection', (socket: TLSSocket) => {
            this.#noteVersion(socket)
            // The certificates may have changed during the handshake.
            if (peerOf(socket) === null || certificates?.believes(socket) !== true) {
                this.#count('bad-certificate', socket)
                socket.destroy()
            }
        })
        this.server.on('tlsClientError', (error: Error, socket: Socket) => {
            this.#count(reasonOf(error, socket), socket)
        })
    }

    /** Marks a connection as proven: its caller has spoken as a member does. */
    readonly markProven = (socket: Socket): void => this.#connectionLimit.markProven(socket)

    /** Serves a connection of another listener, which has checked the certificate of the peer. */
    accept(socket: Socket): void {
        if (socket instanceof TLSSocket) {
            this.#noteVersion(socket)
        }
        this.server.emit('connection', socket)
    }

    /** Closes the server and all connections. Resolves when no connection is open. */
    close(): Promise<void> {
        this.#unwatch()
        return new Promise((resolve) => {
            this.server.close(() => resolve())
            this.server.closeAllConnections()
            this.#connectionLimit.closeAll()
        })
    }

    #noteVersion(socket: TLSSocket): void {
        this.#versions.set(socket, this.#terms.certificates?.version ?? 0)
        socket.once('close', () => this.#versions.delete(socket))
    }

    #serve(listener: Listener, request: IncomingMessage, response: ServerResponse): void {
        const socket = request.socket as TLSSocket
        if (peerOf(socket) === null || hasEnded(socket)) {
            socket.destroy()
            return
        }
        if (this.#versions.get(socket) !== this.#terms.certificates?.version) {
            // The next request must use a new connection under the current certificates.
            response.setHeader('connection', 'close')
        }
        listener(request, response)
    }

    #onCertificatesReplaced(certificates: Certificates): void {
        if (this.server instanceof TlsServer) {
            this.server.setSecureContext(certificates.forServer())
        }
        for (const socket of this.#versions.keys()) {
            if (!certificates.believes(socket)) {
                this.#count('bad-certificate', socket)
                socket.destroy()
            }
        }
    }

    #onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
        const { code = '' } = error
        const [status, reason] = UNREAD[code] ?? ['400 Bad Request', 'malformed']
        // Other errors are broken connections, or TLS failures, which `tlsClientError` counts.
        if (/^(?:HPE|ERR_HTTP)_/.test(code)) {
            this.#count(reason, socket)
            if (socket.writable) {
                socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
            }
        }
        socket.destroy()
    }

    #count(reason: TurnedAway | null, socket: Duplex): void {
        if (reason !== null) {
            const from = (socket instanceof Socket && socket.remoteAddress) || ''
            this.#terms.onTurnedAway(reason, from)
        }
    }
}
