import { freeze } from '../../base/freeze.js'
import type { Monotonic } from '../../base/monotonic.js'
import { type InstantState, readInstant, writeInstant } from '../member-time.js'
import { type Handover, type HandoverState, restoreHandover, stateOfHandover } from './handover.js'

/** The written form of a departure. */
export interface DepartureState {
    readonly leaves: boolean
    readonly tries: number
    readonly triedAt: InstantState
    readonly heir: { readonly id: string; readonly promise: Monotonic } | null
    readonly handover: HandoverState | null
}

/** The member that a leadership was handed over to, and the government that this member leads. */
export interface Heir {
    readonly id: string
    readonly promise: Monotonic
}

/**
 * How far this member has come in leaving the republic or the leadership. A plain record: the files
 * `leave.ts` and `cede.ts` decide.
 */
export class Departure {
    /** This member has asked to leave. */
    leaves = false
    /** How many handovers this member, leaving, has begun. */
    tries = 0
    /** When the last of these began, in the member's own time. */
    triedAt: number = Number.NEGATIVE_INFINITY
    /** The successor of the last handover, once it leads; `null` if the handover failed. */
    heir: Heir | null = null
    /** The handover under way. It outlives the writer, until a government settles the handover. */
    handover: Handover | null = null

    /** The written form. */
    state(): DepartureState {
        const { leaves, tries, heir, handover } = this
        const triedAt = writeInstant(this.triedAt)
        return {
            leaves,
            tries,
            triedAt,
            heir,
            handover: handover === null ? null : stateOfHandover(handover)
        }
    }

    /** Takes over a written form. */
    recall({ leaves, tries, triedAt, heir, handover }: DepartureState): void {
        this.leaves = leaves
        this.tries = tries
        this.triedAt = readInstant(triedAt)
        this.heir = heir === null ? null : freeze(heir)
        this.handover = handover === null ? null : restoreHandover(handover)
    }
}
