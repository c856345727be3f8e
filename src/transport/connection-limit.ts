import type { Socket } from 'node:net'
import {
    type ProcessConnections, connectionsOfProcess, UnprovenConnections
} from './connections-of-process.js'

/** The remote address and port of a socket. No two open sockets share these. */
function remoteOf({ remoteAddress, remotePort }: Socket): string {
    return `${remoteAddress} ${remotePort}`
}

/**
 * Limits the connections of one listener. A connection is *unproven* until the caller has spoken as
 * a member does. If a new connection exceeds the limit, the listener closes the oldest unproven
 * connection of the address with the most unproven connections. So a caller that opens many silent
 * connections keeps no member out. `ProcessConnections` limits the connections of all listeners of
 * the process.
 */
export class ConnectionLimit {
    readonly #max: number
    readonly #onConnectionLimit: (remote: string) => void
    readonly #connections: ProcessConnections
    readonly #unproven = new Map<string, Socket>()
    /** The unproven connections, in the order of eviction. */
    readonly #evictable = new UnprovenConnections()
    readonly #proven = new Map<string, Socket>()

    constructor(
        max: number,
        onConnectionLimit: (remote: string) => void,
        connections: ProcessConnections = connectionsOfProcess()
    ) {
        this.#max = max
        this.#connections = connections
        this.#onConnectionLimit = onConnectionLimit
    }

    /** The number of connections. */
    get size(): number {
        return this.#unproven.size + this.#proven.size
    }

    /** Adds a connection. If there is no room, closes an unproven connection, perhaps this one. */
    add(socket: Socket): void {
        const remote = remoteOf(socket)
        socket.on('error', () => {})
        this.#unproven.set(remote, socket)
        this.#evictable.add(socket)
        socket.on('close', () => {
            this.#connections.remove(socket)
            this.#evictable.delete(socket)
            for (const sockets of [this.#unproven, this.#proven]) {
                if (sockets.get(remote) === socket) {
                    sockets.delete(remote)
                }
            }
        })
        this.#connections.add(socket, () => this.#evict(socket, remote))
        if (this.size > this.#max) {
            const evicted = this.#evictable.nextEvicted ?? socket
            this.#evict(evicted, remoteOf(evicted))
        }
    }

    #evict(evicted: Socket, remote: string): void {
        this.#unproven.delete(remote)
        this.#evictable.delete(evicted)
        this.#connections.remove(evicted)
        evicted.destroy()
        this.#onConnectionLimit(remote)
    }

    /** Marks a connection as proven. The argument may be the TLS socket over the connection. */
    markProven(socket: Socket): void {
        const remote = remoteOf(socket)
        const unproven = this.#unproven.get(remote)
        if (unproven !== undefined) {
            this.#unproven.delete(remote)
            this.#evictable.delete(unproven)
            this.#proven.set(remote, unproven)
            this.#connections.markProven(unproven)
        }
    }

    /** Closes every connection. */
    closeAll(): void {
        for (const socket of [...this.#unproven.values(), ...this.#proven.values()]) {
            socket.destroy()
        }
    }
}
