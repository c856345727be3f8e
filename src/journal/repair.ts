import type { MemberLogger } from '../base/member-logger.js'
import type { Disk, DiskFile } from './disk.js'
import { deleteInvalidFiles } from './delete-old-files.js'
import { segmentName } from './file-names.js'
import type { Manifest } from './manifest.js'
import type { FolderScan } from './scan-folder.js'

/**
 * Makes the end of the newest segment stable.
 *
 * The writer of the last batch may have stopped before the synchronization, or because of its
 * failure. After a failed synchronization, the system may report cached pages as stable. So
 * `settle` writes the last batch again, byte for byte; the sectors hold the same bytes before and
 * after.
 */
async function rewriteEnd(
    file: DiskFile, { segments, lastBatch, torn, prepared }: FolderScan
): Promise<void> {
    const end = segments.at(-1)?.size ?? 0
    if (torn + prepared !== 0) {
        await file.truncate(end)
    }
    if (lastBatch !== null) {
        const bytes = Buffer.allocUnsafeSlow(end - lastBatch)
        await file.write(bytes.subarray(0, await file.read(bytes, lastBatch)), lastBatch)
    }
    await file.sync()
}

/**
 * Prepares a scanned and locked folder for the next record. Afterwards all valid bytes are stable,
 * and the manifest no longer has the mark of a close.
 *
 * @returns The newest segment.
 */
export async function repair(
    disk: Disk, folder: string, names: readonly string[], scan: FolderScan, manifest: Manifest,
    logger: Pick<MemberLogger, 'warn'>
): Promise<DiskFile> {
    const { contents, segments, position, torn } = scan
    const newest = segments.at(-1)
    const segment = segmentName(contents.newest)
    if (torn !== 0) {
        logger.warn('cut', { folder, segment, at: newest?.size, bytes: torn, last: position.last })
    }
    const file = await disk.open(`${folder}/${segment}`, 'write')
    try {
        await rewriteEnd(file, scan)
        // A visible name may not be stable yet, and older files must stay until the name is stable.
        await disk.syncFolder(folder)
        await deleteInvalidFiles(disk, folder, names, scan)
        if (contents.closed !== null) {
            await manifest.update({ closed: null })
        }
        return file
    } catch (error) {
        await file.close()
        throw error
    }
}
