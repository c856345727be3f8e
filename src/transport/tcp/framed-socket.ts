import type { Socket } from 'node:net'
import {
    CODE_BYTES,
    type Frame,
    FrameReader,
    type Kind,
    LongFrame,
    makeFrame,
    readFrame,
    splitCode
} from './frame.js'
import type { InboundBudget } from '../inbound-budget.js'
import type { FrameMac } from './handshake.js'

/** The codes of the frames in both directions. */
export interface FrameMacs {
    readonly incoming: FrameMac
    readonly outgoing: FrameMac
}

/** The events of a framed socket. */
export interface SocketEvents {
    /** Receives a frame. If the function throws, the socket is cut. */
    onFrame(frame: Frame): void
    /** The socket was cut: the bytes are no frame, the code is wrong, or `onFrame` has thrown. */
    onError(error: unknown): void
    /**
     * Refuses a frame that is too long. If the result is `true`, the socket stays open, so that the
     * refusal arrives, but ignores all further bytes; else the socket is cut.
     */
    onLongFrame?(frame: LongFrame): boolean
    /** The socket is closed, for any reason. */
    onClosed(): void
}

/**
 * One end of a connection that carries frames.
 *
 * 1. Frames are received complete, once, and in the order of sending.
 * 2. After `setMacs`, a frame is received only if its code proves that the frame is the next frame
 *    of a holder of the key.
 * 3. Frames that are sent in one turn leave in one write.
 */
export class FramedSocket {
    readonly #socket: Socket
    readonly #end: SocketEvents
    readonly #reader: FrameReader
    #macs: FrameMacs | null = null
    #isPaused = false
    /** Whether arriving bytes are ignored. */
    #ignoresBytes = false
    /** When the last byte arrived, on the clock of `performance`. */
    receivedAt: number = performance.now()
    /** Since when a frame is incomplete; `null` if no frame is incomplete. */
    incompleteSince: number | null = null

    /** @param budget Memory for incomplete frames; unlimited by default. */
    constructor(
        socket: Socket,
        limit: number,
        end: SocketEvents,
        budget: InboundBudget | null = null
    ) {
        this.#socket = socket
        this.#reader = new FrameReader(limit, budget, () => this.#onGranted())
        this.#end = end
        socket.setNoDelay(true)
        socket.on('data', (chunk: Buffer) => {
            if (this.#ignoresBytes) {
                return
            }
            this.#reader.push(chunk)
            this.receivedAt = performance.now()
            this.#read()
        })
        // An error is followed by `close`.
        socket.on('error', () => {})
        socket.on('close', () => {
            this.#reader.close()
            end.onClosed()
        })
    }

    /** The number of bytes that wait to be sent. */
    get backlog(): number {
        return this.#socket.writableLength
    }

    /**
     * Sets the limit of a frame in bytes. From now on, the error of a long frame names its call.
     */
    set limit(bytes: number) {
        this.#reader.limit = bytes
        this.#reader.awaitsHeads = true
    }

    /** Demands and adds a code for each further frame. */
    setMacs(seals: FrameMacs): void {
        this.#macs = seals
    }

    /** Sends a frame. A closed socket drops the frame. */
    send(kind: Kind, id: number, payload: string | Uint8Array): void {
        const socket = this.#socket
        if (socket.destroyed) {
            return
        }
        const frame = makeFrame(kind, id, payload, this.#macs !== null)
        if (this.#macs !== null) {
            const { covered, code } = splitCode(frame)
            code.set(this.#macs.outgoing.next(covered))
        }
        if (socket.writableCorked === 0) {
            // Frames of the same turn leave together.
            socket.cork()
            process.nextTick(() => socket.uncork())
        }
        socket.write(frame)
    }

    /** Stops receiving frames until `resume`. Unread bytes wait in the network. */
    pause(): void {
        this.#isPaused = true
        this.#socket.pause()
    }

    /** Receives frames again. */
    resume(): void {
        if (this.#isPaused) {
            this.#isPaused = false
            this.receivedAt = performance.now()
            this.#read()
            if (!this.#isPaused && !this.#reader.isStarved) {
                this.#socket.resume()
            }
        }
    }

    /** The budget has granted memory for the incomplete frame. */
    #onGranted(): void {
        // The budget is still granting; reading now would re-enter the budget.
        setImmediate(() => {
            if (!this.#isPaused && !this.#socket.destroyed) {
                this.#read()
                if (!this.#isPaused && !this.#reader.isStarved) {
                    this.#socket.resume()
                }
            }
        })
    }

    /** Cuts the connection. */
    cut(): void {
        this.#socket.destroy()
    }

    #read(): void {
        try {
            const incompleteSince = this.incompleteSince
            this.incompleteSince = null
            if (!this.#receiveAll() && this.#reader.isIncomplete && !this.#isPaused) {
                this.incompleteSince = incompleteSince ?? this.receivedAt
            } else if (this.#reader.isIncomplete && !this.#isPaused) {
                this.incompleteSince = this.receivedAt
            }
            if (this.#reader.isStarved) {
                this.#socket.pause()
            }
        } catch (error) {
            if (error instanceof LongFrame && this.#end.onLongFrame?.(error) === true) {
                this.#ignoresBytes = true
                this.#reader.close()
                return
            }
            this.cut()
            this.#end.onError(error)
        }
    }

    /** Receives all complete frames. Returns whether there was one. */
    #receiveAll(): boolean {
        let hasReceived = false
        while (!this.#isPaused && !this.#socket.destroyed) {
            const bytes = this.#reader.take()
            if (bytes === null) {
                break
            }
            hasReceived = true
            this.#end.onFrame(readFrame(this.#macs === null ? bytes : this.#checkCode(bytes)))
        }
        return hasReceived
    }

    #checkCode(bytes: Buffer): Buffer {
        const end = Math.max(0, bytes.length - CODE_BYTES)
        const covered = bytes.subarray(0, end)
        this.#macs?.incoming.check(covered, bytes.subarray(end))
        return covered
    }
}
