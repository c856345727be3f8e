import type { Disk } from './disk.js'
import { fieldsOf, isCount, readSmallFile, writeSmallFile } from './small-file.js'
import { FORMAT } from './format.js'
import { damaged, laterFormat } from './errors.js'

/** The file that names the valid files of a folder. */
export const MANIFEST = 'manifest'

/** The valid files of a folder. */
export interface Contents {
    /** The format of the folder: whether the newest segment may end in zeros. */
    readonly format: number
    /** The number of the first record of the newest segment. */
    readonly newest: number
    /** The snapshot in place of all records through its number. */
    readonly snapshot: {
        readonly through: number
        /** The length of the snapshot file, in bytes. */
        readonly size: number
        /** The checksum of the bytes after the head. */
        readonly checksum: number
    } | null
    /** The end of the journal, if the journal was closed in order and not opened since. */
    readonly closed: {
        readonly last: number
        /** The length of the newest segment, in bytes. */
        readonly size: number
        readonly chain: number
    } | null
}

/** The manifest of a locked folder. Changes are written one after the other. */
export class Manifest {
    readonly #disk: Disk
    readonly #folder: string
    readonly #identity: string
    #contents: Contents
    #writing: Promise<unknown> = Promise.resolve()

    constructor(disk: Disk, folder: string, identity: string, contents: Contents) {
        this.#disk = disk
        this.#folder = folder
        this.#identity = identity
        this.#contents = contents
    }

    /** The contents as last written. */
    get contents(): Contents {
        return this.#contents
    }

    /** Changes the manifest. Resolves when the change is stable. */
    update(changes: Partial<Contents>): Promise<void> {
        const written = this.#writing.then(async () => {
            const contents = { ...this.#contents, ...changes }
            await writeManifest(this.#disk, this.#folder, this.#identity, contents)
            this.#contents = contents
        })
        this.#writing = written.catch(() => {})
        return written
    }
}

/** Writes the manifest of a folder, in place of an existing one. */
export async function writeManifest(
    disk: Disk, folder: string, id: string, contents: Contents
): Promise<void> {
    const { format, ...rest } = contents
    await writeSmallFile(disk, folder, MANIFEST, { format, id, ...rest })
}

function readSnapshot(value: unknown): Contents['snapshot'] | undefined {
    const { through, size, checksum } = fieldsOf(value)
    if (value === null) {
        return null
    }
    return isCount(through) && isCount(size) && isCount(checksum)
        ? { through, size, checksum }
        : undefined
}

function readClosed(value: unknown): Contents['closed'] | undefined {
    const { last, size, chain } = fieldsOf(value)
    if (value === null) {
        return null
    }
    return isCount(last) && isCount(size) && isCount(chain) ? { last, size, chain } : undefined
}

/**
 * Reads the manifest of a folder.
 *
 * @throws KibitzError `journal-damaged` or `journal-version`.
 */
export async function readManifest(
    disk: Disk, folder: string, identity: string
): Promise<Contents> {
    const document = fieldsOf(await readSmallFile(disk, folder, MANIFEST))
    const { format, id, newest } = document
    if (typeof format === 'number' && format > FORMAT) {
        throw laterFormat(folder, format)
    }
    const snapshot = readSnapshot(document['snapshot'])
    const closed = readClosed(document['closed'])
    if (!isCount(format) || !isCount(newest) || snapshot === undefined || closed === undefined) {
        throw damaged(folder, `its file ${MANIFEST} is not what was written`)
    }
    if (id !== identity) {
        throw damaged(folder, `its file ${MANIFEST} belongs to another journal`)
    }
    return { format, newest, snapshot, closed }
}
