import type { Monotonic } from '../../base/monotonic.js'
import { readInstant, writeInstant, type InstantState } from '../member-time.js'
import type { Incarnation, Request } from '../messages/messages.js'

/** The written form of a handover. */
export interface HandoverState {
    readonly to: Incarnation
    readonly since: number
    readonly isClosing: boolean
    readonly toldAt: InstantState
}

/**
 * A leader's record of a handover. A value: each stage replaces the record. The record only decides
 * when the successor may campaign; promises decide which entries are committed.
 */
export interface Handover {
    readonly to: Incarnation
    /**
     * The start of the stage: first the successor gets a seat and answers, then the leader closes.
     */
    readonly since: number
    /** The leader has closed: it writes nothing more, so that the successor draws level. */
    readonly isClosing: boolean
    /** The instant of the last `cede` to the successor, in the leader's own time. */
    readonly toldAt: number
}

/** The first stage of a handover. */
export function beginHandover(to: Incarnation, now: number): Handover {
    return { to, since: now, isClosing: false, toldAt: Number.NEGATIVE_INFINITY }
}

/** The second stage: the successor has a seat and answers. */
export function closeHandover({ to, toldAt }: Handover, now: number): Handover {
    return { to, since: now, isClosing: true, toldAt }
}

/**
 * Whether a candidate may campaign while a leader is in good standing. The leader itself may: the
 * leader has a government to complete, or a voter has refused a run. A candidate to which the
 * leader has ceded may, too: a voter trusts the candidate's claim, the leader compares the claim
 * with its own record. A false claim costs an unnecessary election at worst, never safety.
 *
 * @param ledBy The incarnation of the voter's leader; `null` if the voter leads.
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

/** The written form. */
export function stateOfHandover({ toldAt, ...rest }: Handover): HandoverState {
    return { ...rest, toldAt: writeInstant(toldAt) }
}

/** Restores the written form. */
export function restoreHandover({ toldAt, ...rest }: HandoverState): Handover {
    return { ...rest, toldAt: readInstant(toldAt) }
}
