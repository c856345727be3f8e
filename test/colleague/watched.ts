import type { Birth, Disk, DiskFile, Hold } from '../../src/journal/disk.js'
import { Severable } from '../journal/severable.js'

/** The calls to disks that are under way, over all disks that share the count. */
export class UnderWay {
    #count = 0
    #over: (() => void)[] = []

    /** Counts a call until it ends. */
    async during<T>(call: Promise<T>): Promise<T> {
        this.#count++
        try {
            return await call
        } finally {
            this.#count--
            // What follows from the last call may begin another one.
            setImmediate(() => this.#tell())
        }
    }

    /** Resolves once no call is under way. */
    over(): Promise<void> {
        return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => {
            this.#over.push(resolve)
        })
    }

    #tell(): void {
        if (this.#count === 0) {
            for (const resolve of this.#over.splice(0)) {
                resolve()
            }
        }
    }
}

/**
 * The disk of this machine for a member whose time is wound by hand: the calls under way are
 * counted, so that no time passes before all have ended. A member can be killed at any call.
 */
export class WatchedDisk implements Disk {
    readonly #disk = new Severable()
    readonly #underWay: UnderWay

    constructor(underWay: UnderWay) {
        this.#underWay = underWay
    }

    /** Kills the process: no later call has any effect, and the folder is free. */
    sever(): Promise<void> {
        return this.#during(this.#disk.sever())
    }

    makeFolder(path: string): Promise<void> {
        return this.#during(this.#disk.makeFolder(path))
    }

    list(folder: string): Promise<string[] | null> {
        return this.#during(this.#disk.list(folder))
    }

    open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
        return this.#during(this.#disk.open(path, mode).then((file) => this.#watch(file)))
    }

    create(path: string): Promise<DiskFile> {
        return this.#during(this.#disk.create(path).then((file) => this.#watch(file)))
    }

    rename(from: string, to: string): Promise<void> {
        return this.#during(this.#disk.rename(from, to))
    }

    remove(path: string): Promise<void> {
        return this.#during(this.#disk.remove(path))
    }

    syncFolder(folder: string): Promise<void> {
        return this.#during(this.#disk.syncFolder(folder))
    }

    birth(path: string): Promise<Birth> {
        return this.#during(this.#disk.birth(path))
    }

    holders(folder: string): Promise<readonly string[]> {
        return this.#during(this.#disk.holders(folder))
    }

    hold(folder: string): Promise<Hold> {
        return this.#during(this.#disk.hold(folder).then((hold) => ({
            release: () => this.#during(hold.release())
        })))
    }

    #watch(file: DiskFile): DiskFile {
        return {
            size: () => this.#during(file.size()),
            read: (into, at) => this.#during(file.read(into, at)),
            write: (bytes, at) => this.#during(file.write(bytes, at)),
            truncate: (size) => this.#during(file.truncate(size)),
            sync: () => this.#during(file.sync()),
            close: () => this.#during(file.close())
        }
    }

    #during<T>(call: Promise<T>): Promise<T> {
        return this.#underWay.during(call)
    }
}
