import { fsync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { isMissing } from './errors.js'
import { Descriptors } from './file-descriptors.js'
import type { FileBirth, Disk, DiskFile, Hold } from './disk.js'
import { lockHolders, lockFolder } from './folder-lock.js'
import { openStable } from './stable-writes.js'
import { StableFile, SystemFile } from './system-file.js'

const fsyncLater = promisify(fsync)

/** Published values may be confidential: only the user of the process may read the files. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** Whether the system reports the creation time of an inode. */
async function reportsBirthTime(): Promise<boolean> {
    if (process.platform !== 'linux') {
        return true
    }
    // An old Linux reports the time of the last change instead. A new Linux reports 0 for files in
    // /proc, and an old one does not.
    return (await stat('/proc/self', { bigint: true })).birthtimeNs === 0n
}

/** The disk of this machine, for one journal. */
export class FileSystem implements Disk {
    readonly #descriptors: Descriptors = new Descriptors()

    async makeFolder(path: string): Promise<void> {
        const first = await mkdir(path, { recursive: true, mode: FOLDER_MODE })
        // A new folder is a new name in its parent folder, which must become stable too.
        for (let made = resolve(path); first !== undefined; made = dirname(made)) {
            await this.syncFolder(dirname(made))
            if (made === resolve(first) || made === dirname(made)) {
                break
            }
        }
    }

    async list(folder: string): Promise<string[] | null> {
        try {
            return await this.#descriptors.list(folder)
        } catch (error) {
            if (isMissing(error)) {
                return null
            }
            throw error
        }
    }

    async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
        return mode === 'read'
            ? this.#fileOf(await this.#descriptors.open(path, 'r'))
            : await this.#openRecords(path, 'r+')
    }

    async create(path: string, use: 'once' | 'records' = 'once'): Promise<DiskFile> {
        // Removing first makes a new inode, so a reader of the old file keeps the old file.
        await rm(path, { force: true })
        return use === 'records'
            ? await this.#openRecords(path, 'wx+')
            : this.#fileOf(await this.#descriptors.open(path, 'wx+', FILE_MODE))
    }

    #fileOf(descriptor: number): SystemFile {
        return new SystemFile(this.#descriptors, descriptor)
    }

    /** Opens a file with stable writes, if the file system has fast ones. */
    async #openRecords(path: string, flags: string): Promise<DiskFile> {
        const descriptor = await this.#descriptors.open(path, flags, FILE_MODE)
        const stable = await openStable(this.#descriptors, path)
        if (stable === null) {
            return this.#fileOf(descriptor)
        }
        this.#descriptors.close(descriptor)
        return new StableFile(this.#descriptors, stable)
    }

    async rename(from: string, to: string): Promise<void> {
        await rename(from, to)
    }

    async remove(path: string): Promise<void> {
        await rm(path, { force: true })
    }

    async syncFolder(folder: string): Promise<void> {
        if (process.platform === 'win32') {
            // Windows cannot open folders. Names are as stable as the system makes them.
            return
        }
        const descriptor = await this.#descriptors.open(folder, 'r')
        try {
            await fsyncLater(descriptor)
        } finally {
            this.#descriptors.close(descriptor)
        }
    }

    async birth(path: string): Promise<FileBirth> {
        const { ino, birthtimeNs } = await stat(path, { bigint: true })
        const isTold = birthtimeNs > 0n && await reportsBirthTime()
        return { inode: String(ino), born: isTold ? String(birthtimeNs) : null }
    }

    async holders(folder: string): Promise<string[]> {
        return await lockHolders(folder)
    }

    async hold(folder: string): Promise<Hold> {
        this.#descriptors.reserve()
        try {
            const { release } = await lockFolder(folder)
            return {
                release: async () => {
                    this.#descriptors.release()
                    await release()
                }
            }
        } catch (error) {
            this.#descriptors.release()
            throw error
        }
    }
}
