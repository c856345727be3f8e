import { createHash, type Hash, randomBytes } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Monotonic } from '../base/monotonic.js'
import { UnreadState } from './chunks.js'

/** How much of a state stays in memory; a larger state goes to a file. In bytes. */
export const BUFFER_MEMORY: number = 4 * 1024 * 1024

/** How many bytes of digest stand before the bytes of a parcel. */
export const DIGEST_SIZE = 32

/** One part of a state, and the SHA-256 of its bytes. */
export interface Piece {
    readonly bytes: Buffer
    readonly digest: Buffer
    /** The digest and the bytes in one buffer, if they are in one. */
    readonly packed?: Buffer
}

/** What a whole state comes to. */
export interface Total {
    readonly chunks: number
    /** In bytes. */
    readonly size: number
    /** The SHA-256 over the digests of all chunks, in order, in hexadecimal. */
    readonly digest: string
}

/** Yields the SHA-256 of some bytes. */
export function digestOf(bytes: Uint8Array): Buffer {
    return createHash('sha256').update(bytes).digest()
}

/** Opens a file that belongs to this process alone and ends with the process. */
async function openUnnamed(folder: string): Promise<FileHandle> {
    const path = join(folder, `kibitz-${randomBytes(12).toString('hex')}.spool`)
    const file = await open(path, 'wx+', 0o600)
    // The open file stays readable without its name, and a crash leaves nothing behind.
    await unlink(path).catch(() => {})
    return file
}

/**
 * A state that newcomers read, from the moment at which the first piece is there.
 *
 * 1. Any number of newcomers read at once, each at its own pace; the application waits for none.
 * 2. A small state stays in memory. A larger one is in a file, and memory holds 32 bytes a chunk.
 * 3. Each piece goes out with the digest of what the application yielded, so a newcomer notices a
 *    file that does not give back what was written.
 */
export class DiskBuffer {
    readonly promise: Monotonic
    readonly #pieceSize: number
    readonly #folder: string
    readonly #digests: Buffer[] = []
    readonly #whole: Hash = createHash('sha256')
    #memoryPieces: Buffer[] = []
    #file: FileHandle | null = null
    #size = 0
    #total: Total | null = null
    #failure: UnreadState | null = null
    #waiting = new Set<() => void>()
    #isClosed = false

    /** @param folder Where the file is created. */
    constructor(promise: Monotonic, pieceSize: number, folder: string) {
        this.promise = promise
        this.#pieceSize = pieceSize
        this.#folder = folder
    }

    /** How many bytes are there so far. */
    get size(): number {
        return this.#size
    }

    /** What the state comes to; `null` while pieces still arrive. */
    get total(): Total | null {
        return this.#total
    }

    /** Why the state never became whole; `null` otherwise. */
    get failure(): UnreadState | null {
        return this.#failure
    }

    /** Takes pieces of one size, the last one shorter, to their end. Rejects as the pieces do. */
    async fill(pieces: AsyncIterable<Buffer>, sizeMax: number): Promise<void> {
        try {
            for await (const piece of pieces) {
                if (this.#size + piece.length > sizeMax) {
                    const what = `The state is larger than ${sizeMax} bytes (option snapshotSize).`
                    throw new UnreadState('too-large', what)
                }
                await this.#add(piece)
            }
            const chunks = this.#digests.length
            const digest = this.#whole.digest('hex')
            this.#total = Object.freeze({ chunks, size: this.#size, digest })
        } catch (error) {
            this.#failure =
                error instanceof UnreadState
                    ? error
                    : new UnreadState('spool-failed', `No room for a snapshot: ${error}`)
            void this.close()
            throw this.#failure
        } finally {
            this.#notifyWaiters()
        }
    }

    async #add(piece: Buffer): Promise<void> {
        if (this.#isClosed) {
            throw new UnreadState('closed', 'The snapshot was given up.')
        }
        const digest = digestOf(piece)
        if (this.#file === null && this.#size + piece.length > BUFFER_MEMORY) {
            await this.#moveToFile()
        }
        if (this.#file === null) {
            this.#memoryPieces.push(Buffer.from(piece))
        } else {
            await writeAll(this.#file, piece, this.#size)
        }
        this.#whole.update(digest)
        this.#digests.push(digest)
        this.#size += piece.length
        this.#notifyWaiters()
    }

    async #moveToFile(): Promise<void> {
        const file = await openUnnamed(this.#folder)
        if (this.#isClosed) {
            await file.close()
            throw new UnreadState('closed', 'The snapshot was given up.')
        }
        let at = 0
        for (const piece of this.#memoryPieces) {
            await writeAll(file, piece, at)
            at += piece.length
        }
        this.#file = file
        this.#memoryPieces = []
    }

    /** Yields a piece; `null` if it is not there yet, or if the state ends before it. */
    async read(index: number): Promise<Piece | null> {
        const digest = this.#digests[index]
        if (digest === undefined) {
            return null
        }
        const held = this.#memoryPieces[index]
        if (held !== undefined) {
            return { bytes: held, digest }
        }
        const at = index * this.#pieceSize
        const length = Math.min(this.#pieceSize, this.#size - at)
        const packed = Buffer.allocUnsafeSlow(DIGEST_SIZE + length)
        const count = (await this.#file?.read(packed, DIGEST_SIZE, length, at))?.bytesRead ?? 0
        digest.copy(packed)
        return count === length ? { bytes: packed.subarray(DIGEST_SIZE), digest, packed } : null
    }

    /** Resolves when a piece is there, or when the state ends before it, or after some time. */
    wait(index: number, limitMs: number): Promise<void> {
        return new Promise((resolve) => {
            const isOver = (): boolean =>
                index < this.#digests.length || this.#total !== null || this.#failure !== null
            const end = (): void => {
                clearTimeout(timer)
                this.#waiting.delete(look)
                resolve()
            }
            const look = (): void => {
                if (isOver() || this.#isClosed) {
                    end()
                }
            }
            const timer = setTimeout(end, limitMs)
            this.#waiting.add(look)
            look()
        })
    }

    #notifyWaiters(): void {
        for (const look of [...this.#waiting]) {
            look()
        }
    }

    /** Gives the state up: its file is gone, and its making ends. */
    async close(): Promise<void> {
        this.#isClosed = true
        this.#memoryPieces = []
        this.#notifyWaiters()
        const file = this.#file
        this.#file = null
        await file?.close().catch(() => {})
    }
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
        done += bytesWritten
    }
}
