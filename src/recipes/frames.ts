import { misuse } from '../base/errors.js'
import type { Chunks } from '../colleague/application.js'

/** The bytes of the length before each frame. */
const LENGTH_BYTES = 4

/** The largest payload of a frame, in bytes. */
const FRAME_SIZE = 1024 * 1024

/** The head of the snapshot of one part. */
export interface PartHead {
    readonly part: string
    /** The version of the part's snapshot. */
    readonly version: number
}

/** The snapshot of one part. The next part follows after the end of `chunks`. */
export interface PartSnapshot extends PartHead {
    readonly chunks: AsyncIterable<Uint8Array>
}

function frame(payload: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(LENGTH_BYTES + payload.length)
    new DataView(bytes.buffer).setUint32(0, payload.length)
    bytes.set(payload, LENGTH_BYTES)
    return bytes
}

async function* piecesOf(chunks: Chunks): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder()
    const isPiece = typeof chunks === 'string' || chunks instanceof Uint8Array
    for await (const chunk of isPiece ? [chunks] : chunks) {
        const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk
        for (let from = 0; from < bytes.length; from += FRAME_SIZE) {
            yield bytes.subarray(from, from + FRAME_SIZE)
        }
    }
}

/** The snapshot of one part: a frame with the head, the frames of the state, and an empty frame. */
export async function* framesOf(head: PartHead, chunks: Chunks): AsyncGenerator<Uint8Array> {
    yield frame(new TextEncoder().encode(JSON.stringify(head)))
    for await (const piece of piecesOf(chunks)) {
        yield frame(piece)
    }
    yield frame(new Uint8Array(0))
}

/** Reads frames from chunks of any size. Holds one frame and one chunk. */
class FrameSource {
    readonly #chunks: AsyncIterator<Uint8Array>
    #held: Uint8Array = new Uint8Array(0)

    constructor(chunks: AsyncIterable<Uint8Array>) {
        this.#chunks = chunks[Symbol.asyncIterator]()
    }

    /** The payload of the next frame; `null` at the end of the snapshot. */
    async next(): Promise<Uint8Array | null> {
        const head = await this.#take(LENGTH_BYTES, true)
        if (head === null) {
            return null
        }
        const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
        if (length > FRAME_SIZE) {
            broken('contains a frame of an impossible length')
        }
        return await this.#take(length, false)
    }

    async #take(count: number, mayEnd: boolean): Promise<Uint8Array | null> {
        while (this.#held.length < count) {
            const { value, done } = await this.#chunks.next()
            if (done === true) {
                return mayEnd && this.#held.length === 0 ? null : broken('breaks off')
            }
            this.#held = Buffer.concat([this.#held, value])
        }
        const taken = this.#held.subarray(0, count)
        this.#held = this.#held.subarray(count)
        return taken
    }
}

function broken(what: string): never {
    misuse('invalid-argument',
        `The snapshot of a composition ${what}. The state is incomplete; the Colleague asks `
            + 'another member.')
}

function readHead(payload: Uint8Array): PartHead {
    let head: Partial<PartHead> | null = null
    try {
        head = JSON.parse(new TextDecoder().decode(payload))
    } catch {
        // The next line rejects the head.
    }
    const { part, version } = head ?? {}
    return typeof part === 'string' && Number.isSafeInteger(version)
        ? { part, version: Number(version) }
        : broken('has no readable head of a part')
}

/** Reads the frames of a snapshot. The unread rest of a part is skipped. */
export async function* partsIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PartSnapshot> {
    const source = new FrameSource(chunks)
    for (let head = await source.next(); head !== null; head = await source.next()) {
        let hasEnded = false
        const read = async function* (): AsyncGenerator<Uint8Array> {
            while (!hasEnded) {
                const payload = await source.next() ?? broken('breaks off')
                hasEnded = payload.length === 0
                if (!hasEnded) {
                    yield payload
                }
            }
        }
        yield { ...readHead(head), chunks: read() }
        for await (const _ of read()) {
            // A part that stops reading early leaves the rest here.
        }
    }
}
