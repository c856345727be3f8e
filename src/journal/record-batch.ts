import {
    BATCH_HEADER, batchEnd, encodeBatch, encodeRecord, PADDING, RECORD_HEADER
} from './format.js'

/** The first size of the buffer, in bytes. */
const ROOM_MIN = 16 * 1024

/** The largest buffer that an empty batch keeps, in bytes. */
const ROOM_MAX = 1024 * 1024

/** The end of the records before the next record. */
export interface Position {
    /** The number of the last record. */
    readonly last: number
    /** The chain of checksums after the last record. */
    readonly chain: number
}

/**
 * Records that are collected in memory for one write. Invariant: the bytes from `BATCH_HEADER` to
 * `#length` are whole records in number order.
 */
export class Batch {
    #buffer = Buffer.allocUnsafeSlow(ROOM_MIN)
    #length = BATCH_HEADER
    #count = 0
    #before: Position

    constructor(before: Position) {
        this.#before = before
    }

    /** The position before the first record. */
    get before(): Position {
        return this.#before
    }

    /** The number of records. */
    get count(): number {
        return this.#count
    }

    /** The size of the records with their headers, in bytes. */
    get size(): number {
        return this.#length - BATCH_HEADER
    }

    /** Empties the batch. The next record follows the given position. */
    restart(before: Position): void {
        if (this.#buffer.length > ROOM_MAX) {
            this.#buffer = Buffer.allocUnsafeSlow(ROOM_MIN)
        }
        this.#length = BATCH_HEADER
        this.#count = 0
        this.#before = before
    }

    /** Copies a record to the end. Returns the position after the record. */
    append(record: Uint8Array, { last, chain }: Position): Position {
        const at = this.#length
        // The buffer must also have room for the padding after the last record.
        this.#reserve(at + RECORD_HEADER + record.length + BATCH_HEADER)
        const next = { last: last + 1, chain: 0 }
        next.chain = encodeRecord(this.#buffer, at, record, next.last, chain)
        this.#length = at + RECORD_HEADER + record.length
        this.#count++
        return next
    }

    /**
     * The bytes to write at an offset of a segment. The buffer belongs to the write until `begin`.
     */
    toBytes(at: number, seed: number): Buffer {
        const length = this.size
        const end = batchEnd(at, length) - at
        const { last, chain } = this.#before
        encodeBatch(this.#buffer, { length, first: last + 1, count: this.#count, at, chain }, seed)
        return this.#buffer.fill(PADDING, this.#length, end).subarray(0, end)
    }

    #reserve(size: number): void {
        if (size > this.#buffer.length) {
            const larger = Buffer.allocUnsafeSlow(Math.max(size, this.#buffer.length * 2))
            this.#buffer.copy(larger, 0, 0, this.#length)
            this.#buffer = larger
        }
    }
}
