import { KibitzError } from '../base/errors.js'
import type { Identity } from '../journal/identity.js'
import type { Contents } from '../journal/manifest.js'
import type { Position } from '../journal/record-batch.js'
import type { ReadBatch } from '../journal/segment.js'

/** The end of the part of a journal that was read: later records follow there. */
export interface JournalEnd {
    readonly identity: Identity
    readonly contents: Contents
    /** The number of the first record of the last segment that was read. */
    readonly segment: number
    /** The offset behind the last batch in the segment. */
    readonly at: number
    /** The offset of the last batch in the segment; `null` without a batch. */
    readonly lastBatch: number | null
    /** The position after the last record. */
    readonly position: Position
    /** The size of the inputs of all records so far, in bytes. */
    readonly size: number
}

/** The error of a journal whose records exceed a limit. */
export function tooLarge(folder: string, sizeMax: number): KibitzError {
    return new KibitzError('too-large', `The journal ${folder} has more than ${sizeMax} bytes of `
        + 'records. Nothing was changed; pass a larger sizeMax, or let the member take a '
        + 'snapshot.')
}

/** The size of a piece of memory for copies of records, in bytes. */
const PIECE = 256 * 1024

/** Copies records into large pieces of memory: many small pieces cost more than their bytes. */
export class RecordCopies {
    #piece = Buffer.alloc(0)
    #used = 0

    /** A copy that stays valid. */
    copy(record: Uint8Array): Buffer {
        const { length } = record
        if (this.#used + length > this.#piece.length) {
            this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE, length))
            this.#used = 0
        }
        const copy = this.#piece.subarray(this.#used, this.#used + length)
        copy.set(record)
        this.#used += length
        return copy
    }
}

/** Keeps copies of the records of the batches, up to a limit of their size. */
export class Records {
    readonly batches: ReadBatch[] = []
    readonly #copies = new RecordCopies()
    #size = 0
    readonly #folder: string
    readonly #sizeMax: number

    constructor(folder: string, sizeMax: number) {
        this.#folder = folder
        this.#sizeMax = sizeMax
    }

    /** Copies the records of a batch. @throws KibitzError `too-large`. */
    add(batch: ReadBatch): void {
        this.#size += batch.end - batch.at
        if (this.#size > this.#sizeMax) {
            throw tooLarge(this.#folder, this.#sizeMax)
        }
        // The records of a batch are valid until the next batch is read.
        const records = batch.records.map((record) => this.#copies.copy(record))
        this.batches.push({ ...batch, records })
    }

    /** The number of the last record; `null` without records. */
    get last(): number | null {
        const batch = this.batches.at(-1)
        return batch === undefined ? null : batch.first + batch.records.length - 1
    }

    /** The records from a number on. */
    from(number: number): Uint8Array[] {
        return this.batches.flatMap(({ first, records }) => {
            return first + records.length <= number
                ? []
                : records.slice(Math.max(0, number - first))
        })
    }
}
