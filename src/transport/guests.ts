import type { Socket } from 'node:net'

/** Where a socket comes from: no two that are open come from the same place. */
function placeOf({ remoteAddress, remotePort }: Socket): string {
    return `${remoteAddress} ${remotePort}`
}

/**
 * The connections of a listener, no more than so many. Who has not shown yet that it speaks as a
 * member does is a stranger, and the stranger who has been there longest makes room for who comes:
 * whoever keeps many sockets open and says nothing keeps no member out.
 */
export class Guests {
    readonly #max: number
    readonly #onCrowded: (place: string) => void
    readonly #strangers = new Map<string, Socket>()
    readonly #known = new Map<string, Socket>()

    constructor(max: number, onCrowded: (place: string) => void) {
        this.#max = max
        this.#onCrowded = onCrowded
    }

    /** How many there are. */
    get size(): number {
        return this.#strangers.size + this.#known.size
    }

    /** Takes in a socket, or closes it where there is no room and nobody to make some. */
    admit(socket: Socket): void {
        const place = placeOf(socket)
        socket.on('error', () => {})
        this.#strangers.set(place, socket)
        socket.on('close', () => {
            for (const guests of [this.#strangers, this.#known]) {
                if (guests.get(place) === socket) {
                    guests.delete(place)
                }
            }
        })
        if (this.size > this.#max) {
            const [[oldest, stranger] = [place, socket]] = this.#strangers
            this.#strangers.delete(oldest)
            stranger.destroy()
            this.#onCrowded(oldest)
        }
    }

    /** From now on this one is no stranger. What stands for it may be TLS upon the socket. */
    know(socket: Socket): void {
        const place = placeOf(socket)
        const stranger = this.#strangers.get(place)
        if (stranger !== undefined) {
            this.#strangers.delete(place)
            this.#known.set(place, stranger)
        }
    }

    /** Closes every connection. */
    dismiss(): void {
        for (const socket of [...this.#strangers.values(), ...this.#known.values()]) {
            socket.destroy()
        }
    }
}
