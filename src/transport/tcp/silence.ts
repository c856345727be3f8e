import { KINDS } from './frame.js'
import type { FramedSocket } from './framed-socket.js'

/** If more ticks than this pass without an arrived byte, the client sends a ping. */
const PING_TICKS = 1

/** If more ticks than this pass without an arrived byte, the client cuts the connection. */
const CUT_TICKS = 3

/** Counts the ticks of the client in which no byte arrives while calls wait. */
export class SilenceCounter {
    #ticks = 0
    #receivedAt = 0

    /** Starts again, because no call waits or the connection has changed. */
    reset(): void {
        this.#ticks = 0
    }

    /** Counts one tick. After too many silent ticks, sends a ping or cuts the connection. */
    tick(socket: FramedSocket): void {
        this.#ticks = socket.receivedAt === this.#receivedAt ? this.#ticks + 1 : 0
        this.#receivedAt = socket.receivedAt
        if (this.#ticks > CUT_TICKS) {
            socket.cut()
        } else if (this.#ticks > PING_TICKS) {
            socket.send(KINDS.ping, 0, '')
        }
    }
}
