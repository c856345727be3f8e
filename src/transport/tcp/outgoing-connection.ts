import type { Socket } from 'node:net'
import type { Peer } from '../authenticated-peer.js'
import type { PendingCalls } from './pending-calls.js'
import type { HeldKey, KeyRing } from '../security/keys.js'
import type { HandshakeError, Session } from './handshake.js'
import type { FramedSocket } from './framed-socket.js'

/** The time in which a retired connection may finish its calls, in milliseconds. */
const RETIREMENT_MS = 10_000

/** The limit of retired connections; at the limit, the oldest one is cut. */
const RETIRED_MAX = 4

/** The settings of the connections to one addressee. */
export interface ClientConnectionTerms {
    /**
     * Opens a connection. Calls `reached` with the authenticated peer, or `null` without proof; or
     * the socket closes.
     */
    readonly dial: (reached: (peer: Peer | null) => void) => Socket
    /** Whether the certificate of the peer is still valid, and the peer is still at its address. */
    readonly isCurrent: (socket: Socket) => boolean
    /** Whether the current authorities still certify the peer. */
    readonly isCertified: (socket: Socket) => boolean
    readonly keys: KeyRing | null
    /** The number of replacements of the certificates. */
    readonly version: () => number
    readonly bytesMax: number
    /** The time limit of the dial and the handshake, in milliseconds. */
    readonly connectTimeout: number
    /** The longest pause before another dial, in milliseconds. */
    readonly backoffMax: number
    /** Called when the first answer of a connection arrives. */
    readonly onAnswered: (socket: Socket) => void
    /** Called if the connection is cut because of a received frame. */
    readonly onTurnedAway: (reason: HandshakeError['reason']) => void
}

/** One connection, from the dial to the end. */
export interface Connection {
    readonly socket: Socket
    readonly framedSocket: FramedSocket
    readonly dialledAt: number
    /** The calls without an answer on this connection. */
    readonly pendingCalls: PendingCalls
    /** The version of the certificates at the time of the dial. */
    readonly version: number
    stage: 'dialling' | 'greeting' | 'open'
    peer: Peer | null
    session: Session | null
    /** The key and the hello that were sent; `null` without a key. */
    sentHello: { readonly key: HeldKey; readonly hello: Buffer } | null
    /** Whether an answer has arrived. */
    hasAnswered: boolean
    /** Whether the server has answered over HTTP instead of with frames. */
    isHttp: boolean
    /** Whether the server accepts no further calls. */
    isLeaveRequested: boolean
    /** Since when the connection is retired; `null` before. */
    retiredAt: number | null
}

/**
 * The retired connections to one addressee: they accept no new call and finish the calls in flight,
 * with limits on number and time.
 */
export class RetiredConnections {
    readonly #connections = new Set<Connection>()

    /** The number of retired connections. */
    get size(): number {
        return this.#connections.size
    }

    /** All retired connections, the oldest first. */
    get all(): readonly Connection[] {
        return [...this.#connections]
    }

    /** Whether a connection is retired. */
    has(connection: Connection): boolean {
        return this.#connections.has(connection)
    }

    /** Retires a connection. If there are too many, the oldest one is cut. */
    add(connection: Connection, now: number): void {
        connection.retiredAt = now
        this.#connections.add(connection)
        const [oldest] = this.#connections
        if (this.#connections.size > RETIRED_MAX) {
            oldest?.framedSocket.cut()
        }
    }

    /** Removes a lost connection. */
    delete(connection: Connection): void {
        this.#connections.delete(connection)
    }

    /** Cuts the connections without calls, and the connections that exceed the time limit. */
    checkLimits(now: number): void {
        for (const { pendingCalls, framedSocket, retiredAt } of this.#connections) {
            pendingCalls.rejectAborted()
            if (pendingCalls.size === 0 || now - (retiredAt ?? now) > RETIREMENT_MS) {
                framedSocket.cut()
            }
        }
    }
}
