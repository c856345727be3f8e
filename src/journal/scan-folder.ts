import type { Position } from './record-batch.js'
import { type Identity, IDENTITY, isOriginal, readIdentity } from './identity.js'
import { HEAD } from './format.js'
import { type Contents, MANIFEST, readManifest } from './manifest.js'
import { segmentName, segmentsIn, snapshotName } from './file-names.js'
import { copied, damaged, foreign } from './errors.js'
import { type Place, readHead } from './place.js'
import { checkSegment, type SegmentReading } from './segment-check.js'
import { readState } from './snapshot-file.js'

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
    /** The number of zeros behind these bytes: space for later batches. */
    readonly prepared: number
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

function checkEnd(folder: string, scan: FolderScan): void {
    const { contents, position, segments, torn, prepared } = scan
    const { closed } = contents
    const size = segments.at(-1)?.size
    if (closed !== null && (torn + prepared !== 0 || closed.last !== position.last
        || closed.chain !== position.chain || closed.size !== size)) {
        throw damaged(folder, `it was closed in order with record ${closed.last} as its last, and `
            + `now ends with record ${position.last}`
            + (torn + prepared === 0 ? '' : ' and what is none'))
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
        reading = await checkSegment(place, identity, { first, before, contents })
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
        torn: reading.end - reading.segment.at,
        prepared: reading.size - reading.end
    }
    checkEnd(folder, found)
    return found
}
