import { KibitzError } from '../../base/errors.js'
import type { InboundBudget } from '../inbound-budget.js'

/** What a frame is for. The numbers travel, so none of them ever gets another meaning. */
export const KINDS = {
    /** The caller says which version it speaks, and under which key. */
    hello: 0,
    /** The callee proves that it has the key, and asks for as much. */
    challenge: 1,
    /** The caller proves that it has the key. */
    proof: 2,
    /** A call: an envelope as JSON. */
    call: 3,
    /** An answer as JSON, under the number of its call; nothing where there is none. */
    answer: 4,
    /** Is anybody there? */
    ping: 5,
    /** Somebody is. */
    pong: 6,
    /** The callee wants no more calls on this connection. What is under way is answered. */
    leave: 7,
    /**
     * The callee refuses the call with this number for its size, and takes no other call on this
     * connection. The payload is the limit of the callee in bytes, in decimal.
     */
    refused: 8
} as const

/** One of them. */
export type Kind = (typeof KINDS)[keyof typeof KINDS]

/** What a frame holds. The payload is a part of what was read, and is gone when that is. */
export interface Frame {
    readonly kind: number
    /** The number of the call; 0 if the frame belongs to no call. */
    readonly id: number
    readonly payload: Buffer
    /** The frame without its length: the bytes that a code covers. */
    readonly bytes: Buffer
}

/** How many bytes say how many follow. */
const LENGTH_BYTES = 4

/** How many bytes of what follows stand before the payload. */
const HEAD_BYTES = 5

/** How many bytes stand before the payload, with the length. */
const PREFIX_BYTES = LENGTH_BYTES + HEAD_BYTES

/** How many bytes the code of a sealed frame takes, behind its payload. */
export const CODE_BYTES = 32

/** How many bytes a frame takes beside its payload. */
export const FRAME_OVERHEAD: number = HEAD_BYTES + CODE_BYTES

/** Numbers of calls are counted round; 0 is left out. */
export const ID_MAX = 0xffff_ffff

function begin(kind: Kind, id: number, size: number, isSealed: boolean): Buffer {
    const length = HEAD_BYTES + size + (isSealed ? CODE_BYTES : 0)
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + length)
    frame.writeUInt32BE(length, 0)
    frame[LENGTH_BYTES] = kind
    frame.writeUInt32BE(id, LENGTH_BYTES + 1)
    return frame
}

/**
 * Makes a frame, with room for a code at its end where it is to be sealed: a number of bytes as
 * they follow each other on the wire.
 */
export function makeFrame(
    kind: Kind,
    id: number,
    payload: string | Uint8Array,
    isSealed: boolean
): Buffer {
    const at = LENGTH_BYTES + HEAD_BYTES
    if (typeof payload !== 'string') {
        const frame = begin(kind, id, payload.length, isSealed)
        frame.set(payload, at)
        return frame
    }
    const frame = begin(kind, id, Buffer.byteLength(payload), isSealed)
    frame.write(payload, at)
    return frame
}

/** The part of a sealed frame that its code vouches for, and the part where the code stands. */
export function seams(frame: Buffer): { readonly vouched: Buffer; readonly code: Buffer } {
    const end = frame.length - CODE_BYTES
    return { vouched: frame.subarray(LENGTH_BYTES, end), code: frame.subarray(end) }
}

/** Why what was read is no frame. */
export function malformed(what: string): KibitzError {
    return new KibitzError('unreachable', `What arrived is no frame: ${what}. The line was cut.`)
}

/** A frame that announces more bytes than the limit. */
export class LongFrame extends KibitzError {
    /** The number of the call that the frame belongs to. */
    readonly id: number

    constructor(id: number, length: number) {
        super('unreachable', `A frame of ${length} bytes is too long. The frame was not taken.`)
        this.id = id
    }
}

/** Frames up to this length, in bytes, need no grant of memory. */
const UNGRANTED_MAX = 64 * 1024

/**
 * Cuts what arrives into frames.
 *
 * 1. A frame that announces more bytes than the limit is refused before the frame has arrived.
 * 2. Of a frame that is not whole, the reader holds one buffer of the announced length, however
 *    many chunks bring the frame. A long frame gets its buffer from the budget; while there is no
 *    room the reader is starved, and the connection must not be read.
 */
export class FrameReader {
    /** How many bytes a frame may take behind its length. */
    limit: number
    /** Whether the head of a frame that is too long is read before the frame is refused. */
    awaitsHeads = false
    readonly #budget: InboundBudget | null
    readonly #onGranted: () => void
    readonly #chunks: Buffer[] = []
    /** How many bytes the chunks hold. */
    #size = 0
    /** The frame under way, with its length in front. */
    #frame: Buffer | null = null
    #filled = 0
    #granted = 0
    /** Ends the wait for a grant; `null` if the reader is not starved. */
    #giveUp: (() => void) | null = null

    constructor(
        limit: number,
        budget: InboundBudget | null = null,
        onGranted: () => void = () => {}
    ) {
        this.limit = limit
        this.#budget = budget
        this.#onGranted = onGranted
    }

    /** Whether a frame has begun to arrive and is not whole. */
    get isAmidst(): boolean {
        return this.#size !== 0 || this.#frame !== null
    }

    /** Whether a frame waits for memory. */
    get isStarved(): boolean {
        return this.#giveUp !== null
    }

    /** Adds what has arrived. */
    push(chunk: Buffer): void {
        this.#chunks.push(chunk)
        this.#size += chunk.length
    }

    /** The next frame without its length; `null` if it is not whole. @throws KibitzError */
    take(): Buffer | null {
        if (this.#frame !== null) {
            return this.#fill(this.#frame)
        }
        if (this.#size < LENGTH_BYTES) {
            return null
        }
        if (this.#chunks.length > 1 && (this.#chunks[0]?.length ?? 0) < PREFIX_BYTES) {
            this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks, this.#size))
        }
        const first = this.#chunks[0] ?? Buffer.alloc(LENGTH_BYTES)
        const length = first.readUInt32BE(0)
        if (length < HEAD_BYTES) {
            throw malformed(`a length of ${length} bytes`)
        }
        if (length > this.limit) {
            return this.#rejectLong(first, length)
        }
        const end = LENGTH_BYTES + length
        if (first.length < end) {
            return this.#begin(end)
        }
        this.#size -= end
        if (first.length === end) {
            this.#chunks.shift()
        } else {
            this.#chunks[0] = first.subarray(end)
        }
        return first.subarray(LENGTH_BYTES, end)
    }

    /** Returns the memory of the frame under way. The reader takes no frame any more. */
    close(): void {
        this.#giveUp?.()
        this.#giveUp = null
        this.#frame = null
        this.#chunks.length = 0
        this.#size = 0
        this.#release()
    }

    /** Refuses a frame that is too long, after its head if that is awaited. @throws LongFrame */
    #rejectLong(first: Buffer, length: number): null {
        const hasHead = first.length >= PREFIX_BYTES
        if (!hasHead && this.awaitsHeads) {
            return null
        }
        throw new LongFrame(hasHead ? first.readUInt32BE(LENGTH_BYTES + 1) : 0, length)
    }

    /** Begins a frame that no single chunk holds. */
    #begin(end: number): Buffer | null {
        if (!this.#mayHold(end)) {
            return null
        }
        this.#frame = Buffer.allocUnsafe(end)
        this.#filled = 0
        return this.#fill(this.#frame)
    }

    #mayHold(bytes: number): boolean {
        if (this.#budget === null || bytes <= UNGRANTED_MAX || this.#granted !== 0) {
            return true
        }
        if (this.#giveUp === null && this.#budget.take(bytes)) {
            this.#granted = bytes
            return true
        }
        this.#giveUp ??= this.#budget.await(bytes, () => {
            this.#giveUp = null
            this.#granted = bytes
            this.#onGranted()
        })
        return false
    }

    /** Moves chunks into the frame under way; yields the frame if it is whole. */
    #fill(frame: Buffer): Buffer | null {
        while (this.#filled < frame.length) {
            const chunk = this.#chunks.shift()
            if (chunk === undefined) {
                return null
            }
            const part = chunk.subarray(0, frame.length - this.#filled)
            frame.set(part, this.#filled)
            this.#filled += part.length
            this.#size -= part.length
            if (part.length < chunk.length) {
                this.#chunks.unshift(chunk.subarray(part.length))
            }
        }
        this.#frame = null
        this.#release()
        return frame.subarray(LENGTH_BYTES)
    }

    #release(): void {
        const granted = this.#granted
        this.#granted = 0
        if (granted !== 0) {
            this.#budget?.release(granted)
        }
    }
}

/** Reads the head of what a reader took, without the code where it was sealed. */
export function readFrame(bytes: Buffer): Frame {
    return {
        kind: bytes[0] ?? -1,
        id: bytes.readUInt32BE(1),
        payload: bytes.subarray(HEAD_BYTES),
        bytes
    }
}
