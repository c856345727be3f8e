import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FileBirth, Disk, DiskFile, Hold } from '../../src/journal/disk.js'
import { FileSystem } from '../../src/journal/filesystem.js'

/** A file that was read once: its bytes are never changed, only replaced. */
interface Imaged {
    bytes: Buffer
    readonly birth: FileBirth
}

/** A file of an image, open. */
class ImagedFile implements DiskFile {
    readonly #file: Imaged

    constructor(file: Imaged) {
        this.#file = file
    }

    size(): Promise<number> {
        return Promise.resolve(this.#file.bytes.length)
    }

    read(into: Uint8Array, at: number): Promise<number> {
        return Promise.resolve(this.#file.bytes.copy(into, 0, at))
    }

    write(bytes: Uint8Array, at: number): Promise<void> {
        const grown = Buffer.alloc(Math.max(this.#file.bytes.length, at + bytes.length))
        this.#file.bytes.copy(grown)
        grown.set(bytes, at)
        this.#file.bytes = grown
        return Promise.resolve()
    }

    truncate(size: number): Promise<void> {
        this.#file.bytes = this.#file.bytes.subarray(0, size)
        return Promise.resolve()
    }

    sync(): Promise<void> {
        return Promise.resolve()
    }

    close(): Promise<void> {
        return Promise.resolve()
    }
}

/** The folder of a member as it was, in memory: inodes and births too, so that it is no copy. */
export class Image implements Disk {
    readonly folder: string
    readonly #files: Map<string, Imaged>

    private constructor(folder: string, files: Map<string, Imaged>) {
        this.folder = folder
        this.#files = files
    }

    /** What there is in a folder that nobody uses. */
    static async of(folder: string): Promise<Image> {
        const system = new FileSystem()
        const names = (await system.list(folder) ?? []).filter((name) => !/^hold/.test(name))
        const files = await Promise.all(names.map(async (name) => {
            const path = join(folder, name)
            const imaged = { bytes: readFileSync(path), birth: await system.birth(path) }
            return [path, imaged] as const
        }))
        return new Image(folder, new Map(files))
    }

    /** The paths of all files. */
    get paths(): readonly string[] {
        return [...this.#files.keys()].sort()
    }

    /** What a file holds. */
    bytes(path: string): Buffer {
        return this.#find(path).bytes
    }

    /** The same once more, with some bits of one byte flipped where it is said which. */
    twin(flip?: { readonly path: string, readonly at: number, readonly mask: number }): Image {
        const twin = new Image(this.folder, new Map([...this.#files].map(([path, file]) => {
            return [path, { ...file }]
        })))
        if (flip !== undefined) {
            const file = twin.#find(flip.path)
            file.bytes = Buffer.from(file.bytes)
            file.bytes.writeUInt8(file.bytes.readUInt8(flip.at) ^ flip.mask, flip.at)
        }
        return twin
    }

    makeFolder(): Promise<void> {
        return Promise.resolve()
    }

    list(folder: string): Promise<string[]> {
        return Promise.resolve(this.paths.map((path) => path.slice(folder.length + 1)))
    }

    open(path: string): Promise<DiskFile> {
        return Promise.resolve(new ImagedFile(this.#find(path)))
    }

    create(path: string): Promise<DiskFile> {
        // No other file has that inode.
        const file = { bytes: Buffer.alloc(0), birth: { inode: path, born: '1' } }
        this.#files.set(path, file)
        return Promise.resolve(new ImagedFile(file))
    }

    rename(from: string, to: string): Promise<void> {
        this.#files.set(to, this.#find(from))
        this.#files.delete(from)
        return Promise.resolve()
    }

    remove(path: string): Promise<void> {
        this.#files.delete(path)
        return Promise.resolve()
    }

    syncFolder(): Promise<void> {
        return Promise.resolve()
    }

    birth(path: string): Promise<FileBirth> {
        return Promise.resolve(this.#find(path).birth)
    }

    holders(): Promise<string[]> {
        return Promise.resolve([])
    }

    hold(): Promise<Hold> {
        return Promise.resolve({ release: () => Promise.resolve() })
    }

    #find(path: string): Imaged {
        const file = this.#files.get(path)
        if (file === undefined) {
            throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
        }
        return file
    }
}
