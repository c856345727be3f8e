import { crc32c } from './crc32c.js'

/** The format of everything in a folder. What a later one cannot read, it refuses. */
export const FORMAT = 1

/** How long the head of a segment or of a snapshot is, in bytes. */
export const HEAD = 256

/**
 * How long the header of a batch is. Batches begin at its multiples, so none lies in two sectors.
 */
export const BATCH_HEADER = 32

/** How long the header of a record is, in bytes. */
export const RECORD_HEADER = 20

/** How many bytes a disk writes as one at the least. */
export const SECTOR = 512

/** How long the name of an owner may be, in bytes of UTF-8. */
export const OWNER_MAX = 128

/** What fills a batch up to the next multiple: never zero, so that a lost sector shows. */
export const PADDING = 0xff

/** What stands at the start of a segment, and of a snapshot. */
export const MAGIC = { segment: 'KIBITZ J', snapshot: 'KIBITZ S' } as const

const BATCH_MAGIC = 0x4b424154
const HEAD_CHECKSUM = HEAD - 4
const HIGH = 2 ** 32

/** What the head of a segment or of a snapshot says. */
export interface Head {
    readonly format: number
    /** Of which journal it is: 16 random bytes, in hexadecimal digits. */
    readonly identity: string
    readonly owner: string
    /** The number of a segment's first record; that of a snapshot's last. */
    readonly number: number
    /** Where the chain of checksums stood before a segment's first record. */
    readonly chain: number
}

/** What the header of a batch says. */
export interface BatchHeader {
    /** How long its records are with their headers, in bytes. */
    readonly length: number
    /** The number of its first record. */
    readonly first: number
    readonly count: number
    /**
     * Where it begins in its segment. All before that was on stable storage when it was written.
     */
    readonly at: number
    /** Where the chain of checksums stood before it. */
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

/** Where a batch ends whose records take so many bytes: at least one byte of padding is between. */
export function batchEnd(at: number, length: number): number {
    return at + BATCH_HEADER + Math.floor(length / BATCH_HEADER + 1) * BATCH_HEADER
}

/** What the checksums of a journal's batches begin with, so that no other journal's pass. */
export function seedOf(identity: string): number {
    const bytes = Buffer.from(identity, 'hex')
    return crc32c(bytes, 0, bytes.length)
}

/** The head of a file, as bytes. */
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

/** What the head of a file says; `null` where it is none. Its format may be a later one. */
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

/** Writes the header of a batch. */
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
 * What the header of a batch says; `null` where none stands there. One of another journal, or of
 * another place in this one, is none, wherever a record may have brought it from.
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
 * Writes a record and its header, and yields where the chain of checksums stands behind it. The
 * header has a checksum of its own, continued from the header before it; since it holds that of the
 * bytes, each vouches for all before it.
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

/** What the header of a record says. */
export interface RecordHeader {
    readonly length: number
    readonly number: number
    /** Where the chain of checksums stands behind it. */
    readonly chain: number
}

/** What the header of a record says; `null` where it or the record is not what was written. */
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
