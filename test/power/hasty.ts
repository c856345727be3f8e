import type { DiskFile } from '../../src/journal/disk.js'
import { FileSystem } from '../../src/journal/filesystem.js'

/** A file whose bytes are said to be stable before they are. */
class HastyFile implements DiskFile {
    readonly #file: DiskFile

    constructor(file: DiskFile) {
        this.#file = file
    }

    size(): Promise<number> {
        return this.#file.size()
    }

    read(into: Uint8Array, at: number): Promise<number> {
        return this.#file.read(into, at)
    }

    write(bytes: Uint8Array, at: number): Promise<void> {
        return this.#file.write(bytes, at)
    }

    truncate(size: number): Promise<void> {
        return this.#file.truncate(size)
    }

    async sync(): Promise<void> {}

    close(): Promise<void> {
        return this.#file.close()
    }
}

/**
 * The planted fault: a journal that answers before it synchronizes. Only the segment that was there
 * is treated so, since of the end of a segment nobody can see that it is lost.
 */
export class Hasty extends FileSystem {
    override async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
        const file = await super.open(path, mode)
        return /\.journal$/.test(path) ? new HastyFile(file) : file
    }
}
