import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileJournal } from '../../src/journal/file-journal.js'
import type { Journal } from '../../src/journal/journal.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import type { Dice } from '../../src/testing/dice.js'
import type { JournalKind } from './life-settings.js'
import type { SlowLedger } from './slow-ledger.js'
import type { Citizen } from './colleague-group.js'
import { CallsUnderWay, CountedDisk } from './counted-disk.js'

/** The size of a journal file, in bytes. */
export const SEGMENT_SIZE = 65_536

/** The running Colleague of a member. */
export type RunningColleague = Citizen<SlowLedger>

/** A member: its id, its journal, and its running Colleague. */
export interface Member {
    readonly id: string
    /** The folder of the journal, or a store in memory; `null` without a journal. */
    readonly store: MemoryStore | string | null
    /** `null` while the member is stopped. */
    running: RunningColleague | null
    disk: CountedDisk | null
    /** Whether `join` or `bootstrap` has not settled yet. */
    isJoining: boolean
    /** Whether the member has asked to leave. */
    isLeaving: boolean
    /** The instant of the last cut or restart. */
    cutOffAt: number
}

/** A running member. */
export type RunningMember = Member & { readonly running: RunningColleague }

/** Whether a republic may exile a member: the member leaves, or was cut off or stopped lately. */
export function mayBeExiled({ cutOffAt, isLeaving }: Member, withinMs: number): boolean {
    return isLeaving || Date.now() - cutOffAt < withinMs
}

/** A description of running members, for the report of a failure. */
export function describeMembers(members: readonly RunningMember[]): string {
    return members.map(({ id, isJoining, isLeaving, running }) => {
        const { application, colleague } = running
        const { role, committed, pending, journal } = colleague.kibitzer.status()
        return `${id} ${role} committed ${committed}, applied ${application.last}, ` +
            `${pending} pending, journal ${journal?.size ?? '-'}` +
            `${isJoining ? ', joining' : ''}${isLeaving ? ', leaving' : ''}`
    }).join('; ')
}

/** The journals of a life, in memory or in a temporary folder. */
export class MemberJournals {
    readonly #dice: Dice
    readonly #underWay = new CallsUnderWay()
    readonly #folder = mkdtempSync(join(tmpdir(), 'kibitz-life-'))

    constructor(dice: Dice) {
        this.#dice = dice
    }

    /** The place of a member's journal. */
    store(id: string, journals: JournalKind): Member['store'] {
        const kind = journals === 'some'
            ? this.#dice.pick(['none', 'memory', 'file'] as const) : journals
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
        member.disk = new CountedDisk(this.#underWay)
        return new FileJournal(store, { disk: member.disk, segmentSize: SEGMENT_SIZE })
    }

    /** Resolves once no disk call is under way. */
    settled(): Promise<void> {
        return this.#underWay.over()
    }

    /** Removes the temporary folder. */
    remove(): void {
        rmSync(this.#folder, { recursive: true, force: true })
    }
}
