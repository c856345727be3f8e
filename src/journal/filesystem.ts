import {
    type FileHandle, mkdir, open, readdir, rename, rm, stat
} from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Birth, Disk, DiskFile, Hold } from './disk.js'
import { holdersOf, takeHold } from './hold.js'

function isMissing(error: unknown): boolean {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** A file of the system. */
class SystemFile implements DiskFile {
    readonly #handle: FileHandle

    constructor(handle: FileHandle) {
        this.#handle = handle
    }

    async size(): Promise<number> {
        return (await this.#handle.stat()).size
    }

    async read(into: Uint8Array, at: number): Promise<number> {
        let done = 0
        while (done < into.length) {
            const { bytesRead } = await this.#handle.read(into, done, into.length - done, at + done)
            if (bytesRead === 0) {
                break
            }
            done += bytesRead
        }
        return done
    }

    async write(bytes: Uint8Array, at: number): Promise<void> {
        for (let done = 0; done < bytes.length;) {
            // A disk that is nearly full takes a part, and says why with the next.
            const { bytesWritten } = await this.#handle.write(
                bytes, done, bytes.length - done, at + done)
            done += bytesWritten
        }
    }

    async truncate(size: number): Promise<void> {
        await this.#handle.truncate(size)
    }

    async sync(): Promise<void> {
        // Data, and as much about the file as it takes to read them again, such as its length.
        await this.#handle.datasync()
    }

    async close(): Promise<void> {
        await this.#handle.close()
    }
}

/** Whether the system tells when an inode was made. */
async function tellsBirths(): Promise<boolean> {
    if (process.platform !== 'linux') {
        return true
    }
    // A system too old to know says when the inode was last changed. Of what is in /proc a system
    // that knows says nothing, and the other one says that too.
    return (await stat('/proc/self', { bigint: true })).birthtimeNs === 0n
}

/** The disk of this machine. */
export class FileSystem implements Disk {
    async makeFolder(path: string): Promise<void> {
        const first = await mkdir(path, { recursive: true })
        // Each folder made is a name in the one above it.
        for (let made = resolve(path); first !== undefined; made = dirname(made)) {
            await this.syncFolder(dirname(made))
            if (made === resolve(first) || made === dirname(made)) {
                break
            }
        }
    }

    async list(folder: string): Promise<string[] | null> {
        try {
            return await readdir(folder)
        } catch (error) {
            if (isMissing(error)) {
                return null
            }
            throw error
        }
    }

    async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
        return new SystemFile(await open(path, mode === 'read' ? 'r' : 'r+'))
    }

    async create(path: string): Promise<DiskFile> {
        // A new inode in any case: who has the old file open keeps it.
        await rm(path, { force: true })
        return new SystemFile(await open(path, 'wx+'))
    }

    async rename(from: string, to: string): Promise<void> {
        await rename(from, to)
    }

    async remove(path: string): Promise<void> {
        await rm(path, { force: true })
    }

    async syncFolder(folder: string): Promise<void> {
        if (process.platform === 'win32') {
            // Folders cannot be opened there, and names are as stable as the system makes them.
            return
        }
        const handle = await open(folder, 'r')
        try {
            await handle.sync()
        } finally {
            await handle.close()
        }
    }

    async birth(path: string): Promise<Birth> {
        const { ino, birthtimeNs } = await stat(path, { bigint: true })
        const isTold = birthtimeNs > 0n && await tellsBirths()
        return { inode: String(ino), born: isTold ? String(birthtimeNs) : null }
    }

    async holders(folder: string): Promise<string[]> {
        return await holdersOf(folder)
    }

    async hold(folder: string): Promise<Hold> {
        return await takeHold(folder)
    }
}
