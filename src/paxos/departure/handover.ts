import type { Monotonic } from '../../base/monotonic.js'
import { readInstant, writeInstant, type InstantState } from '../member-time.js'
import type { Incarnation, Request } from '../messages/messages.js'

/** A leadership on its way to another member. */
export interface HandoverState {
    readonly to: Incarnation
    readonly since: number
    readonly isClosing: boolean
    readonly toldAt: InstantState
}

/**
 * A leadership on its way to another member, as its leader has it. Plain data; replaced, never
 * changed. It is about who is to try and when; what is true rests on promises alone.
 */
export interface Handover {
    readonly to: Incarnation
    /** When its stage began: to find the successor seated and there, or to close. */
    readonly since: number
    /** Nothing more is written, so that the successor can draw level. */
    readonly isClosing: boolean
    /** When the successor was last told to go ahead. */
    readonly toldAt: number
}

/** Begins to hand over. */
export function beginHandover(to: Incarnation, now: number): Handover {
    return { to, since: now, isClosing: false, toldAt: Number.NEGATIVE_INFINITY }
}

/** The successor is seated and there. */
export function closeHandover({ to, toldAt }: Handover, now: number): Handover {
    return { to, since: now, isClosing: true, toldAt }
}

/**
 * Whether a candidate may try though a leader is heard of. Whom a member obeys may ask again: it
 * has a government to complete, or was refused. And whom that leader has ceded to: a voter takes
 * the candidate's word for it, the leader its own; at worst somebody tries who need not have.
 *
 * @param ledBy The incarnation that leads this member; `null` where it leads itself.
 */
export function isExpected(
    request: Request,
    ledBy: Monotonic | null,
    handover: Handover | null
): boolean {
    const { from, to } = request
    const ceded = 'ceded' in request ? request.ceded : undefined
    const isOurs = ceded === to.immigrated && from.immigrated === handover?.to.immigrated
    return from.immigrated === ledBy || ceded === ledBy || isOurs
}

/** A handover as it is written down. */
export function stateOfHandover({ toldAt, ...rest }: Handover): HandoverState {
    return { ...rest, toldAt: writeInstant(toldAt) }
}

/** A handover as it was written down. */
export function restoreHandover({ toldAt, ...rest }: HandoverState): Handover {
    return { ...rest, toldAt: readInstant(toldAt) }
}
