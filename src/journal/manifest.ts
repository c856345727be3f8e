import type { Disk } from './disk.js'
import { fieldsOf, isCount, readSmallFile, writeSmallFile } from './small-file.js'
import { FORMAT } from './format.js'
import { damaged, fromTheFuture } from './errors.js'

/** The name of the file that tells which other files count. */
export const MANIFEST = 'manifest'

/** Which files of a folder count. */
export interface Contents {
    /** The number of the first record of the newest segment. */
    readonly newest: number
    /** The snapshot that stands for all records through its number. */
    readonly snapshot: {
        readonly through: number
        /** How long its file is, in bytes. */
        readonly size: number
        /** The checksum of what is behind its head. */
        readonly checksum: number
    } | null
    /** How it ends, if it was closed in order and not opened since. */
    readonly closed: {
        readonly last: number
        /** How long the newest segment is, in bytes. */
        readonly size: number
        readonly chain: number
    } | null
}

/** Keeps the manifest of a folder that is held: changes are written one after the other. */
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

    /** What stands in it, or is about to. */
    get contents(): Contents {
        return this.#contents
    }

    /** Changes it. When this resolves, the change is stable. */
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

/** Writes the manifest of a folder, in place of any that is there. */
export async function writeManifest(
    disk: Disk, folder: string, id: string, contents: Contents
): Promise<void> {
    await writeSmallFile(disk, folder, MANIFEST, { format: FORMAT, id, ...contents })
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
 * What the manifest of a folder tells.
 *
 * @throws KibitzError `journal-damaged` or `journal-version`.
 */
export async function readManifest(
    disk: Disk, folder: string, identity: string
): Promise<Contents> {
    const document = fieldsOf(await readSmallFile(disk, folder, MANIFEST))
    const { format, id, newest } = document
    if (typeof format === 'number' && format > FORMAT) {
        throw fromTheFuture(folder, format)
    }
    const snapshot = readSnapshot(document['snapshot'])
    const closed = readClosed(document['closed'])
    if (!isCount(newest) || snapshot === undefined || closed === undefined) {
        throw damaged(folder, `its file ${MANIFEST} is not what was written`)
    }
    if (id !== identity) {
        throw damaged(folder, `its file ${MANIFEST} belongs to another journal`)
    }
    return { newest, snapshot, closed }
}
