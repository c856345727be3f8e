import type { Position } from './record-batch.js'
import type { DiskFile } from './disk.js'
import { BATCH_HEADER, batchEnd, decodeBatch, SECTOR } from './format.js'

/** How many bytes are looked at at a time: whole sectors. */
const CHUNK = 2048 * SECTOR

/** The bytes of a file that nobody could read as a batch. */
export interface Tail {
    readonly file: DiskFile
    /** Where they begin. */
    readonly at: number
    /** What a batch there has to follow on. */
    readonly position: Position
    /** Where the file ends. */
    readonly size: number
    /** Whether somebody writes to it: then a batch may be seen in part. */
    readonly isInUse: boolean
    /** What the checksums of this journal's batches begin with. */
    readonly seed: number
}

/** Reads a part of a file in pieces that end with a sector. */
async function* pieces(
    file: DiskFile, from: number, to: number
): AsyncGenerator<{ readonly at: number, readonly bytes: Buffer }> {
    for (let at = from; at < to;) {
        const end = Math.min(to, Math.floor(at / CHUNK + 1) * CHUNK)
        const bytes = Buffer.allocUnsafeSlow(end - at)
        yield { at, bytes: bytes.subarray(0, await file.read(bytes, at)) }
        at = end
    }
}

/** Where a batch of this journal begins behind a place, whatever is before it; or `null`. */
async function laterBatch({ file, at: from, size, seed }: Tail): Promise<number | null> {
    for await (const { at, bytes } of pieces(file, from + BATCH_HEADER, size)) {
        for (let offset = 0; offset + BATCH_HEADER <= bytes.length; offset += BATCH_HEADER) {
            if (decodeBatch(bytes, offset, at + offset, seed) !== null) {
                return at + offset
            }
        }
    }
    return null
}

/**
 * Whether nothing of a sector is left that a part of a file takes: all its bytes there are zero.
 */
async function lacksSector(file: DiskFile, from: number, to: number): Promise<boolean> {
    for await (const { at, bytes } of pieces(file, from, to)) {
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

/**
 * Why the bytes at the end of the newest segment cannot be a batch that never became stable; `null`
 * where they can, and so may be cut.
 *
 * A batch is written only after all before it has become stable, and a stop for good follows on any
 * failure. So of all batches one at most, the last, is not stable, and nobody was told of any of
 * its records. Of such a batch a crash leaves the first bytes, and a loss of power any of its
 * sectors, with nothing or zeros in place of the others. Hence bytes that are no batch are a torn
 * one only if
 *
 * 1. no batch of this journal begins behind them: it would say that they had become stable; and
 * 2. they end before the batch does, or a sector of it is all zeros. Whatever else is in place of
 *    what was written was changed after it became stable, or the disk lied.
 *
 * The header of a batch lies in one sector, and its last byte is not zero; so a batch that is whole
 * has no such sector unless one of its records has 512 zeros in a row.
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
        return bytes.every((byte) => byte === 0)
            ? null
            : 'the header of a batch there is not what was written'
    }
    if (header.first !== position.last + 1 || header.chain !== position.chain) {
        return `the batch there does not follow on record ${position.last}`
    }
    const end = batchEnd(at, header.length)
    if (size !== end) {
        return size < end ? null : `${size - end} bytes follow on the last batch`
    }
    return await lacksSector(file, at, end) ? null : 'no loss of power changes bytes like that'
}
