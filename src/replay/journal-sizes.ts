import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DiskFile } from '../journal/disk.js'
import { FileSystem } from '../journal/filesystem.js'
import { endOfBytes } from '../journal/torn-write.js'
import { isGrowing, isJournalFile } from './journal-files.js'

/** The name and the size of a file of a journal. */
export interface JournalFile {
    readonly name: string
    /** The size in bytes, without the zeros that a running member prepares for later batches. */
    readonly size: number
}

/** The bytes that one read takes from the end of a file. */
const BLOCK = 64 * 1024

/** The offset behind the last byte of a file that is not zero. The last byte of a batch is none. */
async function writtenSize(file: DiskFile): Promise<number> {
    for (let end = await file.size(); end > 0;) {
        const from = Math.max(0, end - BLOCK)
        const written = await endOfBytes(file, from, end)
        if (written > from) {
            return written
        }
        end = from
    }
    return 0
}

async function sizeOf(path: string, mayBePrepared: boolean): Promise<number> {
    if (!mayBePrepared) {
        return (await stat(path)).size
    }
    const file = await new FileSystem().open(path, 'read')
    try {
        return await writtenSize(file)
    } finally {
        await file.close()
    }
}

/**
 * The files of a journal. The size of the newest segment ends behind the last batch: a running
 * member writes into prepared zeros, so the size in the file system does not show new batches.
 */
export async function journalFilesIn(folder: string): Promise<readonly JournalFile[]> {
    const names = (await readdir(folder)).filter(isJournalFile).sort()
    const newest = names.findLast(isGrowing)
    const files: JournalFile[] = []
    for (const name of names) {
        // A snapshot may replace a file between the two looks.
        const size = await sizeOf(join(folder, name), name === newest).catch(() => null)
        if (size !== null) {
            files.push({ name, size })
        }
    }
    return files
}
