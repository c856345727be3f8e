import { KibitzError } from '../../base/errors.js'
import type { InboundBudget } from '../inbound-budget.js'

/** The kinds of frames. The numbers travel, so a number never changes its meaning. */
export const KINDS = {
    /** The client names the version of the protocol, and the key if there is one. */
    hello: 0,
    /** The server proves the key, and demands the proof of the client. */
    challenge: 1,
    /** The client proves the key. */
    proof: 2,
    /** A call: the envelope as JSON. */
    call: 3,
    /** An answer as JSON, with the id of its call; empty if there is no answer. */
    answer: 4,
    /** The client asks for a sign of life. */
    ping: 5,
    /** The server replies to a ping. */
    pong: 6,
    /** The server accepts no further calls on this connection, but answers the calls in flight. */
    leave: 7,
    /**
     * The server refuses the call with this id for its size, and accepts no other call on this
     * connection. The payload is the limit of the server in bytes, in decimal.
     */
    refused: 8
} as const

/** The number of a kind. */
export type Kind = (typeof KINDS)[keyof typeof KINDS]

/** A received frame. The payload is a view of the read buffer: copy the payload to keep it. */
export interface Frame {
    readonly kind: number
    /** The id of the call; 0 if the frame belongs to no call. */
    readonly id: number
    readonly payload: Buffer
    /** The frame without its length: the bytes that a code covers. */
    readonly bytes: Buffer
}

/** The size of the length field in bytes. */
const LENGTH_BYTES = 4

/** The size of the kind and the id in bytes. */
const HEAD_BYTES = 5

/** The bytes before the payload: the length, the kind and the id. */
const PREFIX_BYTES = LENGTH_BYTES + HEAD_BYTES

/** The size of the code at the end of an authenticated frame, in bytes. */
export const CODE_BYTES = 32

/** The bytes of a frame besides the length field and the payload. */
export const FRAME_OVERHEAD: number = HEAD_BYTES + CODE_BYTES

/** The largest id of a call. The next id is 1; no call has the id 0. */
export const ID_MAX = 0xffff_ffff

function allocateFrame(kind: Kind, id: number, size: number, isSealed: boolean): Buffer {
    const length = HEAD_BYTES + size + (isSealed ? CODE_BYTES : 0)
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + length)
    frame.writeUInt32BE(length, 0)
    frame[LENGTH_BYTES] = kind
    frame.writeUInt32BE(id, LENGTH_BYTES + 1)
    return frame
}

/** Makes the bytes of a frame. If `isSealed`, the last `CODE_BYTES` bytes are free for the code. */
export function makeFrame(
    kind: Kind,
    id: number,
    payload: string | Uint8Array,
    isSealed: boolean
): Buffer {
    const at = LENGTH_BYTES + HEAD_BYTES
    if (typeof payload !== 'string') {
        const frame = allocateFrame(kind, id, payload.length, isSealed)
        frame.set(payload, at)
        return frame
    }
    const frame = allocateFrame(kind, id, Buffer.byteLength(payload), isSealed)
    frame.write(payload, at)
    return frame
}

/** Splits an authenticated frame into the bytes that the code covers and the bytes of the code. */
export function splitCode(frame: Buffer): { readonly covered: Buffer; readonly code: Buffer } {
    const end = frame.length - CODE_BYTES
    return { covered: frame.subarray(LENGTH_BYTES, end), code: frame.subarray(end) }
}

/** The error of bytes that are not a frame. */
export function malformed(what: string): KibitzError {
    return new KibitzError(
        'unreachable', `The received bytes are not a frame: ${what}. The connection was cut.`
    )
}

/** The first four bytes of an answer over HTTP, as the length of a frame. */
const HTTP_LETTERS = Buffer.from('HTTP').readUInt32BE(0)

/** The error of a frame that announces more bytes than the limit. */
export class LongFrame extends KibitzError {
    /** The id of the call to which the frame belongs. */
    readonly id: number
    /** Whether the bytes are an answer over HTTP, which begins with the letters HTTP. */
    readonly isHttp: boolean

    constructor(id: number, length: number) {
        super('unreachable', `A frame of ${length} bytes exceeds the limit. The frame was dropped.`)
        this.id = id
        this.isHttp = length === HTTP_LETTERS
    }
}

/** The largest frame that needs no grant of memory, in bytes. */
const UNGRANTED_MAX = 64 * 1024

/**
 * Splits the arriving bytes into frames.
 *
 * 1. A frame that announces more bytes than the limit is refused before its bytes arrive.
 * 2. For an incomplete frame, the reader holds one buffer of the announced length, in however many
 *    chunks the frame arrives. The buffer of a long frame needs a grant of the budget. While there
 *    is no room, `isStarved` is true, and the socket must be paused.
 */
export class FrameReader {
    /** The limit of a frame in bytes, without the length field. */
    limit: number
    /**
     * Whether the reader waits for the head of a frame that is too long, so that the error names
     * the call.
     */
    awaitsHeads = false
    readonly #budget: InboundBudget | null
    readonly #onGranted: () => void
    readonly #chunks: Buffer[] = []
    /** The number of bytes in the chunks. */
    #size = 0
    /** The incomplete frame, with its length field. */
    #frame: Buffer | null = null
    #filled = 0
    #granted = 0
    /** Ends the wait for a grant; `null` without a wait. */
    #cancelWait: (() => void) | null = null

    constructor(
        limit: number,
        budget: InboundBudget | null = null,
        onGranted: () => void = () => {}
    ) {
        this.limit = limit
        this.#budget = budget
        this.#onGranted = onGranted
    }

    /** Whether a frame is incomplete. */
    get isIncomplete(): boolean {
        return this.#size !== 0 || this.#frame !== null
    }

    /** Whether a frame waits for a grant of memory. */
    get isStarved(): boolean {
        return this.#cancelWait !== null
    }

    /** Adds an arrived chunk. */
    push(chunk: Buffer): void {
        this.#chunks.push(chunk)
        this.#size += chunk.length
    }

    /**
     * Takes the next complete frame, without the length field; `null` if no frame is complete.
     * @throws KibitzError `unreachable`
     */
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
            return this.#startFrame(end)
        }
        this.#size -= end
        if (first.length === end) {
            this.#chunks.shift()
        } else {
            this.#chunks[0] = first.subarray(end)
        }
        return first.subarray(LENGTH_BYTES, end)
    }

    /** Gives the memory of the incomplete frame back. The reader takes no further frame. */
    close(): void {
        this.#cancelWait?.()
        this.#cancelWait = null
        this.#frame = null
        this.#chunks.length = 0
        this.#size = 0
        this.#release()
    }

    /**
     * Rejects a frame that is too long, once its head has arrived if `awaitsHeads` is set.
     * @throws LongFrame
     */
    #rejectLong(first: Buffer, length: number): null {
        const hasHead = first.length >= PREFIX_BYTES
        if (!hasHead && this.awaitsHeads) {
            return null
        }
        throw new LongFrame(hasHead ? first.readUInt32BE(LENGTH_BYTES + 1) : 0, length)
    }

    /** Begins a frame that arrives in several chunks. */
    #startFrame(end: number): Buffer | null {
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
        if (this.#cancelWait === null && this.#budget.take(bytes)) {
            this.#granted = bytes
            return true
        }
        this.#cancelWait ??= this.#budget.await(bytes, () => {
            this.#cancelWait = null
            this.#granted = bytes
            this.#onGranted()
        })
        return false
    }

    /** Copies chunks into the incomplete frame. Returns the frame once complete; `null` before. */
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

/** Parses a frame that the reader has taken; the code, if any, was removed before. */
export function readFrame(bytes: Buffer): Frame {
    return {
        kind: bytes[0] ?? -1,
        id: bytes.readUInt32BE(1),
        payload: bytes.subarray(HEAD_BYTES),
        bytes
    }
}
