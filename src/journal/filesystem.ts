import { fdatasync, fstat, fsync, ftruncate, read, write } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Descriptors } from './file-descriptors.js'
import type { FileBirth, Disk, DiskFile, Hold } from './disk.js'
import { lockHolders, lockFolder } from './folder-lock.js'

/** Published values may be confidential: only the user of the process may read the files. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

const system = {
    fdatasync: promisify(fdatasync),
    fstat: promisify(fstat),
    fsync: promisify(fsync),
    ftruncate: promisify(ftruncate),
    read: promisify(read),
    write: promisify(write)
}

function isMissing(error: unknown): boolean {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** A file of the system. */
class SystemFile implements DiskFile {
    readonly #descriptors: Descriptors
    readonly #descriptor: number
    #isOpen = true

    constructor(descriptors: Descriptors, descriptor: number) {
        this.#descriptors = descriptors
        this.#descriptor = descriptor
    }

    async size(): Promise<number> {
        return (await system.fstat(this.#requireOpen())).size
    }

    async read(into: Uint8Array, at: number): Promise<number> {
        let done = 0
        while (done < into.length) {
            const { bytesRead } = await system.read(
                this.#requireOpen(), into, done, into.length - done, at + done)
            if (bytesRead === 0) {
                break
            }
            done += bytesRead
        }
        return done
    }

    async write(bytes: Uint8Array, at: number): Promise<void> {
        for (let done = 0; done < bytes.length;) {
            // A nearly full disk writes a part, and the next write reports the error.
            const { bytesWritten } = await system.write(
                this.#requireOpen(), bytes, done, bytes.length - done, at + done)
            done += bytesWritten
        }
    }

    async truncate(size: number): Promise<void> {
        await system.ftruncate(this.#requireOpen(), size)
    }

    async sync(): Promise<void> {
        // `fdatasync` writes the data, and the metadata that reading needs, such as the length.
        await system.fdatasync(this.#requireOpen())
    }

    close(): Promise<void> {
        if (this.#isOpen) {
            this.#isOpen = false
            this.#descriptors.close(this.#descriptor)
        }
        return Promise.resolve()
    }

    /** The descriptor of the open file. After a close, another file may have the same number. */
    #requireOpen(): number {
        if (!this.#isOpen) {
            throw new Error('EBADF: the file is closed')
        }
        return this.#descriptor
    }
}

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
        return await this.#openFile(path, mode === 'read' ? 'r' : 'r+')
    }

    async create(path: string): Promise<DiskFile> {
        // Removing first makes a new inode, so a reader of the old file keeps the old file.
        await rm(path, { force: true })
        return await this.#openFile(path, 'wx+')
    }

    async #openFile(path: string, flags: string): Promise<DiskFile> {
        const descriptor = await this.#descriptors.open(path, flags, FILE_MODE)
        return new SystemFile(this.#descriptors, descriptor)
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
            await system.fsync(descriptor)
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
