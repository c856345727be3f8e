import type { Position } from './record-batch.js'
import type { Disk, DiskFile } from './disk.js'
import { type Identity, IDENTITY, isOriginal, readIdentity } from './identity.js'
import { decodeHead, FORMAT, HEAD, type Head, MAGIC, seedOf } from './format.js'
import { type Contents, MANIFEST, readManifest } from './manifest.js'
import { segmentName, segmentsIn, snapshotName } from './file-names.js'
import { copied, damaged, foreign, laterFormat } from './errors.js'
import { type ReadBatch, Segment } from './segment.js'
import { readState } from './snapshot-file.js'
import { rejectTornWrite } from './torn-write.js'

/** A folder and the way to scan it. */
export interface Place {
    readonly disk: Disk
    readonly folder: string
    /** Whether another process may write during the scan. @default false */
    readonly isInUse?: boolean
    /** Reports the number of bytes that were checked since the last report. */
    readonly onBytes?: (bytes: number) => void
    /** Receives each batch, in order. The records are valid until the call has ended. */
    readonly onBatch?: (batch: ReadBatch) => Promise<void> | void
}

/** A valid segment. */
export interface FoundSegment {
    /** The number of the first record. */
    readonly first: number
    /** The number of valid bytes. */
    readonly size: number
}

/** The checked contents of a folder. */
export interface FolderScan {
    readonly identity: Identity
    readonly contents: Contents
    /** The number of the first record after the snapshot. */
    readonly first: number
    /** The position after the last record. */
    readonly position: Position
    /** The valid segments in order; at least one. */
    readonly segments: readonly FoundSegment[]
    /** The offset of the last batch in the newest segment; `null` if that segment has no batch. */
    readonly lastBatch: number | null
    /** The number of bytes of a torn batch at the end of the newest segment. */
    readonly torn: number
    /** Whether the identity file is the original one. */
    readonly isOriginal: boolean
}

/** The valid segments: from the first record after the snapshot on, through the newest segment. */
function countingSegments(
    folder: string, names: readonly string[], { newest, snapshot }: Contents
): number[] {
    const first = (snapshot?.through ?? 0) + 1
    const all = segmentsIn(names).filter((one) => one <= newest)
    const begin = all.findLastIndex((one) => one <= first)
    if (begin === -1) {
        throw damaged(folder, `the segment with record ${first} is missing`)
    }
    if (all.at(-1) !== newest) {
        throw damaged(folder, `its newest segment, ${segmentName(newest)}, is missing`)
    }
    return all.slice(begin)
}

/**
 * Reads and checks the head of a file.
 *
 * @throws KibitzError if the bytes are no head, or belong to another journal.
 */
export async function readHead(
    { folder, onBytes }: Pick<Place, 'folder' | 'onBytes'>, file: DiskFile, name: string,
    kind: keyof typeof MAGIC, identity: Identity
): Promise<Head> {
    const bytes = Buffer.alloc(HEAD)
    const head = decodeHead(MAGIC[kind], bytes.subarray(0, await file.read(bytes, 0)))
    if (head === null) {
        throw damaged(folder, `the head of ${name} is not what was written`)
    }
    if (head.format > FORMAT) {
        throw laterFormat(folder, head.format)
    }
    if (head.identity !== identity.id || head.owner !== identity.owner) {
        throw damaged(folder, `${name} belongs to another journal`)
    }
    onBytes?.(HEAD)
    return head
}

/** Checks every byte of the snapshot. */
async function checkSnapshot(place: Place, identity: Identity, contents: Contents): Promise<void> {
    const { disk, folder, onBytes } = place
    if (contents.snapshot === null) {
        return
    }
    const { through, size, checksum } = contents.snapshot
    const name = snapshotName(through)
    const file = await disk.open(`${folder}/${name}`, 'read')
    try {
        const head = await readHead(place, file, name, 'snapshot', identity)
        let found = -1
        for await (const piece of readState(file, size, (sum) => {
            found = sum
        })) {
            onBytes?.(piece.length)
        }
        if (found !== checksum || head.number !== through || await file.size() !== size) {
            throw damaged(folder, `${name} is not what was written`)
        }
    } finally {
        await file.close()
    }
}

/** The result of reading a segment up to its last valid batch. */
interface SegmentReading {
    readonly segment: Segment
    readonly size: number
    readonly lastBatch: number | null
}

async function readSegment(
    place: Place, file: DiskFile, size: number, position: Position, seed: number
): Promise<SegmentReading> {
    const segment = new Segment(file, size, position, seed)
    const { onBatch } = place
    const next = (): Promise<ReadBatch | null> => segment.next(onBatch !== undefined)
    let lastBatch: number | null = null
    for (let batch = await next(); batch !== null; batch = await next()) {
        lastBatch = batch.at
        place.onBytes?.(batch.end - batch.at)
        await onBatch?.(batch)
    }
    return { segment, size, lastBatch }
}

/**
 * Checks a segment. `before` is the end of the segment before; `null` for the first valid segment.
 */
async function checkSegment(
    place: Place, identity: Identity, first: number, before: Position | null, isNewest: boolean
): Promise<SegmentReading> {
    const { disk, folder } = place
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
        const reading = await readSegment(place, file, await file.size(), position, seed)
        const { segment, size } = reading
        if (segment.fault !== null) {
            const reason = isNewest
                ? await rejectTornWrite({
                    file, at: segment.at, size, seed, position: segment.position,
                    isInUse: place.isInUse === true
                })
                : 'batches in later segments were written after it'
            if (reason !== null) {
                throw damaged(folder, `in ${name}, at byte ${segment.at}, ${segment.fault}, and `
                    + `that is no torn write: ${reason}`)
            }
        }
        return reading
    } finally {
        await file.close()
    }
}

/** Checks that a segment newer than the manifest has no records yet. */
async function checkNewer({ disk, folder }: Place, names: readonly string[], newest: number):
Promise<void> {
    for (const first of segmentsIn(names).filter((one) => one > newest)) {
        const file = await disk.open(`${folder}/${segmentName(first)}`, 'read')
        try {
            if (await file.size() !== HEAD) {
                throw damaged(folder, `its file ${MANIFEST} does not know of the segment `
                    + `${segmentName(first)}: it is an older one`)
            }
        } finally {
            await file.close()
        }
    }
}

function checkEnd(folder: string, { contents, position, segments, torn }: FolderScan): void {
    const { closed } = contents
    const size = segments.at(-1)?.size
    if (closed !== null && (torn !== 0 || closed.last !== position.last
        || closed.chain !== position.chain || closed.size !== size)) {
        throw damaged(folder, `it was closed in order with record ${closed.last} as its last, and `
            + `now ends with record ${position.last}${torn === 0 ? '' : ' and what is none'}`)
    }
}

/** Reads the identity of a folder and checks the owner. */
async function identify(
    { disk, folder }: Place, names: readonly string[], owner: string | null
): Promise<Identity> {
    for (const name of [IDENTITY, MANIFEST]) {
        if (!names.includes(name)) {
            throw damaged(folder, `its file ${name} is missing`)
        }
    }
    const identity = await readIdentity(disk, folder)
    if (owner !== null && identity.owner !== owner) {
        throw foreign(folder, `belongs to ${identity.owner}, not to ${owner}. Nothing was changed. `
            + 'Give each member a folder of its own.')
    }
    return identity
}

/**
 * Reads and checks all valid files of a folder. Changes nothing.
 *
 * @param owner The required owner; `null` accepts any owner, and a copy too.
 * @throws KibitzError `journal-damaged`, `journal-foreign` or `journal-version`; disk errors are
 * passed on.
 */
export async function scanFolder(
    place: Place, names: readonly string[], owner: string | null
): Promise<FolderScan> {
    const { disk, folder } = place
    const identity = await identify(place, names, owner)
    const isOwn = await isOriginal(disk, folder, identity)
    if (!isOwn && owner !== null) {
        throw copied(folder)
    }
    const contents = await readManifest(disk, folder, identity.id)
    const snapshot = contents.snapshot
    if (snapshot !== null && !names.includes(snapshotName(snapshot.through))) {
        throw damaged(folder, `its snapshot, ${snapshotName(snapshot.through)}, is missing`)
    }
    await checkSnapshot(place, identity, contents)
    const counting = countingSegments(folder, names, contents)
    const segments: FoundSegment[] = []
    let reading: SegmentReading | null = null
    for (const first of counting) {
        const before: Position | null = reading?.segment.position ?? null
        reading = await checkSegment(place, identity, first, before, first === contents.newest)
        segments.push({ first, size: reading.segment.at })
    }
    await checkNewer(place, names, contents.newest)
    const through = snapshot?.through ?? 0
    if (reading === null || reading.segment.position.last < through) {
        throw damaged(folder, `its records end before its snapshot, which stands for ${through}`)
    }
    const found: FolderScan = {
        identity, contents, segments, isOriginal: isOwn,
        first: through + 1,
        position: reading.segment.position,
        lastBatch: reading.lastBatch,
        torn: reading.size - reading.segment.at
    }
    checkEnd(folder, found)
    return found
}
