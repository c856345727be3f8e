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
    /** Called if a client is turned away, with the reason and the remote address. */
    readonly onTurnedAway: (reason: TurnedAway, from: string) => void
}

/**
 * A server of frames. Accepts connections, and checks the time limits of each connection about once
 * a second.
 */
export class TcpServer {
    readonly server: Server
    readonly #terms: TcpServerTerms
    readonly #connectionLimit: ConnectionLimit
    readonly #connections = new Set<ServerConnection>()
    readonly #ticker: NodeJS.Timeout
    readonly #unwatch: () => void

    constructor(terms: TcpServerTerms) {
        const { certificates, timeLimits, onTurnedAway } = terms
        this.#terms = terms
        this.#connectionLimit = new ConnectionLimit(
            terms.connectionsMax, (from) => onTurnedAway('too-many', from)
        )
        if (certificates === null) {
            this.server = createServer((socket) => this.#serve(socket, null))
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
        this.server.on('connection', (socket: Socket) => this.#connectionLimit.add(socket))
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
            this.#connectionLimit.closeAll()
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
            this.#serve(socket, peer)
        }
    }

    #serve(socket: Socket, peer: Peer | null): void {
        const { onTurnedAway, certificates } = this.#terms
        const from = socket.remoteAddress ?? ''
        const isCertified = (): boolean => certificates === null || certificates.believes(socket)
        const terms = { ...this.#terms, isCertified }
        const connection = new ServerConnection(socket, peer, terms, {
            onProven: () => this.#connectionLimit.markProven(socket),
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
    }
}
