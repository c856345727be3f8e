import {
    existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import type { Dice } from '../journal/dice.js'
import { SECTOR, sectors } from '../support/sectors.js'

/** How what was not synchronized fares when the power goes. */
export type Luck = 'lost' | 'mixed' | 'torn'

/** The names of a folder's files, and the number of the inode each stands for. */
type Names = Map<string, string>

/**
 * The other end of the shim: what was synchronized in one folder, and the loss of power that leaves
 * nothing else for certain. It outlives the processes that use the folder.
 */
export class Shadow {
    readonly folder: string
    readonly #shadow: string

    constructor(folder: string, shadow: string) {
        this.folder = folder
        this.#shadow = shadow
        mkdirSync(folder, { recursive: true })
        mkdirSync(shadow, { recursive: true })
        this.#settle()
    }

    /** What a process finds in its environment that is to stand on this disk. */
    environment(shim: string): Readonly<Record<string, string>> {
        return {
            LD_PRELOAD: shim,
            KIBITZ_SHIM_FOLDER: this.folder,
            KIBITZ_SHIM_SHADOW: this.#shadow,
            // What goes to the kernel by a ring does not pass the shim.
            UV_USE_IO_URING: '0'
        }
    }

    /** Lets all calls of a kind fail from now on, or no more. */
    order(order: { readonly call: 'write' | 'sync', readonly errno: number } | null): void {
        const path = join(this.#shadow, 'order')
        rmSync(path, { force: true })
        if (order !== null) {
            writeFileSync(path, `${order.call} ${order.errno}`)
        }
    }

    /** What a process still tried to write or to synchronize after the first failure. */
    get tried(): readonly string[] {
        const path = join(this.#shadow, 'log')
        return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
    }

    /** The names that are stable. */
    get stable(): Names {
        const text = existsSync(this.#names) ? readFileSync(this.#names, 'utf8') : ''
        return new Map(text.split('\n').slice(0, -1).map((line) => {
            const [inode = '', name = ''] = line.split(' ')
            return [name, inode]
        }))
    }

    /**
     * Takes the power away, and gives it back; whoever used the folder is dead.
     *
     * @returns How many bytes were not what they had been.
     */
    losePower(random: Dice, luck: Luck): number {
        const seen = this.#seen()
        for (const [name, inode] of seen) {
            if (!existsSync(this.#live(inode))) {
                linkSync(join(this.folder, name), this.#live(inode))
            }
        }
        const kept = this.#choose(seen, random, luck)
        let lost = 0
        for (const inode of new Set(kept.values())) {
            lost += this.#lose(inode, random, luck)
        }
        for (const name of seen.keys()) {
            rmSync(join(this.folder, name))
        }
        for (const [name, inode] of kept) {
            linkSync(this.#live(inode), join(this.folder, name))
        }
        this.#settle()
        return lost
    }

    get #names(): string {
        return join(this.#shadow, 'names')
    }

    #live(inode: string): string {
        return join(this.#shadow, 'live', inode)
    }

    #stored(inode: string): string {
        return join(this.#shadow, 'stable', inode)
    }

    /** The names that every process sees. Sockets are of no disk. */
    #seen(): Names {
        const names: Names = new Map()
        for (const name of readdirSync(this.folder)) {
            const stat = lstatSync(join(this.folder, name))
            if (stat.isFile()) {
                names.set(name, String(stat.ino))
            }
        }
        return names
    }

    /** Each name is what it was when the folder was synchronized, or else what it is by now. */
    #choose(seen: Names, random: Dice, luck: Luck): Names {
        const kept = this.stable
        for (const name of new Set([...seen.keys(), ...kept.keys()])) {
            const inode = seen.get(name)
            if (inode === kept.get(name) || luck === 'lost' || random(2) === 0) {
                continue
            }
            if (inode === undefined) {
                kept.delete(name)
            } else {
                kept.set(name, inode)
            }
        }
        return kept
    }

    /** Lets a file be what was stored of it, with some of what was not. */
    #lose(inode: string, random: Dice, luck: Luck): number {
        const path = this.#stored(inode)
        const stable = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
        const seen = readFileSync(this.#live(inode))
        const left = luck === 'lost' ? stable
            : luck === 'torn' ? torn(stable, seen, random)
            : mixed(stable, seen, random)
        if (left.equals(seen)) {
            return 0
        }
        // The same inode: a member knows its files by it.
        writeFileSync(this.#live(inode), left)
        return Math.max(1, Math.abs(seen.length - left.length))
    }

    /** What there is now is stable. */
    #settle(): void {
        for (const part of ['live', 'stable', 'log', 'order']) {
            rmSync(join(this.#shadow, part), { recursive: true, force: true })
        }
        mkdirSync(join(this.#shadow, 'live'))
        mkdirSync(join(this.#shadow, 'stable'))
        const lines: string[] = []
        for (const [name, inode] of this.#seen()) {
            const path = join(this.folder, name)
            if (!existsSync(this.#live(inode))) {
                linkSync(path, this.#live(inode))
                writeFileSync(this.#stored(inode), readFileSync(path))
            }
            lines.push(`${inode} ${name}\n`)
        }
        writeFileSync(this.#names, lines.join(''))
    }
}

/** What was written first is stored up to some byte, or some sector in place of other bytes. */
function torn(stable: Buffer, seen: Buffer, random: Dice): Buffer {
    const common = Math.min(stable.length, seen.length)
    let same = 0
    while (same < common && stable[same] === seen[same]) {
        same++
    }
    const byte = same + random(seen.length - same + 1)
    const cut = Math.min(Math.ceil(byte / SECTOR) * SECTOR, Math.max(byte, common))
    return cut < stable.length
        ? Buffer.concat([seen.subarray(0, cut), stable.subarray(cut)])
        : seen.subarray(0, cut)
}

/** Each sector is stored or not, and what lies between is zeros. */
function mixed(stable: Buffer, seen: Buffer, random: Dice): Buffer {
    const length = random(2) === 0 ? stable.length : seen.length
    const left = Buffer.alloc(length)
    stable.copy(left)
    for (const [from, to] of sectors(0, Math.min(length, seen.length))) {
        if (random(2) === 0) {
            seen.copy(left, from, from, to)
        }
    }
    return left
}
