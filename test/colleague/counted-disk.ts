import type { FileBirth, Disk, DiskFile, Hold } from '../../src/journal/disk.js'
import { Severable } from '../journal/severable.js'

/** Counts the disk calls under way, for all disks that share the count. */
export class CallsUnderWay {
    #count = 0
    #over: (() => void)[] = []

    /** Counts a call until it ends. */
    async during<T>(call: Promise<T>): Promise<T> {
        this.#count++
        try {
            return await call
        } finally {
            this.#count--
            // The end of the last call may begin another call in the same turn.
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
 * The real disk for a member with a mocked clock. Counts the calls under way, so that the clock
 * waits for their end. A test can kill the member at any call.
 */
export class CountedDisk implements Disk {
    readonly #disk = new Severable()
    readonly #underWay: CallsUnderWay

    constructor(underWay: CallsUnderWay) {
        this.#underWay = underWay
    }

    /** Simulates the kill of the process: later calls have no effect, and the lock is free. */
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

    create(path: string, use?: 'once' | 'records'): Promise<DiskFile> {
        return this.#during(this.#disk.create(path, use).then((file) => this.#watch(file)))
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

    birth(path: string): Promise<FileBirth> {
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
        const { writeStable } = file
        return {
            ...(writeStable === undefined ? {} : {
                writeStable: (bytes, at) => this.#during(writeStable.call(file, bytes, at))
            }),
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
