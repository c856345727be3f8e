import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Peer, TurnedAway } from '../authenticated-peer.js'
import { ServerConnection, type ServerConnectionTerms } from './server-connection.js'
import { type Certificates, peerOf, reasonOf } from '../security/certificates.js'
import { ConnectionLimit } from '../connection-limit.js'

/** What a hall is told. */
export interface TcpServerTerms extends Omit<ServerConnectionTerms, 'isBelieved'> {
    readonly certificates: Certificates | null
    readonly connectionsMax: number
    /** Tells what was turned away, and where it came from. */
    readonly failed: (reason: TurnedAway, from: string) => void
}

/** A server of frames: takes in callers, and looks after each of them now and then. */
export class TcpServer {
    readonly server: Server
    readonly #terms: TcpServerTerms
    readonly #connectionLimit: ConnectionLimit
    readonly #callees = new Set<ServerConnection>()
    readonly #ticker: NodeJS.Timeout
    readonly #unwatch: () => void

    constructor(terms: TcpServerTerms) {
        const { certificates, patience, failed } = terms
        this.#terms = terms
        this.#connectionLimit = new ConnectionLimit(
            terms.connectionsMax, (from) => failed('too-many', from)
        )
        if (certificates === null) {
            this.server = createServer((socket) => this.#serve(socket, null))
            this.#unwatch = () => {}
        } else {
            const limits = { handshakeTimeout: patience.hello }
            const server = createTlsServer({ ...certificates.forServer(), ...limits }, (socket) => {
                this.#meet(socket)
            })
            server.on('tlsClientError', (error, socket) => {
                this.#count(reasonOf(error, socket), socket)
                socket.destroy()
            })
            this.#unwatch = certificates.watch(() => {
                server.setSecureContext(certificates.forServer())
                for (const callee of this.#callees) {
                    callee.renew()
                }
            })
            this.server = server
        }
        this.server.on('connection', (socket: Socket) => this.#connectionLimit.add(socket))
        const { hello, frame, silence } = patience
        this.#ticker = setInterval(() => this.#tend(), Math.min(1000, hello, frame, silence))
        // The server keeps a process alive, not this.
        this.#ticker.unref()
    }

    /** Closes the server and every connection. Resolves when none is left. */
    close(): Promise<void> {
        clearInterval(this.#ticker)
        this.#unwatch()
        return new Promise((resolve) => {
            this.server.close(() => resolve())
            this.#connectionLimit.closeAll()
        })
    }

    /** Serves who has shown a certificate, if that names a member. */
    #meet(socket: Socket): void {
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
        const { failed, certificates } = this.#terms
        const from = socket.remoteAddress ?? ''
        const isBelieved = (): boolean => certificates === null || certificates.believes(socket)
        const terms = { ...this.#terms, isBelieved }
        const callee = new ServerConnection(socket, peer, terms, {
            onProven: () => this.#connectionLimit.markProven(socket),
            onFailed: (reason) => failed(reason, from),
            onClosed: () => this.#callees.delete(callee)
        })
        this.#callees.add(callee)
    }

    #count(reason: TurnedAway | null, socket: Socket): void {
        if (reason !== null) {
            this.#terms.failed(reason, socket.remoteAddress ?? '')
        }
    }

    #tend(): void {
        const now = performance.now()
        for (const callee of this.#callees) {
            callee.tend(now)
        }
    }
}
