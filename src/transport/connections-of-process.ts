import type { Socket } from 'node:net'
import { descriptorLimit } from './descriptor-limit.js'

/** Strangers, by remote address, in the order in which they came. */
export class UnprovenConnections {
    readonly #addresses = new Map<string, Set<Socket>>()
    readonly #addressOf = new Map<Socket, string>()

    /** The number of strangers. */
    get size(): number {
        return this.#addressOf.size
    }

    /** Adds a stranger. */
    add(socket: Socket): void {
        const address = socket.remoteAddress ?? ''
        const sockets = this.#addresses.get(address) ?? new Set()
        sockets.add(socket)
        this.#addresses.set(address, sockets)
        this.#addressOf.set(socket, address)
    }

    /** Removes a stranger. Returns whether the socket was a stranger. */
    delete(socket: Socket): boolean {
        // A socket that is closed has no address any more.
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
     * The stranger that makes room: the oldest of the address with the most strangers. So a caller
     * that opens many connections evicts its own.
     */
    get first(): Socket | null {
        let busiest: ReadonlySet<Socket> = new Set()
        for (const sockets of this.#addresses.values()) {
            busiest = sockets.size > busiest.size ? sockets : busiest
        }
        const [oldest = null] = busiest
        return oldest
    }
}

/**
 * The inbound connections of all listeners of a process, so that connections leave descriptors to
 * journals and to outgoing calls.
 *
 * 1. The connections use at most half of the descriptors that the process may have.
 * 2. At most a quarter of that half belongs to strangers: callers that have proven nothing yet.
 */
export class ProcessConnections {
    readonly #max: number
    readonly #strangersMax: number
    readonly #strangers = new UnprovenConnections()
    readonly #evictions = new Map<Socket, () => void>()
    readonly #known = new Set<Socket>()

    /** @param descriptors How many descriptors the process may have. */
    constructor(descriptors: number) {
        this.#max = Math.max(1, Math.floor(descriptors / 2))
        this.#strangersMax = Math.max(1, Math.floor(this.#max / 4))
    }

    /** Takes in a stranger. If the crowd is too large then, evicts a stranger of the crowd. */
    admit(socket: Socket, onEvicted: () => void): void {
        this.#strangers.add(socket)
        this.#evictions.set(socket, onEvicted)
        const { size } = this.#strangers
        if (size <= this.#strangersMax && size + this.#known.size <= this.#max) {
            return
        }
        const { first } = this.#strangers
        if (first !== null) {
            const evict = this.#evictions.get(first)
            this.remove(first)
            evict?.()
        }
    }

    /** The caller is a stranger no more. */
    know(socket: Socket): void {
        if (this.#strangers.delete(socket)) {
            this.#evictions.delete(socket)
            this.#known.add(socket)
        }
    }

    /** The connection is closed. */
    remove(socket: Socket): void {
        this.#strangers.delete(socket)
        this.#evictions.delete(socket)
        this.#known.delete(socket)
    }
}

let ofProcess: ProcessConnections | null = null

/** The crowd of this process. */
export function connectionsOfProcess(): ProcessConnections {
    ofProcess ??= new ProcessConnections(descriptorLimit())
    return ofProcess
}
