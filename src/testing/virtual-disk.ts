import type { Disk, DiskFile, FileBirth, Hold } from '../journal/disk.js'
import { locked } from '../journal/errors.js'
import type { Dice } from './dice.js'
import type { VirtualTimeline } from './virtual-timeline.js'
import { type FileChange, VirtualFile } from './virtual-file.js'

/** The error of a call of an ended process. */
function ended(): Error {
    return Object.assign(new Error('ESHUTDOWN: the process has ended'), { code: 'ESHUTDOWN' })
}

function missing(path: string): Error {
    return Object.assign(new Error(`ENOENT: no such file, ${path}`), { code: 'ENOENT' })
}

/**
 * A disk in memory on virtual time. The end of a process keeps all written bytes. A loss of power
 * keeps the synchronized bytes and names, and random sectors and names of later changes.
 */
export class VirtualDisk {
    /** The additional duration of each synchronization, in milliseconds. */
    slowMs = 0
    readonly #timeline: VirtualTimeline
    readonly #dice: Dice
    readonly #syncMs: number
    #names = new Map<string, VirtualFile>()
    #stableNames = new Map<string, VirtualFile>()
    #life = 0
    #inodes = 0
    #holder: number | null = null

    /** @param syncMs The longest synchronization without faults, in milliseconds. */
    constructor(timeline: VirtualTimeline, dice: Dice, syncMs: number) {
        this.#timeline = timeline
        this.#dice = dice
        this.#syncMs = syncMs
    }

    /** The disk for a new process. The calls of earlier processes fail. */
    mount(): Disk {
        return new Mount(this, this.#life)
    }

    /** Ends the process: its later calls have no effect. */
    endProcess(): void {
        this.#life++
        this.#holder = null
    }

    /** Ends the process by a loss of power. Returns whether written bytes are lost. */
    losePower(): boolean {
        this.endProcess()
        const dice = this.#dice
        const luck = dice.pick([0, 0, 0.5, 1])
        const isKept = (): boolean => dice.chance(luck)
        for (const path of new Set([...this.#names.keys(), ...this.#stableNames.keys()])) {
            const file = this.#names.get(path)
            if (file !== this.#stableNames.get(path) && isKept()) {
                this.#setStable(path, file)
            }
        }
        let isLoss = false
        for (const file of this.#stableNames.values()) {
            isLoss ||= file.isUnstable && luck < 1
            file.losePower(isKept)
        }
        this.#names = new Map(this.#stableNames)
        return isLoss
    }

    /** Removes all files, like a new disk. */
    erase(): void {
        this.endProcess()
        this.#names.clear()
        this.#stableNames.clear()
    }

    /** Fails for the calls of an ended process. */
    enter(life: number): void {
        if (life !== this.#life) {
            throw ended()
        }
    }

    /** Runs a function after the duration of a synchronization. */
    afterSync(run: () => void): void {
        const delayMs = this.#dice.next() * this.#syncMs + this.slowMs
        this.#timeline.after(delayMs, run)
    }

    /** The file with a path. */
    find(path: string): VirtualFile {
        const file = this.#names.get(path)
        if (file === undefined) {
            throw missing(path)
        }
        return file
    }

    /** Makes an empty file. */
    create(path: string): VirtualFile {
        const file = new VirtualFile(++this.#inodes)
        this.#names.set(path, file)
        return file
    }

    /** Renames a file or a folder; `null` removes the file. */
    move(from: string, to: string | null): void {
        for (const [path, file] of [...this.#names]) {
            if (path === from || path.startsWith(`${from}/`)) {
                this.#names.delete(path)
                if (to !== null) {
                    this.#names.set(to + path.slice(from.length), file)
                }
            }
        }
    }

    /** The names in a folder; `null` for an empty folder. */
    list(folder: string): string[] | null {
        const names = [...this.#names.keys()]
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1))
        return names.length === 0 ? null : names
    }

    /** Makes the names in a folder stable. */
    syncNames(): void {
        this.#stableNames = new Map(this.#names)
    }

    /** Takes the lock of the journal. */
    hold(folder: string, life: number): void {
        if (this.#holder !== null) {
            throw locked(folder, `process ${this.#holder}`)
        }
        this.#holder = life
    }

    /** Releases the lock. */
    release(life: number): void {
        if (this.#holder === life) {
            this.#holder = null
        }
    }

    #setStable(path: string, file: VirtualFile | undefined): void {
        if (file === undefined) {
            this.#stableNames.delete(path)
        } else {
            this.#stableNames.set(path, file)
        }
    }
}

/** The disk as one process sees it. */
class Mount implements Disk {
    readonly #disk: VirtualDisk
    readonly #life: number

    constructor(disk: VirtualDisk, life: number) {
        this.#disk = disk
        this.#life = life
    }

    #do<Value>(call: () => Value): Promise<Value> {
        return new Promise((resolve) => {
            this.#disk.enter(this.#life)
            resolve(call())
        })
    }

    makeFolder(): Promise<void> {
        return this.#do(() => {})
    }

    list(folder: string): Promise<string[] | null> {
        return this.#do(() => this.#disk.list(folder))
    }

    open(path: string): Promise<DiskFile> {
        return this.#do(() => new OpenFile(this.#disk, this.#life, this.#disk.find(path)))
    }

    create(path: string): Promise<DiskFile> {
        return this.#do(() => new OpenFile(this.#disk, this.#life, this.#disk.create(path)))
    }

    rename(from: string, to: string): Promise<void> {
        return this.#do(() => this.#disk.move(from, to))
    }

    remove(path: string): Promise<void> {
        return this.#do(() => this.#disk.move(path, null))
    }

    syncFolder(): Promise<void> {
        return this.#do(() => this.#disk.syncNames())
    }

    birth(path: string): Promise<FileBirth> {
        return this.#do(() => {
            const { inode } = this.#disk.find(path)
            return { inode: String(inode), born: String(inode) }
        })
    }

    holders(): Promise<readonly string[]> {
        return Promise.resolve([])
    }

    hold(folder: string): Promise<Hold> {
        return this.#do(() => {
            this.#disk.hold(folder, this.#life)
            return {
                release: () => {
                    this.#disk.release(this.#life)
                    return Promise.resolve()
                }
            }
        })
    }
}

/** An open file of a process. */
class OpenFile implements DiskFile {
    readonly #disk: VirtualDisk
    readonly #life: number
    readonly #file: VirtualFile

    constructor(disk: VirtualDisk, life: number, file: VirtualFile) {
        this.#disk = disk
        this.#life = life
        this.#file = file
    }

    #do<Value>(call: () => Value): Promise<Value> {
        return new Promise((resolve) => {
            this.#disk.enter(this.#life)
            resolve(call())
        })
    }

    #change(change: FileChange): Promise<void> {
        return this.#do(() => this.#file.change(change))
    }

    size(): Promise<number> {
        return this.#do(() => this.#file.contents.length)
    }

    read(into: Uint8Array, at: number): Promise<number> {
        return this.#do(() => this.#file.contents.copy(into, 0, at))
    }

    write(bytes: Uint8Array, at: number): Promise<void> {
        return this.#change({ at, bytes: Buffer.from(bytes) })
    }

    /** Each promise costs more than the write, so both steps share one. */
    writeStable(bytes: Uint8Array, at: number): Promise<void> {
        return new Promise((resolve, reject) => {
            this.#disk.enter(this.#life)
            this.#file.change({ at, bytes: Buffer.from(bytes) })
            this.#syncThen(resolve, reject)
        })
    }

    truncate(size: number): Promise<void> {
        return this.#change({ size })
    }

    sync(): Promise<void> {
        return new Promise((resolve, reject) => {
            this.#disk.enter(this.#life)
            this.#syncThen(resolve, reject)
        })
    }

    #syncThen(resolve: () => void, reject: (error: unknown) => void): void {
        this.#disk.afterSync(() => {
            try {
                this.#disk.enter(this.#life)
                this.#file.sync()
                resolve()
            } catch (error) {
                reject(error)
            }
        })
    }

    close(): Promise<void> {
        return Promise.resolve()
    }
}
