import { createHash, type Hash, randomBytes } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Monotonic } from '../base/monotonic.js'
import { UnreadState } from './chunks.js'

/** The largest state that stays in memory, in bytes. A larger state goes to a file. */
export const BUFFER_MEMORY: number = 4 * 1024 * 1024

/** The size of a SHA-256 digest, in bytes. */
export const DIGEST_SIZE = 32

/** One piece of a state, and the SHA-256 of its bytes. */
export interface Piece {
    readonly bytes: Buffer
    readonly digest: Buffer
    /** The digest and the bytes in one buffer, as `packBytes` sends them; absent in memory. */
    readonly packed?: Buffer
}

/** The totals of a complete state. */
export interface Total {
    readonly chunks: number
    /** In bytes. */
    readonly size: number
    /** The SHA-256 over the digests of all chunks, in order, in hexadecimal. */
    readonly digest: string
}

/** The SHA-256 of some bytes. */
export function digestOf(bytes: Uint8Array): Buffer {
    return createHash('sha256').update(bytes).digest()
}

/** Opens a file without a name: the file exists until this process closes it or ends. */
async function openUnnamed(folder: string): Promise<FileHandle> {
    const path = join(folder, `kibitz-${randomBytes(12).toString('hex')}.spool`)
    const file = await open(path, 'wx+', 0o600)
    // The open file stays readable without its name. After a crash no file remains.
    await unlink(path).catch(() => {})
    return file
}

/**
 * Holds a state while newcomers read its pieces. A newcomer can read a piece as soon as the
 * application has written the piece.
 *
 * 1. Any number of newcomers can read at the same time, each at its own pace. The application waits
 *    for no newcomer.
 * 2. A state of at most `BUFFER_MEMORY` bytes stays in memory. A larger state is in a file; then
 *    memory holds 32 bytes for each piece.
 * 3. Each piece goes out with the digest of the application's bytes. So a newcomer detects a file
 *    that returns other bytes.
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

    /**
     * @param promise The last entry that the state contains.
     * @param folder The folder of the file.
     */
    constructor(promise: Monotonic, pieceSize: number, folder: string) {
        this.promise = promise
        this.#pieceSize = pieceSize
        this.#folder = folder
    }

    /** Number of bytes that the application has written so far. */
    get size(): number {
        return this.#size
    }

    /** The totals; `null` until the application has written the last piece. */
    get total(): Total | null {
        return this.#total
    }

    /** The reason for which the state is incomplete; `null` if there is none. */
    get failure(): UnreadState | null {
        return this.#failure
    }

    /**
     * Writes all pieces. Every piece but the last has `pieceSize` bytes. Rejects with `UnreadState`
     * if the pieces fail, exceed `sizeMax` bytes, or cannot be written.
     */
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
                    : new UnreadState(
                        'spool-failed', `The snapshot cannot be written to spoolFolder: ${error}`
                    )
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

    /** A piece; `null` if the piece is not written yet, or if the state has fewer pieces. */
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

    /** Resolves when a piece is written, when no piece can follow, or after `limitMs`. */
    wait(index: number, limitMs: number): Promise<void> {
        return new Promise((resolve) => {
            const isOver = (): boolean =>
                index < this.#digests.length || this.#total !== null || this.#failure !== null
            const end = (): void => {
                clearTimeout(timer)
                this.#waiting.delete(check)
                resolve()
            }
            const check = (): void => {
                if (isOver() || this.#isClosed) {
                    end()
                }
            }
            const timer = setTimeout(end, limitMs)
            this.#waiting.add(check)
            check()
        })
    }

    #notifyWaiters(): void {
        for (const check of [...this.#waiting]) {
            check()
        }
    }

    /** Drops the state: closes the file, and ends `fill`. */
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
