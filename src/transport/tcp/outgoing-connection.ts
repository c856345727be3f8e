import type { Socket } from 'node:net'
import type { Peer } from '../authenticated-peer.js'
import type { PendingCalls } from './pending-calls.js'
import type { HeldKey } from '../security/keys.js'
import type { Session } from './handshake.js'
import type { FramedSocket } from './framed-socket.js'

/** How long a connection that takes no new call may finish its calls, in milliseconds. */
const RETIREMENT_MS = 10_000

/** How many connections may finish their calls at once; the oldest is cut for another. */
const RETIRED_MAX = 4

/** One connection, from its dial to its end. */
export interface Connection {
    readonly socket: Socket
    readonly wire: FramedSocket
    readonly since: number
    /** The calls that wait for an answer on this connection. */
    readonly asked: PendingCalls
    /** The certificates that it was made under. */
    readonly version: number
    stage: 'dialling' | 'greeting' | 'open'
    peer: Peer | null
    session: Session | null
    /** The key that was spoken under, and what was said. */
    spoken: { readonly key: HeldKey; readonly hello: Buffer } | null
    /** Whether an answer has come. */
    isProven: boolean
    /** Whether the callee wants no more calls on it. */
    isLeft: boolean
    /** Since when the connection takes no new call; `null` while it does. */
    retiredAt: number | null
}

/**
 * The connections of one line that take no new call and finish the calls under way, bounded in
 * number and time.
 */
export class RetiredConnections {
    readonly #connections = new Set<Connection>()

    /** How many there are. */
    get size(): number {
        return this.#connections.size
    }

    /** All of them, the oldest first. */
    get all(): readonly Connection[] {
        return [...this.#connections]
    }

    /** Whether a connection is one of them. */
    has(connection: Connection): boolean {
        return this.#connections.has(connection)
    }

    /** Adds a connection. If there are too many, the oldest is cut. */
    add(connection: Connection, now: number): void {
        connection.retiredAt = now
        this.#connections.add(connection)
        const [oldest] = this.#connections
        if (this.#connections.size > RETIRED_MAX) {
            oldest?.wire.cut()
        }
    }

    /** Forgets a connection that is lost. */
    delete(connection: Connection): void {
        this.#connections.delete(connection)
    }

    /** Cuts the connections that have finished, and those that take too long. */
    tick(now: number): void {
        for (const { asked, wire, retiredAt } of this.#connections) {
            asked.drop()
            if (asked.size === 0 || now - (retiredAt ?? now) > RETIREMENT_MS) {
                wire.cut()
            }
        }
    }
}
