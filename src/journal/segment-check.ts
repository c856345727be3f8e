import type { Position } from './record-batch.js'
import type { DiskFile } from './disk.js'
import type { Identity } from './identity.js'
import { FORMAT, HEAD, seedOf } from './format.js'
import type { Contents } from './manifest.js'
import { segmentName } from './file-names.js'
import { damaged } from './errors.js'
import { type Place, readHead } from './place.js'
import { type ReadBatch, Segment } from './segment.js'
import { endOfBytes, rejectTornWrite } from './torn-write.js'

/** A segment to check. */
interface Checked {
    readonly first: number
    /** The end of the segment before; `null` for the first valid segment. */
    readonly before: Position | null
    readonly contents: Contents
}

/** The result of reading a segment up to its last valid batch. */
export interface SegmentReading {
    readonly segment: Segment
    readonly size: number
    readonly lastBatch: number | null
    /** The offset behind the last byte that is not zero. */
    readonly end: number
}

async function readSegment(
    place: Place, file: DiskFile, position: Position, seed: number, at: number
): Promise<Omit<SegmentReading, 'end'>> {
    const size = await file.size()
    const segment = new Segment(file, size, position, seed, at)
    const { onBatch } = place
    const next = (): Promise<readonly ReadBatch[]> => segment.nextSome(onBatch !== undefined)
    let lastBatch: number | null = null
    for (let batches = await next(); batches.length !== 0; batches = await next()) {
        for (const batch of batches) {
            lastBatch = batch.at
            place.onBytes?.(batch.end - batch.at)
            if (onBatch !== undefined) {
                await onBatch(batch)
            }
        }
    }
    return { segment, size, lastBatch }
}

/** Why the bytes behind the last valid batch are damage; `null` if they are not. */
async function rejectEnd(
    place: Place, file: DiskFile, { first, contents }: Checked, seed: number,
    { segment, size }: Omit<SegmentReading, 'end'>
): Promise<string | null> {
    if (segment.fault === null) {
        return null
    }
    const reason = first === contents.newest
        ? await rejectTornWrite({
            file, at: segment.at, size, seed, position: segment.position,
            isInUse: place.isInUse === true, mayBePrepared: contents.format === FORMAT
        })
        : 'batches in later segments were written after it'
    return reason === null ? null : `${segment.fault}, and that is no torn write: ${reason}`
}

/**
 * Reads a segment to its end. If another process writes to the segment, a batch may have become
 * complete between two looks at it; then the reading goes on.
 */
async function readToEnd(
    place: Place, file: DiskFile, checked: Checked, position: Position, seed: number
): Promise<SegmentReading> {
    let reading = await readSegment(place, file, position, seed, HEAD)
    for (;;) {
        const { segment, size, lastBatch } = reading
        const reason = await rejectEnd(place, file, checked, seed, reading)
        if (reason === null) {
            const isPlain = checked.contents.format !== FORMAT
            const end = isPlain ? size : await endOfBytes(file, segment.at, size)
            return { ...reading, end }
        }
        const again = place.isInUse === true
            ? await readSegment(place, file, segment.position, seed, segment.at)
            : reading
        if (again.segment.at === segment.at) {
            throw damaged(place.folder,
                `in ${segmentName(checked.first)}, at byte ${segment.at}, ${reason}`)
        }
        reading = { ...again, lastBatch: again.lastBatch ?? lastBatch }
    }
}

/** Checks a segment. */
export async function checkSegment(
    place: Place, identity: Identity, checked: Checked
): Promise<SegmentReading> {
    const { disk, folder } = place
    const { first, before } = checked
    const name = segmentName(first)
    const seed = seedOf(identity.id)
    const file = await disk.open(`${folder}/${name}`, 'read')
    try {
        const head = await readHead(place, file, name, 'segment', identity)
        const position = before ?? { last: first - 1, chain: head.chain }
        if (head.number !== first) {
            throw damaged(folder, `${name} begins with record ${head.number}`)
        }
        if (position.last + 1 !== first || head.chain !== position.chain) {
            throw damaged(folder, `${name} does not follow on record ${position.last}: what was `
                + 'between them is missing, or one of them is not of this journal')
        }
        return await readToEnd(place, file, checked, position, seed)
    } finally {
        await file.close()
    }
}
