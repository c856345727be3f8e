import type { Disk } from './disk.js'
import { isUnfinished, segmentName, segmentsIn, snapshotIn, snapshotName } from './file-names.js'
import type { FolderScan, FoundSegment } from './scan-folder.js'

/**
 * Removes the segments without records after a number, oldest first, from a folder and from the
 * list.
 *
 * @param newest Reads the number of the first record of the newest segment, which is not in the
 * list. The appender may start a segment during a removal, so each step reads the number again.
 */
export async function deleteSegments(
    disk: Disk, folder: string, segments: FoundSegment[], newest: () => number,
    through: number
): Promise<void> {
    for (;;) {
        const [oldest, next] = segments
        const following = next?.first ?? newest()
        if (oldest === undefined || following > through + 1) {
            return
        }
        await disk.remove(`${folder}/${segmentName(oldest.first)}`)
        segments.shift()
    }
}

/** Removes a snapshot that a later snapshot has replaced. */
export async function deleteSnapshot(disk: Disk, folder: string, through: number): Promise<void> {
    await disk.remove(`${folder}/${snapshotName(through)}`)
}

/** Removes the remainders of interrupted writes, and segments and snapshots that are not valid. */
export async function deleteInvalidFiles(
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
