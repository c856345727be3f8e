import type { Position } from './record-batch.js'
import type { DiskFile } from './disk.js'
import {
    BATCH_HEADER, type BatchHeader, batchEnd, decodeBatch, decodeRecord, HEAD, PADDING,
    RECORD_HEADER
} from './format.js'

/** The minimum number of bytes of one read. */
const CHUNK = 1024 * 1024

/** A batch that was read and checked. The records are valid until the next batch is read. */
export interface ReadBatch {
    readonly at: number
    readonly end: number
    /** The number of the first record. */
    readonly first: number
    readonly records: readonly Uint8Array[]
}

/**
 * Reads a file ahead in large pieces, into one buffer. New memory for each piece would cost more
 * than the reading. The returned bytes are valid until the next call of `view`.
 */
class ReadAhead {
    readonly #file: DiskFile
    readonly #size: number
    #room: Buffer = Buffer.alloc(0)
    /** The bytes in memory: the beginning of `#room`. */
    #bytes: Buffer = Buffer.alloc(0)
    #from = 0

    constructor(file: DiskFile, size: number) {
        this.#file = file
        this.#size = size
    }

    /** The bytes from an offset on; `null` if they are not in memory. */
    peek(at: number, length: number): Buffer | null {
        const from = at - this.#from
        return from >= 0 && from + length <= this.#bytes.length
            ? this.#bytes.subarray(from, from + length)
            : null
    }

    /** Like `peek`, but reads missing bytes; `null` if the file ends first. */
    async view(at: number, length: number): Promise<Buffer | null> {
        if (this.peek(at, length) === null && at + length <= this.#size) {
            const wanted = Math.min(Math.max(length, CHUNK), this.#size - at)
            if (wanted > this.#room.length) {
                this.#room = Buffer.allocUnsafeSlow(wanted)
            }
            const bytes = this.#room.subarray(0, wanted)
            this.#bytes = bytes.subarray(0, await this.#file.read(bytes, at))
            this.#from = at
        }
        return this.peek(at, length)
    }
}

/**
 * Reads the batches of a segment in order, and checks that each follows the one before. After the
 * last batch, `fault` describes the bytes that follow, if there are any.
 */
export class Segment {
    readonly #window: ReadAhead
    readonly #size: number
    readonly #seed: number
    #at: number
    #position: Position
    #fault: string | null = null

    /** @param at The offset of the first batch to read, after `position`. @default the first one */
    constructor(
        file: DiskFile, size: number, position: Position, seed: number, at: number = HEAD
    ) {
        this.#at = at
        this.#window = new ReadAhead(file, size)
        this.#size = size
        this.#position = position
        this.#seed = seed
    }

    /** The offset of the next batch. */
    get at(): number {
        return this.#at
    }

    /** The position after the last record. */
    get position(): Position {
        return this.#position
    }

    /** The fault of the bytes at `at`; `null` if the segment ends there. */
    get fault(): string | null {
        return this.#fault
    }

    /**
     * The next batch; `null` at the end or at a fault.
     *
     * @param isTaken Whether the caller takes the records. If not, the batch has none.
     */
    async next(isTaken: boolean = true): Promise<ReadBatch | null> {
        const at = this.#at
        if (this.#fault !== null || at === this.#size) {
            return null
        }
        const bytes = await this.#window.view(at, BATCH_HEADER)
        const header = bytes === null ? null : decodeBatch(bytes, 0, at, this.#seed)
        if (header === null) {
            return this.#setFault('no batch begins there')
        }
        if (header.first !== this.#position.last + 1 || header.chain !== this.#position.chain) {
            return this.#setFault(`the batch there begins with record ${header.first} and does not `
                + `follow on record ${this.#position.last}`)
        }
        const end = batchEnd(at, header.length)
        const whole = await this.#window.view(at, end - at)
        return whole === null
            ? this.#setFault('the file ends within the batch there')
            : this.#checkRecords(header, whole, end, isTaken)
    }

    #setFault(fault: string): null {
        this.#fault = fault
        return null
    }

    #checkRecords(
        header: BatchHeader, bytes: Buffer, end: number, isTaken: boolean
    ): ReadBatch | null {
        const records: Uint8Array[] = []
        const behind = BATCH_HEADER + header.length
        let { last, chain } = this.#position
        let from = BATCH_HEADER
        while (from < behind) {
            const record = decodeRecord(bytes, from, behind, chain)
            if (record === null || record.number !== last + 1) {
                return this.#setFault(
                    `record ${last + 1} in the batch there is not what was written`)
            }
            const next = from + RECORD_HEADER + record.length
            if (isTaken) {
                records.push(bytes.subarray(from + RECORD_HEADER, next))
            }
            from = next
            last = record.number
            chain = record.chain
        }
        if (last - this.#position.last !== header.count
            || bytes.subarray(behind).some((byte) => byte !== PADDING)) {
            return this.#setFault('the batch there is not what was written')
        }
        this.#position = { last, chain }
        this.#at = end
        return { at: header.at, end, first: header.first, records }
    }
}
