import { type FileHandle, open } from 'node:fs/promises'
import type { DiskFile } from '../../src/journal/disk.js'
import { FileSystem } from '../../src/journal/filesystem.js'

/** A file whose bytes are said to be stable before they are. */
class HastyFile implements DiskFile {
    readonly #file: FileHandle

    constructor(file: FileHandle) {
        this.#file = file
    }

    async size(): Promise<number> {
        return (await this.#file.stat()).size
    }

    async read(into: Uint8Array, at: number): Promise<number> {
        return (await this.#file.read(into, 0, into.length, at)).bytesRead
    }

    async write(bytes: Uint8Array, at: number): Promise<void> {
        await this.#file.write(bytes, 0, bytes.length, at)
    }

    async writeStable(bytes: Uint8Array, at: number): Promise<void> {
        await this.write(bytes, at)
    }

    async truncate(size: number): Promise<void> {
        await this.#file.truncate(size)
    }

    async sync(): Promise<void> {}

    async close(): Promise<void> {
        await this.#file.close()
    }
}

/**
 * The planted fault: a journal that answers before it synchronizes. Only the segment that was there
 * is treated so, since of the end of a segment nobody can see that it is lost.
 */
export class Hasty extends FileSystem {
    override async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
        return mode === 'write' && /\.journal$/.test(path)
            ? new HastyFile(await open(path, 'r+'))
            : await super.open(path, mode)
    }
}
