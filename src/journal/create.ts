import { randomBytes } from 'node:crypto'
import type { Position } from './record-batch.js'
import type { Disk, DiskFile } from './disk.js'
import { type Identity, IDENTITY, readIdentity, writeIdentity } from './identity.js'
import { encodeHead, HEAD, MAGIC, PLAIN_FORMAT } from './format.js'
import { writeManifest } from './manifest.js'
import { UNFINISHED_NAMES, segmentName, segmentsIn, snapshotIn } from './file-names.js'
import { damaged } from './errors.js'

/** Makes an empty segment after a position, stable, and returns the file open for writing. */
export async function createSegment(
    disk: Disk, folder: string, { id, owner }: Pick<Identity, 'id' | 'owner'>,
    { last, chain }: Position
): Promise<DiskFile> {
    const temporary = `${folder}/${UNFINISHED_NAMES.segment}`
    const file = await disk.create(temporary, 'records')
    try {
        const head = { format: PLAIN_FORMAT, identity: id, owner, number: last + 1, chain }
        await file.write(encodeHead(MAGIC.segment, head), 0)
        await file.sync()
        await disk.rename(temporary, `${folder}/${segmentName(last + 1)}`)
        await disk.syncFolder(folder)
        return file
    } catch (error) {
        await file.close()
        throw error
    }
}

/**
 * Whether the files of a folder may come from an interrupted `found`, so that no record is lost.
 */
async function isWithoutRecords(
    disk: Disk, folder: string, names: readonly string[]
): Promise<boolean> {
    const segments = segmentsIn(names)
    if (names.some((name) => snapshotIn(name) !== null) || segments.some((first) => first !== 1)) {
        return false
    }
    if (segments.length === 0) {
        return true
    }
    const file = await disk.open(`${folder}/${segmentName(1)}`, 'read')
    try {
        return await file.size() === HEAD
    } finally {
        await file.close()
    }
}

/**
 * Begins a journal in a locked folder without a journal. The identity file, which makes the folder
 * a journal, is written last.
 *
 * @throws KibitzError `journal-damaged` if the folder has records already.
 */
export async function createJournal(
    disk: Disk, folder: string, names: readonly string[], owner: string
): Promise<Identity> {
    if (!await isWithoutRecords(disk, folder, names)) {
        throw damaged(folder, `its file ${IDENTITY} is missing`)
    }
    const identity = { id: randomBytes(16).toString('hex'), owner }
    const file = await createSegment(disk, folder, identity, { last: 0, chain: 0 })
    await file.close()
    const contents = { format: PLAIN_FORMAT, newest: 1, snapshot: null, closed: null }
    await writeManifest(disk, folder, identity.id, contents)
    await writeIdentity(disk, folder, identity)
    return await readIdentity(disk, folder)
}
