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

/** What a switchboard is told. */
export interface TcpClientTerms {
    readonly keys: KeyRing | null
    readonly certificates: Certificates | null
    readonly names: NameLookup
    readonly bytesMax: number
    readonly connectTimeout: number
    readonly backoffMax: number
    /** How far apart its looks at every line are, in milliseconds. */
    readonly silence: number
    /** Tells that a line was cut for what arrived, or for who is there, and whose it was. */
    readonly failed: (reason: TurnedAway, from: string) => void
}

/** A connection that nobody uses is closed after so many milliseconds; before the other side. */
const IDLE_MS = 15_000

/**
 * The lines of one member to those whom it calls, one to each address. A line that nobody uses
 * goes; nobody waits on one line for what happens on another.
 */
export class TcpClient {
    readonly #terms: TcpClientTerms
    readonly #lines = new Map<string, ClientConnection>()
    readonly #ticker: NodeJS.Timeout
    #isClosed = false

    constructor(terms: TcpClientTerms) {
        this.#terms = terms
        // The calls that wait keep a process alive, not this.
        this.#ticker = setInterval(() => this.#tick(), terms.silence).unref()
    }

    /** Calls who is at the `url` of the properties. */
    readonly send: Send = (to, envelope, signal) => {
        if (this.#isClosed) {
            return Promise.reject(new KibitzError('unreachable', 'The client is closed.'))
        }
        // Where certificates are asked for, nothing goes where nobody shows one.
        const url = urlOf(to, [this.#terms.certificates === null ? 'tcp:' : 'tls:'])
        return (this.#lines.get(url.href) ?? this.#lay(url)).call(envelope, signal)
    }

    /** Cuts every line. Calls under way reject, and so do later ones. */
    close(): void {
        this.#isClosed = true
        clearInterval(this.#ticker)
        for (const line of this.#lines.values()) {
            line.cut()
        }
        this.#lines.clear()
    }

    #lay(url: URL): ClientConnection {
        const { certificates, names } = this.#terms
        const line = new ClientConnection({
            ...this.#terms,
            version: () => certificates?.version ?? 0,
            isBelieved: (socket) => certificates === null || certificates.believes(socket),
            isCurrent: (socket) => {
                return !hasEnded(socket) && !names.hasLeft(url.hostname, socket.remoteAddress)
            },
            dial: (reached) => this.#dial(url, reached),
            failed: (reason) => this.#terms.failed(reason, url.host)
        })
        this.#lines.set(url.href, line)
        return line
    }

    #dial(url: URL, reached: (peer: Peer | null) => void): Socket {
        const { certificates, failed, names } = this.#terms
        const port = Number(url.port)
        const host = url.hostname.replace(/^\[|\]$/g, '')
        if (certificates === null) {
            const socket = dial({ port, host, lookup: names.lookup })
            socket.once('connect', () => {
                names.onConnected(host, socket.remoteAddress)
                reached(null)
            })
            return socket
        }
        const socket = dialTls({ ...certificates.forClient(), port, host, lookup: names.lookup })
        socket.once('connect', () => names.onConnected(host, socket.remoteAddress))
        socket.once('secureConnect', () => reached(peerOf(socket)))
        socket.once('error', (error) => {
            const reason = reasonOf(error, socket)
            if (reason !== null) {
                failed(reason, url.host)
            }
        })
        return socket
    }

    #tick(): void {
        for (const [href, line] of this.#lines) {
            if (line.tick() * this.#terms.silence > IDLE_MS) {
                this.#lines.delete(href)
                line.cut()
            }
        }
    }
}
