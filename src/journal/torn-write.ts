import type { Position } from './record-batch.js'
import type { DiskFile } from './disk.js'
import { BATCH_HEADER, batchEnd, decodeBatch, SECTOR } from './format.js'

/** The number of bytes of one read: whole sectors. */
const CHUNK = 2048 * SECTOR

/** The bytes at the end of a file that are no valid batch. */
export interface Tail {
    readonly file: DiskFile
    /** The offset of the first byte. */
    readonly at: number
    /** The position that a batch at this offset must follow. */
    readonly position: Position
    /** The length of the file. */
    readonly size: number
    /** Whether another process writes to the file, so that a batch may be incomplete. */
    readonly isInUse: boolean
    /** The first value of the batch checksums of this journal. */
    readonly seed: number
    /** Whether the file may end in prepared space: zeros behind the last batch. */
    readonly mayBePrepared: boolean
}

/** Reads a part of a file in pieces that end at a sector boundary. */
async function* sectorsOf(
    file: DiskFile, from: number, to: number
): AsyncGenerator<{ readonly at: number, readonly bytes: Buffer }> {
    for (let at = from; at < to;) {
        const end = Math.min(to, Math.floor(at / CHUNK + 1) * CHUNK)
        const bytes = Buffer.allocUnsafeSlow(end - at)
        yield { at, bytes: bytes.subarray(0, await file.read(bytes, at)) }
        at = end
    }
}

/**
 * The offset of a batch of this journal after an offset, whatever precedes the batch; or `null`.
 */
async function laterBatch({ file, at: from, size, seed }: Tail): Promise<number | null> {
    for await (const { at, bytes } of sectorsOf(file, from + BATCH_HEADER, size)) {
        for (let offset = 0; offset + BATCH_HEADER <= bytes.length; offset += BATCH_HEADER) {
            if (decodeBatch(bytes, offset, at + offset, seed) !== null) {
                return at + offset
            }
        }
    }
    return null
}

/** The offset behind the last byte in a part of a file that is not zero; `from` if all are zero. */
export async function endOfBytes(file: DiskFile, from: number, to: number): Promise<number> {
    let end = from
    for await (const { at, bytes } of sectorsOf(file, from, to)) {
        if (bytes.equals(Buffer.alloc(bytes.length))) {
            continue
        }
        end = at + bytes.findLastIndex((byte) => byte !== 0) + 1
    }
    return end
}

async function isBlank(file: DiskFile, from: number, to: number): Promise<boolean> {
    return await endOfBytes(file, from, to) === from
}

/** Whether one sector in a part of a file is lost: all bytes of the sector in the part are zero. */
async function lacksSector(file: DiskFile, from: number, to: number): Promise<boolean> {
    for await (const { at, bytes } of sectorsOf(file, from, to)) {
        let offset = 0
        while (offset < bytes.length) {
            const end = offset + SECTOR - (at + offset) % SECTOR
            if (bytes.subarray(offset, end).every((byte) => byte === 0)) {
                return true
            }
            offset = end
        }
    }
    return false
}

/** Whether the bytes from an offset on, through the end of its sector, are zeros. */
async function lacksHeader({ file, at, size, mayBePrepared }: Tail): Promise<boolean> {
    const sector = Math.floor(at / SECTOR + 1) * SECTOR
    // Without prepared space, the file may end in the sector.
    return await isBlank(file, at, mayBePrepared ? Math.min(sector, size) : at + BATCH_HEADER)
}

/**
 * Decides whether the bytes at the end of the newest segment are a torn write: a batch that never
 * became stable and may be cut. Returns `null` for a torn write, otherwise the reason against it.
 *
 * A batch is written only after all earlier batches have become stable, and the journal stops for
 * good at any failure. So only the last batch can be unstable, and no `flush` has reported its
 * records. A crash leaves the first bytes of such a batch: in prepared space, its first pages, and
 * zeros in place of the others. A loss of power leaves any of its sectors, with missing bytes or
 * zeros in place of the others. So bytes that are no batch are a torn write only if
 *
 * 1. no batch of this journal begins after these bytes, because a later batch proves that these
 *    bytes were stable; and
 * 2. these bytes end before the batch does, or a sector of the batch is all zeros. Any other
 *    damage happened after the bytes became stable, or the disk reported a false success; and
 * 3. only the zeros of prepared space follow on the batch.
 *
 * The header of a batch lies in one sector, and its last byte is not zero. So a complete batch has
 * no zero sector, unless a record has 512 zeros in a row.
 */
export async function rejectTornWrite(tail: Tail): Promise<string | null> {
    const { file, at, position, size, seed } = tail
    const later = await laterBatch(tail)
    if (later !== null) {
        return `a batch at byte ${later} was written after them`
    }
    if (size - at < BATCH_HEADER || tail.isInUse) {
        return null
    }
    const bytes = Buffer.allocUnsafeSlow(BATCH_HEADER)
    await file.read(bytes, at)
    const header = decodeBatch(bytes, 0, at, seed)
    if (header === null) {
        return await lacksHeader(tail)
            ? null
            : 'the header of a batch there is not what was written'
    }
    if (header.first !== position.last + 1 || header.chain !== position.chain) {
        return `the batch there does not follow on record ${position.last}`
    }
    const end = batchEnd(at, header.length)
    if (size < end) {
        return null
    }
    if (size !== end && !(tail.mayBePrepared && await isBlank(file, end, size))) {
        return `${size - end} bytes follow on the last batch`
    }
    return await lacksSector(file, at, end) ? null : 'no loss of power changes bytes like that'
}
