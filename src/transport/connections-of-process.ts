import type { Socket } from 'node:net'
import { descriptorLimit } from './descriptor-limit.js'

/** Unproven connections by remote address, in the order of arrival. */
export class UnprovenConnections {
    readonly #addresses = new Map<string, Set<Socket>>()
    readonly #addressOf = new Map<Socket, string>()

    /** The number of unproven connections. */
    get size(): number {
        return this.#addressOf.size
    }

    /** Adds an unproven connection. */
    add(socket: Socket): void {
        const address = socket.remoteAddress ?? ''
        const sockets = this.#addresses.get(address) ?? new Set()
        sockets.add(socket)
        this.#addresses.set(address, sockets)
        this.#addressOf.set(socket, address)
    }

    /** Removes a connection. Returns whether the connection was unproven. */
    delete(socket: Socket): boolean {
        // A closed socket has no remote address.
        const address = this.#addressOf.get(socket)
        if (address === undefined) {
            return false
        }
        this.#addressOf.delete(socket)
        const sockets = this.#addresses.get(address)
        sockets?.delete(socket)
        if (sockets?.size === 0) {
            this.#addresses.delete(address)
        }
        return true
    }

    /**
     * The connection to evict: the oldest connection of the address with the most unproven
     * connections; `null` without connections. So a caller that opens many connections evicts its
     * own.
     */
    get nextEvicted(): Socket | null {
        let busiest: ReadonlySet<Socket> = new Set()
        for (const sockets of this.#addresses.values()) {
            busiest = sockets.size > busiest.size ? sockets : busiest
        }
        const [oldest = null] = busiest
        return oldest
    }
}

/**
 * Limits the inbound connections of all listeners of a process, so that descriptors remain for
 * journals and outgoing calls.
 *
 * 1. The connections use at most half of the descriptors that the process may have.
 * 2. At most a quarter of that half belongs to unproven connections.
 */
export class ProcessConnections {
    readonly #max: number
    readonly #unprovenMax: number
    readonly #unproven = new UnprovenConnections()
    readonly #evictions = new Map<Socket, () => void>()
    readonly #proven = new Set<Socket>()

    /** @param descriptors The number of descriptors that the process may have. */
    constructor(descriptors: number) {
        this.#max = Math.max(1, Math.floor(descriptors / 2))
        this.#unprovenMax = Math.max(1, Math.floor(this.#max / 4))
    }

    /**
     * Adds an unproven connection. If a limit is exceeded, evicts one unproven connection and calls
     * its `onEvicted`.
     */
    add(socket: Socket, onEvicted: () => void): void {
        this.#unproven.add(socket)
        this.#evictions.set(socket, onEvicted)
        const { size } = this.#unproven
        if (size <= this.#unprovenMax && size + this.#proven.size <= this.#max) {
            return
        }
        const { nextEvicted: first } = this.#unproven
        if (first !== null) {
            const evict = this.#evictions.get(first)
            this.remove(first)
            evict?.()
        }
    }

    /** Marks a connection as proven. */
    markProven(socket: Socket): void {
        if (this.#unproven.delete(socket)) {
            this.#evictions.delete(socket)
            this.#proven.add(socket)
        }
    }

    /** Removes a closed connection. */
    remove(socket: Socket): void {
        this.#unproven.delete(socket)
        this.#evictions.delete(socket)
        this.#proven.delete(socket)
    }
}

let ofProcess: ProcessConnections | null = null

/** The shared instance of this process. */
export function connectionsOfProcess(): ProcessConnections {
    ofProcess ??= new ProcessConnections(descriptorLimit())
    return ofProcess
}
