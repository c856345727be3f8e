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
 * than the reading. The bytes in memory are valid until the next call of `load`.
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

    /** The bytes in memory. */
    get bytes(): Buffer {
        return this.#bytes
    }

    /** The index in `bytes` of an offset of the file; -1 if bytes from there on are missing. */
    indexOf(at: number, length: number): number {
        const index = at - this.#from
        return index >= 0 && index + length <= this.#bytes.length ? index : -1
    }

    /** Like `indexOf`, but reads missing bytes; -1 if the file ends first. */
    async load(at: number, length: number): Promise<number> {
        if (this.indexOf(at, length) === -1 && at + length <= this.#size) {
            const wanted = Math.min(Math.max(length, CHUNK), this.#size - at)
            if (wanted > this.#room.length) {
                this.#room = Buffer.allocUnsafeSlow(wanted)
            }
            const bytes = this.#room.subarray(0, wanted)
            this.#bytes = bytes.subarray(0, await this.#file.read(bytes, at))
            this.#from = at
        }
        return this.indexOf(at, length)
    }
}

/** Whether the bytes in [from, to) are the end of a batch. */
function isPadding(bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
        if (bytes[at] !== PADDING) {
            return false
        }
    }
    return true
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
        const header = this.#decodeHeader(await this.#window.load(at, BATCH_HEADER))
        if (header === null) {
            return null
        }
        const index = await this.#window.load(at, batchEnd(at, header.length) - at)
        return index === -1
            ? this.#setFault('the file ends within the batch there')
            : this.#checkRecords(header, index, isTaken)
    }

    /**
     * The next batches, as many as are in memory; none at the end or at a fault. The records are
     * valid until the next batches are read. A promise for each batch would cost more than the
     * check of a small batch.
     *
     * @param isTaken Whether the caller takes the records. If not, the batches have none.
     */
    async nextSome(isTaken: boolean = true): Promise<readonly ReadBatch[]> {
        const batches: ReadBatch[] = []
        for (let batch = await this.next(isTaken); batch !== null;) {
            batches.push(batch)
            batch = this.#nextInMemory(isTaken)
        }
        return batches
    }

    /** Like `next`, but also `null` if the next batch is not in memory as a whole. */
    #nextInMemory(isTaken: boolean): ReadBatch | null {
        const at = this.#at
        const from = this.#window.indexOf(at, BATCH_HEADER)
        const header = from === -1 ? null : this.#decodeHeader(from)
        if (header === null) {
            return null
        }
        const index = this.#window.indexOf(at, batchEnd(at, header.length) - at)
        return index === -1 ? null : this.#checkRecords(header, index, isTaken)
    }

    #setFault(fault: string): null {
        this.#fault = fault
        return null
    }

    /** The header of the next batch at an index of the window; `null` at a fault. */
    #decodeHeader(index: number): BatchHeader | null {
        const header = index === -1
            ? null
            : decodeBatch(this.#window.bytes, index, this.#at, this.#seed)
        if (header === null) {
            return this.#setFault('no batch begins there')
        }
        const { last, chain } = this.#position
        return header.first === last + 1 && header.chain === chain
            ? header
            : this.#setFault(`the batch there begins with record ${header.first} and does not `
                + `follow on record ${last}`)
    }

    #checkRecords(header: BatchHeader, index: number, isTaken: boolean): ReadBatch | null {
        const { bytes } = this.#window
        const records: Uint8Array[] = []
        const end = batchEnd(header.at, header.length)
        const behind = index + BATCH_HEADER + header.length
        let { last, chain } = this.#position
        let from = index + BATCH_HEADER
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
            || !isPadding(bytes, behind, index + end - header.at)) {
            return this.#setFault('the batch there is not what was written')
        }
        this.#position = { last, chain }
        this.#at = end
        return { at: header.at, end, first: header.first, records }
    }
}
