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

/** The successor of a finished handover, and the first government under the successor. */
export interface Heir {
    readonly id: string
    readonly promise: Monotonic
}

/**
 * How far the member has come in leaving the republic or in ceding the leadership. A plain record:
 * `leave.ts` and `cede.ts` decide.
 */
export class Departure {
    /** The member has asked to leave. */
    leaves = false
    /** The number of handovers that the member has begun because it leaves. */
    tries = 0
    /** The start of the last of these handovers, in the member's own time. */
    triedAt: number = Number.NEGATIVE_INFINITY
    /**
     * The successor of the last handover, once the successor leads; `null` if the handover failed.
     */
    heir: Heir | null = null
    /**
     * The handover under way. The record stays after the member stops writing, until a government
     * settles the handover.
     */
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

    /** Restores the written form. */
    recall({ leaves, tries, triedAt, heir, handover }: DepartureState): void {
        this.leaves = leaves
        this.tries = tries
        this.triedAt = readInstant(triedAt)
        this.heir = heir === null ? null : freeze(heir)
        this.handover = handover === null ? null : restoreHandover(handover)
    }
}
