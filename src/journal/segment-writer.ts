import type { DiskFile } from './disk.js'

const MIB = 1024 * 1024

/** The smallest prepared space, in bytes. */
const STEP_MIN = 4096

/** A batch of more than this part of a step is written without preparation. */
const LARGE = 8

/**
 * Writes batches to the newest segment, each with one synchronization.
 *
 * A write in place of other bytes changes no length and no layout of the file, and takes less time.
 * So the writer fills the space behind the batches with zeros, step by step, and writes each batch
 * with one call of `writeStable` in place of the zeros. The zeros are stable before the batch is
 * written. They never reach beyond the size of a full segment, so a full segment has none.
 */
export class SegmentWriter {
    readonly #file: DiskFile
    readonly #segmentSize: number
    /** The number of bytes that are filled at a time. */
    readonly #step: number
    /** The length of the file. */
    #size: number
    /** Whether the manifest allows zeros at the end of the segment. */
    isPreparing: boolean

    /** @param size The length of the file. */
    constructor(file: DiskFile, size: number, segmentSize: number, isPreparing: boolean) {
        this.#file = file
        this.#size = size
        this.#segmentSize = segmentSize
        this.#step = Math.min(Math.max(Math.ceil(segmentSize / 64), STEP_MIN), MIB)
        this.isPreparing = isPreparing
    }

    /** Whether the file has stable writes, so that prepared space is useful. */
    get isStable(): boolean {
        return this.#file.writeStable !== undefined
    }

    /** Writes the next batch. Resolves when the batch is stable. */
    async write(bytes: Uint8Array, at: number): Promise<void> {
        const file = this.#file
        const end = at + bytes.length
        if (file.writeStable === undefined) {
            await file.write(bytes, at)
            await file.sync()
            return
        }
        if (this.isPreparing && end > this.#size && bytes.length <= this.#step / LARGE) {
            const to = Math.min(Math.ceil(end / this.#step) * this.#step, this.#segmentSize)
            if (to > end) {
                await file.writeStable(Buffer.alloc(to - this.#size), this.#size)
                this.#size = to
            }
        }
        await file.writeStable(bytes, at)
        this.#size = Math.max(this.#size, end)
    }

    /** Removes the zeros behind the last batch. */
    async truncate(size: number): Promise<void> {
        if (this.#size > size) {
            await this.#file.truncate(size)
            await this.#file.sync()
            this.#size = size
        }
    }

    async close(): Promise<void> {
        await this.#file.close()
    }
}
