import { crc32c } from './crc32c.js'
import type { DiskFile } from './disk.js'
import { HEAD } from './format.js'

/** The number of bytes of one read or write. */
const CHUNK = 1024 * 1024

/** The result of writing a state. */
export interface WrittenState {
    /** The length of the file, in bytes. */
    readonly size: number
    /** The checksum of the bytes after the head. */
    readonly checksum: number
}

/** Joins pieces of any size into chunks, so that small pieces do not cost one write each. */
class Chunks {
    readonly #file: DiskFile
    readonly #chunk = Buffer.allocUnsafeSlow(CHUNK)
    #filled = 0
    #at: number
    #checksum = 0

    constructor(file: DiskFile, at: number) {
        this.#file = file
        this.#at = at
    }

    get written(): WrittenState {
        return { size: this.#at, checksum: this.#checksum }
    }

    async add(piece: Uint8Array): Promise<void> {
        for (let from = 0; from < piece.length;) {
            const part = piece.subarray(from, from + CHUNK - this.#filled)
            this.#chunk.set(part, this.#filled)
            this.#filled += part.length
            from += part.length
            if (this.#filled === CHUNK) {
                await this.end()
            }
        }
    }

    async end(): Promise<void> {
        const bytes = this.#chunk.subarray(0, this.#filled)
        this.#checksum = crc32c(bytes, 0, bytes.length, this.#checksum)
        await this.#file.write(bytes, this.#at)
        this.#at += bytes.length
        this.#filled = 0
    }
}

/**
 * Writes a head and a state, and makes both stable.
 *
 * @param pieces A piece is copied before the next one is requested. An exception rejects the call.
 */
export async function writeState(
    file: DiskFile, head: Buffer, pieces: AsyncIterable<Uint8Array>
): Promise<WrittenState> {
    await file.write(head, 0)
    const chunks = new Chunks(file, head.length)
    for await (const piece of pieces) {
        await chunks.add(piece)
    }
    await chunks.end()
    await file.sync()
    return chunks.written
}

/**
 * The bytes of a state, in pieces. After the last piece, `onEnd` gets the checksum of all bytes.
 */
export async function* readState(
    file: DiskFile, size: number, onEnd: (checksum: number) => void
): AsyncGenerator<Uint8Array, void, undefined> {
    let checksum = 0
    for (let at = HEAD; at < size;) {
        const bytes = Buffer.allocUnsafeSlow(Math.min(CHUNK, size - at))
        const length = await file.read(bytes, at)
        if (length === 0) {
            break
        }
        const piece = bytes.subarray(0, length)
        checksum = crc32c(piece, 0, length, checksum)
        at += length
        yield piece
    }
    onEnd(checksum)
}
