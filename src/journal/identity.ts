import type { Disk } from './disk.js'
import { encodeSmallFile, fieldsOf, readSmallFile } from './small-file.js'
import { FORMAT } from './format.js'
import { damaged, fromTheFuture } from './errors.js'

/** The name of the file that makes a folder a journal. It is written last, and once. */
export const IDENTITY = 'identity'

/** Whose journal it is, and which. */
export interface Identity {
    /** 16 random bytes in hexadecimal digits, the same in every file of a journal. */
    readonly id: string
    readonly owner: string
    /** What tells the file that says so from any copy of it. */
    readonly inode: string
    readonly born: string | null
}

/**
 * Writes down whose journal it is. The file names its own inode, and when that was made: whoever
 * copies it, or restores it from a backup, gets another one, however faithful the copy.
 */
export async function writeIdentity(
    disk: Disk, folder: string, { id, owner }: Pick<Identity, 'id' | 'owner'>
): Promise<void> {
    const beside = `${folder}/${IDENTITY}.new`
    const file = await disk.create(beside)
    try {
        const { inode, born } = await disk.birth(beside)
        await file.write(encodeSmallFile({ format: FORMAT, id, owner, inode, born }), 0)
        await file.sync()
    } finally {
        await file.close()
    }
    await disk.rename(beside, `${folder}/${IDENTITY}`)
    await disk.syncFolder(folder)
}

/**
 * Whose journal a folder is.
 *
 * @throws KibitzError `journal-damaged` or `journal-version`.
 */
export async function readIdentity(disk: Disk, folder: string): Promise<Identity> {
    const document = fieldsOf(await readSmallFile(disk, folder, IDENTITY))
    const { format, id, owner, inode, born } = document
    if (typeof format === 'number' && format > FORMAT) {
        throw fromTheFuture(folder, format)
    }
    if (typeof id !== 'string' || typeof owner !== 'string' || typeof inode !== 'string'
        || !(typeof born === 'string' || born === null)) {
        throw damaged(folder, `its file ${IDENTITY} is not what was written`)
    }
    return { id, owner, inode, born }
}

/** Whether a journal stands where it was begun, or was last adopted. */
export async function isOriginal(disk: Disk, folder: string, known: Identity): Promise<boolean> {
    const { inode, born } = await disk.birth(`${folder}/${IDENTITY}`)
    return inode === known.inode && (born === null || known.born === null || born === known.born)
}
