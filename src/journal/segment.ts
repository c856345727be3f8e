import type { Position } from './record-batch.js'
import type { DiskFile } from './disk.js'
import {
    BATCH_HEADER, type BatchHeader, batchEnd, decodeBatch, decodeRecord, HEAD, PADDING,
    RECORD_HEADER
} from './format.js'

/** How many bytes are read at a time at the least. */
const CHUNK = 1024 * 1024

/** What was read of a batch: it is what was written. */
export interface Read {
    readonly at: number
    readonly end: number
    /** The number of its first record. */
    readonly first: number
    readonly records: readonly Uint8Array[]
}

/** Reads bytes of a file ahead of whoever wants them. What it hands out stays as it is. */
class Window {
    readonly #file: DiskFile
    readonly #size: number
    #bytes: Buffer = Buffer.alloc(0)
    #from = 0

    constructor(file: DiskFile, size: number) {
        this.#file = file
        this.#size = size
    }

    /** The bytes from a place on, or `null` where they have to be read first, or are not there. */
    peek(at: number, length: number): Buffer | null {
        const from = at - this.#from
        return from >= 0 && from + length <= this.#bytes.length
            ? this.#bytes.subarray(from, from + length)
            : null
    }

    /** As `peek`, and reads what is lacking; `null` where the file ends before. */
    async view(at: number, length: number): Promise<Buffer | null> {
        if (this.peek(at, length) === null && at + length <= this.#size) {
            const wanted = Math.min(Math.max(length, CHUNK), this.#size - at)
            const bytes = Buffer.allocUnsafeSlow(wanted)
            this.#bytes = bytes.subarray(0, await this.#file.read(bytes, at))
            this.#from = at
        }
        return this.peek(at, length)
    }
}

/**
 * Reads the batches of a segment in turn, and checks each against the one before it. After the last
 * one, `fault` tells whether what follows is nothing or something else.
 */
export class Segment {
    readonly #window: Window
    readonly #size: number
    readonly #seed: number
    #at = HEAD
    #position: Position
    #fault: string | null = null

    constructor(file: DiskFile, size: number, position: Position, seed: number) {
        this.#window = new Window(file, size)
        this.#size = size
        this.#position = position
        this.#seed = seed
    }

    /** Where the next batch would begin. */
    get at(): number {
        return this.#at
    }

    /** Where the next record goes. */
    get position(): Position {
        return this.#position
    }

    /** What is wrong with what stands at `at`, or `null` where nothing stands there. */
    get fault(): string | null {
        return this.#fault
    }

    /** The next batch, or `null` where there is none, for the reason `fault` tells. */
    async next(): Promise<Read | null> {
        const at = this.#at
        if (this.#fault !== null || at === this.#size) {
            return null
        }
        const bytes = await this.#window.view(at, BATCH_HEADER)
        const header = bytes === null ? null : decodeBatch(bytes, 0, at, this.#seed)
        if (header === null) {
            return this.#fail('no batch begins there')
        }
        if (header.first !== this.#position.last + 1 || header.chain !== this.#position.chain) {
            return this.#fail(`the batch there begins with record ${header.first} and does not `
                + `follow on record ${this.#position.last}`)
        }
        const end = batchEnd(at, header.length)
        const whole = await this.#window.view(at, end - at)
        return whole === null
            ? this.#fail('the file ends within the batch there')
            : this.#check(header, whole, end)
    }

    #fail(fault: string): null {
        this.#fault = fault
        return null
    }

    #check(header: BatchHeader, bytes: Buffer, end: number): Read | null {
        const records: Uint8Array[] = []
        const behind = BATCH_HEADER + header.length
        let { last, chain } = this.#position
        let from = BATCH_HEADER
        while (from < behind) {
            const record = decodeRecord(bytes, from, behind, chain)
            if (record === null || record.number !== last + 1) {
                return this.#fail(`record ${last + 1} in the batch there is not what was written`)
            }
            records.push(bytes.subarray(from + RECORD_HEADER, from + RECORD_HEADER + record.length))
            from += RECORD_HEADER + record.length
            last = record.number
            chain = record.chain
        }
        if (records.length !== header.count
            || bytes.subarray(behind).some((byte) => byte !== PADDING)) {
            return this.#fail('the batch there is not what was written')
        }
        this.#position = { last, chain }
        this.#at = end
        return { at: header.at, end, first: header.first, records }
    }
}
