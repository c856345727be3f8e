import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileJournal } from '../../src/journal/file-journal.js'
import type { Journal } from '../../src/journal/journal.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import type { Dice } from '../simulation/dice.js'
import type { Keeping } from './fortune.js'
import type { SlowLedger } from './slow.js'
import type { Citizen } from './town.js'
import { UnderWay, WatchedDisk } from './watched.js'

/** How large a file of a journal is, in bytes. */
export const SEGMENT_SIZE = 65_536

/** A process that lives. */
export type Resident = Citizen<SlowLedger>

/** A name, and whatever outlives the processes that bear the name. */
export interface Member {
    readonly id: string
    /** A folder, or a store in memory; `null` where the member has no journal. */
    readonly store: MemoryStore | string | null
    /** `null` while the member is away. */
    resident: Resident | null
    disk: WatchedDisk | null
    /** Whether `join` or `bootstrap` has not settled yet. */
    isJoining: boolean
    /** Whether the member has asked to leave. */
    isLeaving: boolean
    /** When the member was last cut off, or last came back. */
    strayedAt: number
}

/** A member that is not away. */
export type Living = Member & { readonly resident: Resident }

/** The journals of a life: in memory, or in a temporary folder of this machine. */
export class Journals {
    readonly #dice: Dice
    readonly #underWay = new UnderWay()
    readonly #folder = mkdtempSync(join(tmpdir(), 'kibitz-life-'))

    constructor(dice: Dice) {
        this.#dice = dice
    }

    /** What a member writes its journal to. */
    store(id: string, keeping: Keeping): Member['store'] {
        const kind = keeping === 'some'
            ? this.#dice.pick(['none', 'memory', 'file'] as const) : keeping
        if (kind === 'none') {
            return null
        }
        return kind === 'memory' ? new MemoryStore() : join(this.#folder, id)
    }

    /** A journal for a new process of a member. */
    of(member: Member): Journal | null {
        const { store } = member
        if (store === null) {
            return null
        }
        if (typeof store !== 'string') {
            return new MemoryJournal(store)
        }
        member.disk = new WatchedDisk(this.#underWay)
        return new FileJournal(store, { disk: member.disk, segmentSize: SEGMENT_SIZE })
    }

    /** Resolves once no call to the disk of this machine is under way. */
    settled(): Promise<void> {
        return this.#underWay.over()
    }

    /** Leaves no folder behind. */
    remove(): void {
        rmSync(this.#folder, { recursive: true, force: true })
    }
}
