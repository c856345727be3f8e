import type { MemberLogger } from '../base/member-logger.js'
import type { Disk, DiskFile } from './disk.js'
import { isUnfinished, segmentName, segmentsIn, snapshotIn } from './file-names.js'
import type { Manifest } from './manifest.js'
import type { FolderScan } from './scan-folder.js'

/** Takes away what does not count, as somebody left it who stopped half way. */
async function sweep(
    disk: Disk, folder: string, names: readonly string[], { contents, segments }: FolderScan
): Promise<void> {
    const counting = new Set(segments.map(({ first }) => segmentName(first)))
    const snapshot = contents.snapshot?.through ?? null
    const useless = names.filter((name) => isUnfinished(name)
        || (segmentsIn([name]).length === 1 && !counting.has(name))
        || (snapshotIn(name) !== null && snapshotIn(name) !== snapshot))
    for (const name of useless) {
        await disk.remove(`${folder}/${name}`)
    }
}

/**
 * Makes the end of the newest segment stable, whatever has become of it.
 *
 * Who wrote the last batch may have stopped before it was synchronized, or because that failed; and
 * after a failure the system may take what it still has in memory for stable. So it is written
 * once more, byte for byte: a sector that is written again holds the same before and after.
 */
async function settle(file: DiskFile, { segments, lastBatch, torn }: FolderScan): Promise<void> {
    const end = segments.at(-1)?.size ?? 0
    if (torn !== 0) {
        await file.truncate(end)
    }
    if (lastBatch !== null) {
        const bytes = Buffer.allocUnsafeSlow(end - lastBatch)
        await file.write(bytes.subarray(0, await file.read(bytes, lastBatch)), lastBatch)
    }
    await file.sync()
}

/**
 * Makes a folder that was looked at, and is held, ready for the next record. All that counts in it
 * is stable then, and the manifest no longer says that it was closed.
 *
 * @returns The newest segment.
 */
export async function repair(
    disk: Disk, folder: string, names: readonly string[], survey: FolderScan, manifest: Manifest,
    logger: Pick<MemberLogger, 'warn'>
): Promise<DiskFile> {
    const { contents, segments, position, torn } = survey
    const newest = segments.at(-1)
    const segment = segmentName(contents.newest)
    if (torn !== 0) {
        logger.warn('cut', { folder, segment, at: newest?.size, bytes: torn, last: position.last })
    }
    const file = await disk.open(`${folder}/${segment}`, 'write')
    try {
        await settle(file, survey)
        // A name that is seen may not be stable yet, and nothing it replaces may go before it is.
        await disk.syncFolder(folder)
        await sweep(disk, folder, names, survey)
        if (contents.closed !== null) {
            await manifest.update({ closed: null })
        }
        return file
    } catch (error) {
        await file.close()
        throw error
    }
}
