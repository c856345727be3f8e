import { connect as dial, type Socket } from 'node:net'
import { connect as dialTls } from 'node:tls'
import { KibitzError } from '../../base/errors.js'
import type { Peer, TurnedAway } from '../authenticated-peer.js'
import { urlOf } from '../address.js'
import { type Certificates, hasEnded, peerOf, reasonOf } from '../security/certificates.js'
import type { KeyRing } from '../security/keys.js'
import { ClientConnection } from './client-connection.js'
import type { NameLookup } from '../name-lookup.js'
import type { Send } from '../connect.js'

/** The settings of a client over TCP. */
export interface TcpClientTerms {
    readonly keys: KeyRing | null
    readonly certificates: Certificates | null
    readonly names: NameLookup
    readonly bytesMax: number
    readonly connectTimeout: number
    readonly backoffMax: number
    /** The interval of the checks of each connection, in milliseconds. */
    readonly silence: number
    /**
     * Called if a connection is cut because of its peer or of a received frame, with the reason and
     * the `host:port`.
     */
    readonly onTurnedAway: (reason: TurnedAway, from: string) => void
}

/**
 * An idle connection is closed after this time, in milliseconds; earlier than the server closes the
 * connection.
 */
const IDLE_MS = 15_000

/**
 * The outgoing connections of one member, one per address. Idle connections close. A call to one
 * address does not wait for another address.
 */
export class TcpClient {
    readonly #terms: TcpClientTerms
    readonly #connections = new Map<string, ClientConnection>()
    readonly #ticker: NodeJS.Timeout
    #isClosed = false

    constructor(terms: TcpClientTerms) {
        this.#terms = terms
        // Only calls in flight keep the process alive, not this timer.
        this.#ticker = setInterval(() => this.#tick(), terms.silence).unref()
    }

    /** Sends an envelope to the `url` in the properties, and resolves with the answer. */
    readonly send: Send = (to, envelope, signal) => {
        if (this.#isClosed) {
            return Promise.reject(new KibitzError('unreachable', 'The client is closed.'))
        }
        // With certificates, a call never goes to a server without a certificate.
        const url = urlOf(to, this.#terms.certificates === null ? 'tcp:' : 'tls:')
        return (this.#connections.get(url.href) ?? this.#addConnection(url)).call(envelope, signal)
    }

    /** Cuts all connections. Calls in flight and later calls reject. */
    close(): void {
        this.#isClosed = true
        clearInterval(this.#ticker)
        for (const connection of this.#connections.values()) {
            connection.cut()
        }
        this.#connections.clear()
    }

    #addConnection(url: URL): ClientConnection {
        const { certificates, names } = this.#terms
        const connection = new ClientConnection({
            ...this.#terms,
            version: () => certificates?.version ?? 0,
            isCertified: (socket) => certificates === null || certificates.believes(socket),
            isCurrent: (socket) => {
                return !hasEnded(socket) && !names.hasLeft(url.hostname, socket.remoteAddress)
            },
            dial: (onReached) => this.#dial(url, onReached),
            onAnswered: ({ remoteAddress }) => names.onAnswered(url.hostname, remoteAddress),
            onTurnedAway: (reason) => this.#terms.onTurnedAway(reason, url.host)
        })
        this.#connections.set(url.href, connection)
        return connection
    }

    #dial(url: URL, onReached: (peer: Peer | null) => void): Socket {
        const { certificates, onTurnedAway, names } = this.#terms
        const port = Number(url.port)
        const host = url.hostname.replace(/^\[|\]$/g, '')
        if (certificates === null) {
            const socket = dial({ port, host, lookup: names.lookup })
            socket.once('connect', () => onReached(null))
            return socket
        }
        const socket = dialTls({ ...certificates.forClient(), port, host, lookup: names.lookup })
        socket.once('secureConnect', () => onReached(peerOf(socket)))
        socket.once('error', (error) => {
            const reason = reasonOf(error, socket)
            if (reason !== null) {
                onTurnedAway(reason, url.host)
            }
        })
        return socket
    }

    #tick(): void {
        for (const [href, connection] of this.#connections) {
            if (connection.tick() * this.#terms.silence > IDLE_MS) {
                this.#connections.delete(href)
                connection.cut()
            }
        }
    }
}
