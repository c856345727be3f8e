import type { Socket } from 'node:net'
import {
    CODE_BYTES,
    type Frame,
    FrameReader,
    type Kind,
    LongFrame,
    makeFrame,
    readFrame,
    seams
} from './frame.js'
import type { InboundBudget } from '../inbound-budget.js'
import type { FrameMac } from './handshake.js'

/** Under what everything is sealed that comes in, and that goes out. */
export interface FrameMacs {
    readonly incoming: FrameMac
    readonly outgoing: FrameMac
}

/** What becomes of what a wire brings. */
export interface SocketEnd {
    /** Takes a frame. What it throws cuts the wire. */
    take(frame: Frame): void
    /** What arrived is no frame, its code is wrong, or `take` has thrown. The wire is cut. */
    fail(fault: unknown): void
    /**
     * Refuses a frame that is too long. Returns whether the wire stays, deaf to all bytes that
     * follow, so that the refusal arrives; else the wire is cut.
     */
    refuse?(frame: LongFrame): boolean
    /** The wire is gone, for whatever reason. */
    closed(): void
}

/**
 * One end of a connection that carries frames.
 *
 * 1. Frames are taken in the order in which they were sent, each whole and once.
 * 2. Once sealed, no frame is taken that is not the very next one of who holds the key.
 * 3. What is sent in one turn leaves together.
 */
export class FramedSocket {
    readonly #socket: Socket
    readonly #end: SocketEnd
    readonly #reader: FrameReader
    #seals: FrameMacs | null = null
    #isPaused = false
    /** Whether the bytes that arrive are dropped. */
    #isDeaf = false
    /** When something came last, on the clock of `performance`. */
    heardAt: number = performance.now()
    /** Since when a frame is under way that is not whole; `null` where there is none. */
    amidstSince: number | null = null

    /** @param budget Memory for frames that are not whole; without bound if it is left out. */
    constructor(
        socket: Socket,
        limit: number,
        end: SocketEnd,
        budget: InboundBudget | null = null
    ) {
        this.#socket = socket
        this.#reader = new FrameReader(limit, budget, () => this.#onGranted())
        this.#end = end
        socket.setNoDelay(true)
        socket.on('data', (chunk: Buffer) => {
            if (this.#isDeaf) {
                return
            }
            this.#reader.push(chunk)
            this.heardAt = performance.now()
            this.#read()
        })
        // What breaks a socket closes it, too.
        socket.on('error', () => {})
        socket.on('close', () => {
            this.#reader.close()
            end.closed()
        })
    }

    /** How many bytes wait to be taken by the other side. */
    get backlog(): number {
        return this.#socket.writableLength
    }

    /** How many bytes a frame may take from now on. A refusal names the call from now on. */
    set limit(bytes: number) {
        this.#reader.limit = bytes
        this.#reader.awaitsHeads = true
    }

    /** Seals everything from now on, both ways. */
    seal(seals: FrameMacs): void {
        this.#seals = seals
    }

    /** Sends a frame. What has been closed swallows it. */
    send(kind: Kind, id: number, payload: string | Uint8Array): void {
        const socket = this.#socket
        if (socket.destroyed) {
            return
        }
        const frame = makeFrame(kind, id, payload, this.#seals !== null)
        if (this.#seals !== null) {
            const { vouched, code } = seams(frame)
            code.set(this.#seals.outgoing.next(vouched))
        }
        if (socket.writableCorked === 0) {
            // What else is sent in this turn goes with it.
            socket.cork()
            process.nextTick(() => socket.uncork())
        }
        socket.write(frame)
    }

    /** Takes no frame until it is resumed; what is under way waits in the network. */
    pause(): void {
        this.#isPaused = true
        this.#socket.pause()
    }

    /** Takes frames again. */
    resume(): void {
        if (this.#isPaused) {
            this.#isPaused = false
            this.heardAt = performance.now()
            this.#read()
            if (!this.#isPaused && !this.#reader.isStarved) {
                this.#socket.resume()
            }
        }
    }

    /** There is memory for the frame under way. */
    #onGranted(): void {
        // The budget is in the middle of its grants.
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
            const wasAmidst = this.amidstSince
            this.amidstSince = null
            if (!this.#takeAll() && this.#reader.isAmidst && !this.#isPaused) {
                this.amidstSince = wasAmidst ?? this.heardAt
            } else if (this.#reader.isAmidst && !this.#isPaused) {
                this.amidstSince = this.heardAt
            }
            if (this.#reader.isStarved) {
                this.#socket.pause()
            }
        } catch (fault) {
            if (fault instanceof LongFrame && this.#end.refuse?.(fault) === true) {
                this.#isDeaf = true
                this.#reader.close()
                return
            }
            this.cut()
            this.#end.fail(fault)
        }
    }

    /** Takes every frame that is whole; tells whether there was one. */
    #takeAll(): boolean {
        let hasTaken = false
        while (!this.#isPaused && !this.#socket.destroyed) {
            const bytes = this.#reader.take()
            if (bytes === null) {
                break
            }
            hasTaken = true
            this.#end.take(readFrame(this.#seals === null ? bytes : this.#unseal(bytes)))
        }
        return hasTaken
    }

    #unseal(bytes: Buffer): Buffer {
        const end = Math.max(0, bytes.length - CODE_BYTES)
        const vouched = bytes.subarray(0, end)
        this.#seals?.incoming.check(vouched, bytes.subarray(end))
        return vouched
    }
}
