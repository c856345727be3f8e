import { fdatasync, fstat, ftruncate, read, write } from 'node:fs'
import { promisify } from 'node:util'
import type { DiskFile } from './disk.js'
import type { Descriptors } from './file-descriptors.js'

const system = {
    fdatasync: promisify(fdatasync),
    fstat: promisify(fstat),
    ftruncate: promisify(ftruncate),
    read: promisify(read),
    write: promisify(write)
}

/** A file of the system. */
export class SystemFile implements DiskFile {
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
        let done = 0
        try {
            while (done < bytes.length) {
                // A nearly full disk writes a part, and the next write reports the error.
                const { bytesWritten } = await system.write(
                    this.#requireOpen(), bytes, done, bytes.length - done, at + done)
                done += bytesWritten
            }
        } catch (error) {
            if (done > 0) {
                // The part may end within a sector of prepared zeros, and a start reads damage.
                await this.truncate(at).catch(() => {})
            }
            throw error
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

/** A file of the system of which every write is stable, because of the flag `O_DSYNC`. */
export class StableFile extends SystemFile implements DiskFile {
    async writeStable(bytes: Uint8Array, at: number): Promise<void> {
        await this.write(bytes, at)
    }
}
