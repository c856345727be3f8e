import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { TurnedAway } from '../authenticated-peer.js'
import { type Certificates, hasEnded, peerOf, reasonOf } from '../security/certificates.js'
import { ConnectionLimit } from '../connection-limit.js'

/** What a server over HTTP is told. */
export interface ServerTerms {
    readonly headersTimeout: number
    readonly requestTimeout: number
    readonly keepAliveTimeout: number
    readonly headBytesMax: number
    readonly connectionsMax: number
    readonly certificates: Certificates | null
    readonly failed: (reason: TurnedAway, from: string) => void
}

/** How many requests one connection serves before another takes its place. */
const REQUESTS_MAX = 10_000

/** What those hear whose request could not even be read, by why not. */
const UNREAD: Readonly<Record<string, readonly [string, TurnedAway]>> = {
    HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'too-large'],
    ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'too-slow']
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** A server whose every connection is bounded in number, time and bytes, with TLS or without. */
export class BoundedServer {
    readonly server: Server | TlsServer
    readonly #terms: ServerTerms
    readonly #connectionLimit: ConnectionLimit
    /** The connections under TLS, with the version of the certificates of each. */
    readonly #versions = new Map<TLSSocket, number>()
    readonly #unwatch: () => void

    constructor(terms: ServerTerms, listener: Listener) {
        this.#terms = terms
        this.#connectionLimit = new ConnectionLimit(
            terms.connectionsMax, (from) => terms.failed('too-many', from)
        )
        const { certificates, headersTimeout, requestTimeout, keepAliveTimeout } = terms
        const limits = {
            headersTimeout,
            requestTimeout,
            keepAliveTimeout,
            connectionsCheckingInterval: Math.min(1000, headersTimeout),
            maxHeaderSize: terms.headBytesMax
        }
        this.server =
            certificates === null
                ? createServer(limits, listener)
                : createTlsServer(
                      { ...limits, ...certificates.forServer(), handshakeTimeout: headersTimeout },
                      (request, response) => this.#listen(listener, request, response)
                  )
        this.#unwatch = certificates?.watch(() => this.#renew(certificates)) ?? (() => {})
        this.server.maxRequestsPerSocket = REQUESTS_MAX
        this.server.on('connection', (socket: Socket) => this.#connectionLimit.add(socket))
        this.server.on('clientError', (error, socket) => this.#refuse(error, socket))
        this.server.on('secureConnection', (socket: TLSSocket) => {
            this.#versions.set(socket, certificates?.version ?? 0)
            socket.once('close', () => this.#versions.delete(socket))
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

    /** A connection has shown that it speaks as a member does. */
    readonly markProven = (socket: Socket): void => this.#connectionLimit.markProven(socket)

    /** Closes the server and every connection. Resolves when none is left. */
    close(): Promise<void> {
        this.#unwatch()
        return new Promise((resolve) => {
            this.server.close(() => resolve())
            this.server.closeAllConnections()
            this.#connectionLimit.closeAll()
        })
    }

    #listen(listener: Listener, request: IncomingMessage, response: ServerResponse): void {
        const socket = request.socket as TLSSocket
        if (peerOf(socket) === null || hasEnded(socket)) {
            socket.destroy()
            return
        }
        if (this.#versions.get(socket) !== this.#terms.certificates?.version) {
            // The next request comes under the certificates that count now.
            response.setHeader('connection', 'close')
        }
        listener(request, response)
    }

    #renew(certificates: Certificates): void {
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

    #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
        const { code = '' } = error
        const [status, reason] = UNREAD[code] ?? ['400 Bad Request', 'malformed']
        // The rest was broken off, or has failed under TLS and is counted there.
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
            this.#terms.failed(reason, (socket instanceof Socket && socket.remoteAddress) || '')
        }
    }
}
