import type { FileBirth, Disk, DiskFile, Hold } from '../../src/journal/disk.js'
import { applied, type Change, type Inode } from './inode.js'
import type { Call, Platter } from './platter.js'

/** A disk as one process sees it. */
export class View implements Disk {
    readonly #platter: Platter
    readonly #life: number

    constructor(platter: Platter, life: number) {
        this.#platter = platter
        this.#life = life
    }

    async makeFolder(): Promise<void> {
        await Promise.resolve()
    }

    async list(folder: string): Promise<string[]> {
        this.#platter.enter(this.#life, 'list', folder)
        return await Promise.resolve(this.#platter.paths()
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1)))
    }

    async open(path: string): Promise<DiskFile> {
        this.#platter.enter(this.#life, 'open', path)
        return await Promise.resolve(
            new OpenFile(this.#platter, this.#life, path, this.#platter.find(path)))
    }

    async create(path: string): Promise<DiskFile> {
        this.#platter.enter(this.#life, 'create', path)
        return await Promise.resolve(
            new OpenFile(this.#platter, this.#life, path, this.#platter.add(path)))
    }

    async rename(from: string, to: string): Promise<void> {
        this.#platter.enter(this.#life, 'rename', to)
        await Promise.resolve(this.#platter.move(from, to))
    }

    async remove(path: string): Promise<void> {
        this.#platter.enter(this.#life, 'remove', path)
        await Promise.resolve(this.#platter.move(path, null))
    }

    async syncFolder(folder: string): Promise<void> {
        this.#platter.enter(this.#life, 'syncFolder', folder)
        await Promise.resolve(this.#platter.syncNames(folder))
    }

    async birth(path: string): Promise<FileBirth> {
        const { number, born } = this.#platter.find(path)
        const told = this.#platter.tellsBirths ? String(born) : null
        return await Promise.resolve({ inode: String(number), born: told })
    }

    async holders(folder: string): Promise<string[]> {
        return await Promise.resolve(this.#platter.holders(folder))
    }

    async hold(folder: string): Promise<Hold> {
        this.#platter.take(folder, this.#life)
        return await Promise.resolve({
            release: async () => {
                await Promise.resolve(this.#platter.leave(folder, this.#life))
            }
        })
    }
}

class OpenFile implements DiskFile {
    readonly #platter: Platter
    readonly #life: number
    readonly #path: string
    readonly #inode: Inode
    readonly writeStable?: (bytes: Uint8Array, at: number) => Promise<void>

    constructor(platter: Platter, life: number, path: string, inode: Inode) {
        this.#platter = platter
        this.#life = life
        this.#path = path
        this.#inode = inode
        if (!platter.isPlain) {
            this.writeStable = async (bytes, at) => {
                await this.write(bytes, at)
                await this.sync()
            }
        }
    }

    async size(): Promise<number> {
        this.#enter('size')
        return await Promise.resolve(this.#inode.seen.length)
    }

    async read(into: Uint8Array, at: number): Promise<number> {
        this.#enter('read')
        return await Promise.resolve(this.#inode.seen.copy(into, 0, at))
    }

    async write(bytes: Uint8Array, at: number): Promise<void> {
        this.#enter('write')
        await Promise.resolve(this.#change({ at, bytes: Buffer.from(bytes) }))
    }

    async truncate(size: number): Promise<void> {
        this.#enter('truncate')
        await Promise.resolve(this.#change({ size }))
    }

    async sync(): Promise<void> {
        const inode = this.#inode
        const pending = inode.changes
        try {
            this.#enter('sync')
        } catch (error) {
            // What could not be stored is forgotten: the system takes it for stored from now on.
            inode.changes = []
            throw error
        }
        if (!this.#platter.isLiar) {
            inode.stable = pending.reduce(applied, inode.stable)
            inode.changes = []
        }
        await Promise.resolve()
    }

    async close(): Promise<void> {
        await Promise.resolve()
    }

    #enter(name: Call['name']): void {
        this.#platter.enter(this.#life, name, this.#path)
    }

    #change(change: Change): void {
        this.#inode.seen = applied(this.#inode.seen, change)
        this.#inode.changes.push(change)
    }
}
