import { crc32c } from './crc32c.js'

/**
 * The latest format version of a folder. Folders of a later format are rejected. In a folder of
 * this format, the newest segment may end in zeros: space for later batches.
 */
export const FORMAT = 2

/**
 * The format version of a folder without prepared space, and of every file but the manifest. Older
 * packages read a folder of this format.
 */
export const PLAIN_FORMAT = 1

/** The length of the head of a segment or of a snapshot, in bytes. */
export const HEAD = 256

/**
 * The length of a batch header. Batches begin at multiples of this length, so no header crosses a
 * sector boundary.
 */
export const BATCH_HEADER = 32

/** The length of a record header, in bytes. */
export const RECORD_HEADER = 20

/** The smallest unit that a disk writes at once, in bytes. */
export const SECTOR = 512

/** The maximum length of the name of an owner, in bytes of UTF-8. */
export const OWNER_MAX = 128

/** The byte after a batch, up to the next multiple. Not zero, so that a lost sector is visible. */
export const PADDING = 0xff

/** The first bytes of a segment, and of a snapshot. */
export const MAGIC = { segment: 'KIBITZ J', snapshot: 'KIBITZ S' } as const

const BATCH_MAGIC = 0x4b424154
const HEAD_CHECKSUM = HEAD - 4
const HIGH = 2 ** 32

/** The head of a segment or of a snapshot. */
export interface Head {
    readonly format: number
    /** The id of the journal: 16 random bytes in hexadecimal digits. */
    readonly identity: string
    readonly owner: string
    /**
     * In a segment, the number of the first record; in a snapshot, the number of the last record.
     */
    readonly number: number
    /** The chain of checksums before the first record of a segment. */
    readonly chain: number
}

/** The header of a batch. */
export interface BatchHeader {
    /** The length of the records and their headers, in bytes. */
    readonly length: number
    /** The number of the first record. */
    readonly first: number
    readonly count: number
    /**
     * The offset of the batch in the segment. All earlier bytes were stable when the batch was
     * written.
     */
    readonly at: number
    /** The chain of checksums before the batch. */
    readonly chain: number
}

/** Writes a number of up to 53 bits in eight bytes. */
function writeNumber(into: Buffer, number: number, at: number): void {
    into.writeUInt32LE(number % HIGH, at)
    into.writeUInt32LE(Math.floor(number / HIGH), at + 4)
}

function readNumber(from: Buffer, at: number): number {
    return from.readUInt32LE(at) + from.readUInt32LE(at + 4) * HIGH
}

/** The end offset of a batch with `length` bytes of records, with at least one byte of padding. */
export function batchEnd(at: number, length: number): number {
    return at + BATCH_HEADER + Math.floor(length / BATCH_HEADER + 1) * BATCH_HEADER
}

/** The first value of the batch checksums. The batches of another journal do not match. */
export function seedOf(identity: string): number {
    const bytes = Buffer.from(identity, 'hex')
    return crc32c(bytes, 0, bytes.length)
}

/** Encodes the head of a file. */
export function encodeHead(magic: string, head: Head): Buffer {
    const bytes = Buffer.alloc(HEAD)
    bytes.write(magic, 0, 'latin1')
    bytes.writeUInt32LE(head.format, 8)
    bytes.writeUInt32LE(head.chain, 12)
    bytes.write(head.identity, 16, 'hex')
    writeNumber(bytes, head.number, 32)
    bytes.writeUInt8(bytes.write(head.owner, 41, OWNER_MAX, 'utf8'), 40)
    bytes.writeUInt32LE(crc32c(bytes, 0, HEAD_CHECKSUM), HEAD_CHECKSUM)
    return bytes
}

/** Decodes the head of a file; `null` if the bytes are no head. The format may be a later one. */
export function decodeHead(magic: string, bytes: Buffer): Head | null {
    if (bytes.length < HEAD || bytes.toString('latin1', 0, 8) !== magic
        || bytes.readUInt32LE(HEAD_CHECKSUM) !== crc32c(bytes, 0, HEAD_CHECKSUM)) {
        return null
    }
    return {
        format: bytes.readUInt32LE(8),
        chain: bytes.readUInt32LE(12),
        identity: bytes.toString('hex', 16, 32),
        number: readNumber(bytes, 32),
        owner: bytes.toString('utf8', 41, 41 + bytes.readUInt8(40))
    }
}

/** Encodes the header of a batch. */
export function encodeBatch(into: Buffer, header: BatchHeader, seed: number): void {
    into.writeUInt32LE(BATCH_MAGIC, 0)
    into.writeUInt32LE(header.length, 4)
    writeNumber(into, header.first, 8)
    into.writeUInt32LE(header.count, 16)
    into.writeUInt32LE(header.at, 20)
    into.writeUInt32LE(header.chain, 24)
    into.writeUInt32LE(crc32c(into, 0, 28, seed), 28)
}

/**
 * Decodes the header of a batch; `null` if there is none. The header of another journal, or of
 * another offset of this journal, is no header, so a record that contains a copied header does no
 * harm.
 */
export function decodeBatch(
    bytes: Buffer, from: number, at: number, seed: number
): BatchHeader | null {
    if (bytes.readUInt32LE(from) !== BATCH_MAGIC || bytes.readUInt32LE(from + 20) !== at
        || bytes.readUInt32LE(from + 28) !== crc32c(bytes, from, from + 28, seed)) {
        return null
    }
    return {
        length: bytes.readUInt32LE(from + 4),
        first: readNumber(bytes, from + 8),
        count: bytes.readUInt32LE(from + 16),
        at,
        chain: bytes.readUInt32LE(from + 24)
    }
}

/**
 * Encodes a record with its header. The header holds the checksum of the record and a checksum of
 * the header itself, continued from the header before. So each header also confirms all earlier
 * records.
 *
 * @returns The chain of checksums after the record.
 */
export function encodeRecord(
    into: Buffer, at: number, record: Uint8Array, number: number, chain: number
): number {
    into.writeUInt32LE(record.length, at)
    writeNumber(into, number, at + 4)
    into.set(record, at + RECORD_HEADER)
    const from = at + RECORD_HEADER
    into.writeUInt32LE(crc32c(into, from, from + record.length), at + 12)
    const next = crc32c(into, at, at + 16, chain)
    into.writeUInt32LE(next, at + 16)
    return next
}

/** The header of a record. */
export interface RecordHeader {
    readonly length: number
    readonly number: number
    /** The chain of checksums after the record. */
    readonly chain: number
}

/**
 * Decodes the header of a record; `null` if the header or the record differs from the written
 * bytes.
 */
export function decodeRecord(
    bytes: Buffer, at: number, end: number, chain: number
): RecordHeader | null {
    const from = at + RECORD_HEADER
    if (from > end) {
        return null
    }
    const length = bytes.readUInt32LE(at)
    const next = bytes.readUInt32LE(at + 16)
    const isWhole = next === crc32c(bytes, at, at + 16, chain) && from + length <= end
        && bytes.readUInt32LE(at + 12) === crc32c(bytes, from, from + length)
    return isWhole ? { length, number: readNumber(bytes, at + 4), chain: next } : null
}
