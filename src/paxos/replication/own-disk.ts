import type { Monotonic } from '../../base/monotonic.js'
import { type InstantState, readInstant, writeInstant } from '../member-time.js'
import type { Ballot } from '../messages/messages.js'

/** The answer of the disk: what the disk held when the answered write began. */
export interface Stable {
    /** The ballot of the leader. */
    readonly ballot: Ballot
    /** The promise of the last entry in the leader's log under the ballot. */
    readonly promise: Monotonic
    /** The leader's commit mark. */
    readonly committed: Monotonic
}

/** The written form of a disk. */
export interface OwnDiskState {
    readonly ballot: Ballot
    readonly through: number
    readonly committed: number
    readonly askedAt: InstantState
    readonly told: Monotonic | null
}

/** What a member knows of its own disk. */
export class OwnDisk {
    /** Whether the process of the member has a disk. */
    isThere = false
    /** The ballot of the last answer. */
    ballot: Ballot = ''
    /** The position through which the disk holds the leader's log under the ballot. */
    through = -1
    /** A commit mark on the disk. */
    committed = -1
    /** The instant since which the leader waits for an answer; negative infinity if it does not. */
    askedAt: number = Number.NEGATIVE_INFINITY
    /** The commit mark that answers tell; `null` if they tell the member's own (`told-mark.ts`). */
    told: Monotonic | null = null

    /** A new process begins: it counts no answer to the earlier process. */
    restart(isThere: boolean): void {
        this.isThere = isThere
        this.ballot = ''
        this.through = -1
        this.committed = -1
        this.askedAt = Number.NEGATIVE_INFINITY
        this.told = null
    }

    /** The written form; `null` without a disk. */
    state(): OwnDiskState | null {
        const { ballot, through, committed, askedAt, told } = this
        return this.isThere
            ? { ballot, through, committed, askedAt: writeInstant(askedAt), told }
            : null
    }

    /** Restores a written form. */
    static restore(state: OwnDiskState | null): OwnDisk {
        const disk = new OwnDisk()
        return state === null ? disk : Object.assign(disk, {
            ...state, isThere: true, askedAt: readInstant(state.askedAt)
        })
    }
}
