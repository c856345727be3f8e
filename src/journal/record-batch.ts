import {
    BATCH_HEADER, batchEnd, encodeBatch, encodeRecord, PADDING, RECORD_HEADER
} from './format.js'

/** How many bytes a batch has room for at first. */
const ROOM_MIN = 16 * 1024

/** How many bytes a batch keeps room for when it is empty again; a larger one lets go of all. */
const ROOM_MAX = 1024 * 1024

/** Where the next record goes. */
export interface Position {
    /** The number of the last record. */
    readonly last: number
    /** Where the chain of checksums stands behind it. */
    readonly chain: number
}

/**
 * Records that gather in memory until they are written as one. Invariant: between `BATCH_HEADER`
 * and `#length` stand whole records in the order of their numbers.
 */
export class Batch {
    #buffer = Buffer.allocUnsafeSlow(ROOM_MIN)
    #length = BATCH_HEADER
    #count = 0
    #before: Position

    constructor(before: Position) {
        this.#before = before
    }

    /** What its first record follows on. */
    get before(): Position {
        return this.#before
    }

    /** How many records there are. */
    get count(): number {
        return this.#count
    }

    /** How many bytes these take. */
    get size(): number {
        return this.#length - BATCH_HEADER
    }

    /** Empties it; the next record follows on this one. */
    begin(before: Position): void {
        if (this.#buffer.length > ROOM_MAX) {
            this.#buffer = Buffer.allocUnsafeSlow(ROOM_MIN)
        }
        this.#length = BATCH_HEADER
        this.#count = 0
        this.#before = before
    }

    /** Copies a record behind the others, and yields where the next one goes. */
    append(record: Uint8Array, { last, chain }: Position): Position {
        const at = this.#length
        // Behind the last record there has to be room for the padding as well.
        this.#reserve(at + RECORD_HEADER + record.length + BATCH_HEADER)
        const next = { last: last + 1, chain: 0 }
        next.chain = encodeRecord(this.#buffer, at, record, next.last, chain)
        this.#length = at + RECORD_HEADER + record.length
        this.#count++
        return next
    }

    /** The bytes to be written at a place of a segment. They are its own until it begins anew. */
    seal(at: number, seed: number): Buffer {
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
