import type { Disk } from './disk.js'
import { encodeSmallFile, fieldsOf, readSmallFile } from './small-file.js'
import { FORMAT, PLAIN_FORMAT } from './format.js'
import { damaged, laterFormat } from './errors.js'

/** The file that makes a folder a journal. Written last, and once. */
export const IDENTITY = 'identity'

/** The identity of a journal and its owner. */
export interface Identity {
    /** 16 random bytes in hexadecimal digits, the same in every file of a journal. */
    readonly id: string
    readonly owner: string
    /**
     * The inode and the creation time of the identity file, which distinguish the file from every
     * copy.
     */
    readonly inode: string
    readonly born: string | null
}

/**
 * Writes the identity file. The file names its own inode and the creation time of the inode. A copy
 * or a restored backup has another inode, even if every byte is equal.
 */
export async function writeIdentity(
    disk: Disk, folder: string, { id, owner }: Pick<Identity, 'id' | 'owner'>
): Promise<void> {
    const temporary = `${folder}/${IDENTITY}.new`
    const file = await disk.create(temporary)
    try {
        const { inode, born } = await disk.birth(temporary)
        await file.write(encodeSmallFile({ format: PLAIN_FORMAT, id, owner, inode, born }), 0)
        await file.sync()
    } finally {
        await file.close()
    }
    await disk.rename(temporary, `${folder}/${IDENTITY}`)
    await disk.syncFolder(folder)
}

/**
 * Reads the identity of a folder.
 *
 * @throws KibitzError `journal-damaged` or `journal-version`.
 */
export async function readIdentity(disk: Disk, folder: string): Promise<Identity> {
    const document = fieldsOf(await readSmallFile(disk, folder, IDENTITY))
    const { format, id, owner, inode, born } = document
    if (typeof format === 'number' && format > FORMAT) {
        throw laterFormat(folder, format)
    }
    if (typeof id !== 'string' || typeof owner !== 'string' || typeof inode !== 'string'
        || !(typeof born === 'string' || born === null)) {
        throw damaged(folder, `its file ${IDENTITY} is not what was written`)
    }
    return { id, owner, inode, born }
}

/** Whether the identity file is the original one, from `found` or from the last adoption. */
export async function isOriginal(disk: Disk, folder: string, known: Identity): Promise<boolean> {
    const { inode, born } = await disk.birth(`${folder}/${IDENTITY}`)
    return inode === known.inode && (born === null || known.born === null || born === known.born)
}
