import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Peer, TurnedAway } from '../authenticated-peer.js'
import { ServerConnection, type ServerConnectionTerms } from './server-connection.js'
import { type Certificates, peerOf, reasonOf } from '../security/certificates.js'
import { ConnectionLimit } from '../connection-limit.js'

/** The settings of a server of frames. */
export interface TcpServerTerms extends Omit<ServerConnectionTerms, 'isCertified'> {
    readonly certificates: Certificates | null
    readonly connectionsMax: number
    /**
     * Takes a connection whose client speaks HTTP. The certificate of the client was checked.
     * @default none: the client is turned away
     */
    readonly onHttp?: (socket: Socket) => void
    /** Called if a client is turned away, with the reason and the remote address. */
    readonly onTurnedAway: (reason: TurnedAway, from: string) => void
}

/** Whether the first byte of a client begins a request over HTTP. A first frame begins with 0. */
function isHttp(chunk: Buffer): boolean {
    const byte = chunk[0] ?? 0
    return byte >= 0x41 && byte <= 0x5a
}

/**
 * A server of frames. Accepts connections, and checks the time limits of each connection about once
 * a second. Hands a connection over HTTP to another server, if there is one.
 */
export class TcpServer {
    readonly server: Server
    readonly #terms: TcpServerTerms
    /** The limit of all connections, also of those over HTTP. */
    readonly connectionLimit: ConnectionLimit
    readonly #connections = new Set<ServerConnection>()
    /** The connections without a byte of the client, each with the time of its start. */
    readonly #silent = new Map<Socket, number>()
    readonly #ticker: NodeJS.Timeout
    readonly #unwatch: () => void

    constructor(terms: TcpServerTerms) {
        const { certificates, timeLimits, onTurnedAway } = terms
        this.#terms = terms
        this.connectionLimit = new ConnectionLimit(
            terms.connectionsMax, (from) => onTurnedAway('too-many', from)
        )
        if (certificates === null) {
            this.server = createServer((socket) => this.#distinguish(socket, null))
            this.#unwatch = () => {}
        } else {
            const limits = { handshakeTimeout: timeLimits.hello }
            const server = createTlsServer({ ...certificates.forServer(), ...limits }, (socket) => {
                this.#onSecureConnection(socket)
            })
            server.on('tlsClientError', (error, socket) => {
                this.#count(reasonOf(error, socket), socket)
                socket.destroy()
            })
            this.#unwatch = certificates.watch(() => {
                server.setSecureContext(certificates.forServer())
                for (const connection of this.#connections) {
                    connection.onCertificatesReplaced()
                }
            })
            this.server = server
        }
        this.server.on('connection', (socket: Socket) => this.connectionLimit.add(socket))
        const { hello, frame, silence } = timeLimits
        this.#ticker = setInterval(() => this.#checkLimits(), Math.min(1000, hello, frame, silence))
        // Only the server keeps the process alive, not this timer.
        this.#ticker.unref()
    }

    /** Closes the server and all connections. Resolves when no connection is open. */
    close(): Promise<void> {
        clearInterval(this.#ticker)
        this.#unwatch()
        return new Promise((resolve) => {
            this.server.close(() => resolve())
            this.connectionLimit.closeAll()
        })
    }

    /** Serves a client with a certificate, if the certificate names a member. */
    #onSecureConnection(socket: Socket): void {
        const peer = peerOf(socket)
        // The certificates may have changed during the handshake.
        if (peer === null || this.#terms.certificates?.believes(socket) !== true) {
            this.#count('bad-certificate', socket)
            socket.destroy()
        } else {
            this.#distinguish(socket, peer)
        }
    }

    /** Waits for the first byte of the client, which tells frames and HTTP apart. */
    #distinguish(socket: Socket, peer: Peer | null): void {
        const { onHttp } = this.#terms
        if (onHttp === undefined) {
            this.#serve(socket, peer)
            return
        }
        this.#silent.set(socket, performance.now())
        // An error is followed by `close`.
        socket.on('error', () => {})
        socket.once('close', () => this.#silent.delete(socket))
        socket.once('data', (chunk: Buffer) => {
            this.#silent.delete(socket)
            if (this.#terms.certificates?.believes(socket) === false) {
                // The certificates have changed since the handshake.
                this.#count('bad-certificate', socket)
                socket.destroy()
                return
            }
            socket.pause()
            socket.unshift(chunk)
            if (isHttp(chunk)) {
                onHttp(socket)
            } else {
                this.#serve(socket, peer)
            }
            socket.resume()
        })
    }

    #serve(socket: Socket, peer: Peer | null): void {
        const { onTurnedAway, certificates } = this.#terms
        const from = socket.remoteAddress ?? ''
        const isCertified = (): boolean => certificates === null || certificates.believes(socket)
        const terms = { ...this.#terms, isCertified }
        const connection = new ServerConnection(socket, peer, terms, {
            onProven: () => this.connectionLimit.markProven(socket),
            onFailed: (reason) => onTurnedAway(reason, from),
            onClosed: () => this.#connections.delete(connection)
        })
        this.#connections.add(connection)
    }

    #count(reason: TurnedAway | null, socket: Socket): void {
        if (reason !== null) {
            this.#terms.onTurnedAway(reason, socket.remoteAddress ?? '')
        }
    }

    #checkLimits(): void {
        const now = performance.now()
        for (const connection of this.#connections) {
            connection.checkLimits(now)
        }
        for (const [socket, since] of this.#silent) {
            if (now - since > this.#terms.timeLimits.hello) {
                this.#count('too-slow', socket)
                socket.destroy()
            }
        }
    }
}
