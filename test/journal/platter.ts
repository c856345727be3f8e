import type { Disk } from '../../src/journal/disk.js'
import { locked } from '../../src/journal/errors.js'
import { sectors } from '../support/sectors.js'
import { applied, type Change, Inode } from './inode.js'
import { View } from './view.js'

/** Says of each sector, and of each name, that was not synchronized, whether it is kept. */
export type Luck = (what: string) => boolean

/** A call that reached the disk; `path` is the file's name when it was opened. */
export interface Call {
    readonly name: 'create' | 'list' | 'open' | 'read' | 'remove' | 'rename' | 'size' | 'sync'
        | 'syncFolder' | 'truncate' | 'write'
    readonly path: string
    /** How many calls there were before it. */
    readonly index: number
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
    return Object.assign(new Error(`${code}: the disk says so`), { code })
}

/**
 * What a change may be kept of, each part by itself: its sectors, and before them the length it
 * gives to a file so long as nothing of them is there.
 */
function* partsOf(change: Change, length: number): Generator<Change> {
    if ('size' in change) {
        yield change
        return
    }
    const { at, bytes } = change
    if (at + bytes.length > length) {
        yield { at: length, bytes: Buffer.alloc(at + bytes.length - length) }
    }
    for (const [from, to] of sectors(at, at + bytes.length)) {
        yield { at: from, bytes: bytes.subarray(from - at, to - at) }
    }
}

/**
 * A disk in memory that remembers what was synchronized. Of everything else a loss of power keeps
 * what `Luck` says: any sectors of any write, any change of a name, each by itself.
 *
 * Folders are flat: a path is its folder, a slash and a name.
 */
export class Platter {
    #seen = new Map<string, Inode>()
    #stable = new Map<string, Inode>()
    #inodes = 0
    #life = 0
    #calls = 0
    readonly #holders = new Map<string, number>()
    /** Sees every call before it is carried out; what it throws is the answer. */
    onCall: (call: Call) => void = () => {}
    /** Whether it tells when a file was made. */
    tellsBirths = true
    /** Whether it only writes and synchronizes, and has no call for both. */
    isPlain = false
    /** Whether a synchronization that says it was done was not. */
    isLiar = false

    /** How many calls there were. */
    get calls(): number {
        return this.#calls
    }

    /** The disk as a process sees it, until that crashes. */
    disk(): Disk {
        return new View(this, this.#life)
    }

    /** Kills whoever uses it. The system goes on: all that was written is seen by the next. */
    crash(): void {
        this.#life++
        this.#holders.clear()
    }

    /** Takes the power away, and gives it back. */
    losePower(keeps: Luck): void {
        this.crash()
        for (const name of new Set([...this.#seen.keys(), ...this.#stable.keys()])) {
            const now = this.#seen.get(name)
            if (now !== this.#stable.get(name) && keeps(`the name ${name}`)) {
                this.#name(this.#stable, name, now)
            }
        }
        for (const [name, inode] of this.#stable) {
            let bytes = inode.stable
            for (const change of inode.changes) {
                for (const part of partsOf(change, bytes.length)) {
                    const what = 'size' in part ? part.size : `${part.at}+${part.bytes.length}`
                    bytes = keeps(`${what} of ${name}`) ? applied(bytes, part) : bytes
                }
            }
            inode.stable = inode.seen = bytes
            inode.changes = []
        }
        this.#seen = new Map(this.#stable)
    }

    /** What a file holds, or `null`. */
    contents(path: string): Buffer | null {
        return this.#seen.get(path)?.seen ?? null
    }

    /** The paths of all files. */
    paths(): string[] {
        return [...this.#seen.keys()].sort()
    }

    /** Changes what is stored, behind everybody's back. `null` takes the file away. */
    tamper(path: string, bytes: Buffer | null): void {
        const inode = this.#seen.get(path)
        if (bytes === null || inode === undefined) {
            this.#seen.delete(path)
            this.#stable.delete(path)
            return
        }
        inode.seen = inode.stable = Buffer.from(bytes)
    }

    /** The same files once more, as a backup has them, under inodes of their own. */
    copy(): Platter {
        const copy = new Platter()
        copy.#inodes = this.#inodes
        for (const [path, { seen }] of this.#seen) {
            const inode = copy.#inode()
            inode.seen = inode.stable = Buffer.from(seen)
            copy.#seen.set(path, inode)
            copy.#stable.set(path, inode)
        }
        return copy
    }

    /** The same disk as it is now, inodes and all, to try something on. */
    twin(): Platter {
        const twin = this.copy()
        for (const [path, { number, born, seen, stable, changes }] of this.#seen) {
            const inode = Object.assign(new Inode(number, born), {
                seen: Buffer.from(seen), stable: Buffer.from(stable), changes: [...changes]
            })
            twin.#seen.set(path, inode)
        }
        twin.#stable = new Map([...this.#stable].map(([path, inode]) => {
            const known = [...twin.#seen.values()].find(({ number }) => number === inode.number)
            return [path, known ?? inode]
        }))
        return twin
    }

    /** Every call of a view comes through here. Those of a process that is dead end here. */
    enter(life: number, name: Call['name'], path: string): void {
        if (life !== this.#life) {
            throw systemError('ESHUTDOWN')
        }
        this.onCall({ name, path, index: this.#calls++ })
    }

    /** @internal */
    find(path: string): Inode {
        const inode = this.#seen.get(path)
        if (inode === undefined) {
            throw systemError('ENOENT')
        }
        return inode
    }

    /** @internal */
    add(path: string): Inode {
        const inode = this.#inode()
        this.#seen.set(path, inode)
        return inode
    }

    /** @internal */
    move(from: string, to: string | null): void {
        if (to !== null) {
            this.#seen.set(to, this.find(from))
        }
        this.#seen.delete(from)
    }

    /** @internal */
    syncNames(folder: string): void {
        for (const name of new Set([...this.#seen.keys(), ...this.#stable.keys()])) {
            if (name.startsWith(`${folder}/`) && !this.isLiar) {
                this.#name(this.#stable, name, this.#seen.get(name))
            }
        }
    }

    /** @internal */
    take(folder: string, life: number): void {
        if (this.#holders.has(folder)) {
            throw locked(folder, `life ${this.#holders.get(folder)}`)
        }
        this.#holders.set(folder, life)
    }

    /** @internal */
    leave(folder: string, life: number): void {
        if (this.#holders.get(folder) === life) {
            this.#holders.delete(folder)
        }
    }

    /** The holders of a folder. */
    holders(folder: string): string[] {
        return this.#holders.has(folder) ? [`life ${this.#holders.get(folder)}`] : []
    }

    #inode(): Inode {
        this.#inodes++
        return new Inode(this.#inodes, this.#inodes * 1000)
    }

    #name(names: Map<string, Inode>, name: string, inode: Inode | undefined): void {
        if (inode === undefined) {
            names.delete(name)
        } else {
            names.set(name, inode)
        }
    }
}
