import type { Socket } from 'node:net'
import type { Peer } from '../authenticated-peer.js'
import type { PendingCalls } from './pending-calls.js'
import type { HeldKey } from '../security/keys.js'
import type { Session } from './handshake.js'
import type { FramedSocket } from './framed-socket.js'

/** The time in which a retired connection may finish its calls, in milliseconds. */
const RETIREMENT_MS = 10_000

/** The limit of retired connections; at the limit, the oldest one is cut. */
const RETIRED_MAX = 4

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
