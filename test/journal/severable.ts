import type { FileBirth, Disk, DiskFile, Hold } from '../../src/journal/disk.js'
import { FileSystem } from '../../src/journal/filesystem.js'

/**
 * The disk of this machine as a process sees it that can be killed without killing the one the test
 * runs in: from then on nothing it does has any effect, and it holds no folder.
 */
export class Severable implements Disk {
    readonly #system = new FileSystem()
    readonly #open = new Set<DiskFile>()
    readonly #holds = new Set<Hold>()
    #isSevered = false

    /** Kills it. */
    async sever(): Promise<void> {
        this.#isSevered = true
        await Promise.all([...this.#open].map((file) => file.close()))
        await Promise.all([...this.#holds].map((hold) => hold.release()))
    }

    async makeFolder(path: string): Promise<void> {
        await this.#alive().makeFolder(path)
    }

    async list(folder: string): Promise<string[] | null> {
        return await this.#alive().list(folder)
    }

    async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
        return this.#watch(await this.#alive().open(path, mode))
    }

    async create(path: string, use?: 'once' | 'records'): Promise<DiskFile> {
        return this.#watch(await this.#alive().create(path, use))
    }

    async rename(from: string, to: string): Promise<void> {
        await this.#alive().rename(from, to)
    }

    async remove(path: string): Promise<void> {
        await this.#alive().remove(path)
    }

    async syncFolder(folder: string): Promise<void> {
        await this.#alive().syncFolder(folder)
    }

    async birth(path: string): Promise<FileBirth> {
        return await this.#alive().birth(path)
    }

    async holders(folder: string): Promise<readonly string[]> {
        return await this.#alive().holders(folder)
    }

    async hold(folder: string): Promise<Hold> {
        const hold = await this.#alive().hold(folder)
        this.#holds.add(hold)
        return {
            release: async () => {
                this.#holds.delete(hold)
                await hold.release()
            }
        }
    }

    #alive(): FileSystem {
        if (this.#isSevered) {
            throw new Error('The process is dead.')
        }
        return this.#system
    }

    #watch(file: DiskFile): DiskFile {
        this.#open.add(file)
        const { writeStable } = file
        return {
            ...(writeStable === undefined ? {} : {
                writeStable: async (bytes, at) => await writeStable.call(file, bytes, at)
            }),
            size: async () => await file.size(),
            read: async (into, at) => await file.read(into, at),
            write: async (bytes, at) => await file.write(bytes, at),
            truncate: async (size) => await file.truncate(size),
            sync: async () => await file.sync(),
            close: async () => {
                if (this.#open.delete(file)) {
                    await file.close()
                }
            }
        }
    }
}
