import type { Socket } from 'node:net'
import { type Crowd, crowdOfProcess, Strangers } from './connections-of-process.js'

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
export class Guests {
    readonly #max: number
    readonly #onCrowded: (place: string) => void
    readonly #crowd: Crowd
    readonly #strangers = new Map<string, Socket>()
    /** The same strangers, in the order in which they make room. */
    readonly #evictable = new Strangers()
    readonly #known = new Map<string, Socket>()

    constructor(
        max: number,
        onCrowded: (place: string) => void,
        crowd: Crowd = crowdOfProcess()
    ) {
        this.#max = max
        this.#crowd = crowd
        this.#onCrowded = onCrowded
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
            this.#crowd.remove(socket)
            this.#evictable.delete(socket)
            for (const guests of [this.#strangers, this.#known]) {
                if (guests.get(place) === socket) {
                    guests.delete(place)
                }
            }
        })
        this.#crowd.admit(socket, () => this.#evict(socket, place))
        if (this.size > this.#max) {
            const stranger = this.#evictable.first ?? socket
            this.#evict(stranger, placeOf(stranger))
        }
    }

    #evict(stranger: Socket, place: string): void {
        this.#strangers.delete(place)
        this.#evictable.delete(stranger)
        this.#crowd.remove(stranger)
        stranger.destroy()
        this.#onCrowded(place)
    }

    /** The caller is a stranger no more. The argument may be TLS upon the socket. */
    know(socket: Socket): void {
        const place = placeOf(socket)
        const stranger = this.#strangers.get(place)
        if (stranger !== undefined) {
            this.#strangers.delete(place)
            this.#evictable.delete(stranger)
            this.#known.set(place, stranger)
            this.#crowd.know(stranger)
        }
    }

    /** Closes every connection. */
    dismiss(): void {
        for (const socket of [...this.#strangers.values(), ...this.#known.values()]) {
            socket.destroy()
        }
    }
}
