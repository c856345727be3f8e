import type { Socket } from 'node:net'
import {
    type ProcessConnections, connectionsOfProcess, UnprovenConnections
} from './connections-of-process.js'

/** The remote address and port of a socket: no two open sockets share a place. */
function placeOf({ remoteAddress, remotePort }: Socket): string {
    return `${remoteAddress} ${remotePort}`
}

/**
 * The connections of a listener, within a bound. A *stranger* is a caller that has not shown yet
 * that it speaks as a member does. If a new connection finds no room, the listener closes the
 * oldest stranger of the address with the most strangers. So a caller that opens many silent
 * connections keeps no member out. The connections of all listeners of the process have a bound of
 * their own (`Crowd`).
 */
export class ConnectionLimit {
    readonly #max: number
    readonly #onConnectionLimit: (place: string) => void
    readonly #connections: ProcessConnections
    readonly #strangers = new Map<string, Socket>()
    /** The same strangers, in the order in which they make room. */
    readonly #evictable = new UnprovenConnections()
    readonly #known = new Map<string, Socket>()

    constructor(
        max: number,
        onConnectionLimit: (place: string) => void,
        connections: ProcessConnections = connectionsOfProcess()
    ) {
        this.#max = max
        this.#connections = connections
        this.#onConnectionLimit = onConnectionLimit
    }

    /** The number of connections. */
    get size(): number {
        return this.#strangers.size + this.#known.size
    }

    /** Takes in a socket, and closes a stranger if there is no room; perhaps the same socket. */
    admit(socket: Socket): void {
        const place = placeOf(socket)
        socket.on('error', () => {})
        this.#strangers.set(place, socket)
        this.#evictable.add(socket)
        socket.on('close', () => {
            this.#connections.remove(socket)
            this.#evictable.delete(socket)
            for (const connectionLimit of [this.#strangers, this.#known]) {
                if (connectionLimit.get(place) === socket) {
                    connectionLimit.delete(place)
                }
            }
        })
        this.#connections.admit(socket, () => this.#evict(socket, place))
        if (this.size > this.#max) {
            const stranger = this.#evictable.first ?? socket
            this.#evict(stranger, placeOf(stranger))
        }
    }

    #evict(stranger: Socket, place: string): void {
        this.#strangers.delete(place)
        this.#evictable.delete(stranger)
        this.#connections.remove(stranger)
        stranger.destroy()
        this.#onConnectionLimit(place)
    }

    /** The caller is a stranger no more. The argument may be TLS upon the socket. */
    know(socket: Socket): void {
        const place = placeOf(socket)
        const stranger = this.#strangers.get(place)
        if (stranger !== undefined) {
            this.#strangers.delete(place)
            this.#evictable.delete(stranger)
            this.#known.set(place, stranger)
            this.#connections.know(stranger)
        }
    }

    /** Closes every connection. */
    dismiss(): void {
        for (const socket of [...this.#strangers.values(), ...this.#known.values()]) {
            socket.destroy()
        }
    }
}
