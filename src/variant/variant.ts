import { rejectArgument } from '../base/errors.js'
import type { EnqueueBody, ImmigrateBody, Played } from '../member/inputs.js'
import type { Request } from '../paxos/messages/messages.js'
import type { ReplayedState } from '../replay/replayed-member.js'

/** A change of a recorded history at a point. The point is the place before an input. */
export type VariantChange =
    /** The input is not applied: a lost call, a lost answer, or no publish. */
    | { readonly kind: 'drop' }
    /** The input is applied later. */
    | { readonly kind: 'delay', readonly ms: number }
    /** The input is applied twice. */
    | { readonly kind: 'double' }
    /** The input is applied after the next input of the member. */
    | { readonly kind: 'reorder' }
    /** No call and no answer passes between two members, in both directions. */
    | { readonly kind: 'cut', readonly members: readonly [string, string], readonly ms: number }
    /** The process of a member stops; `ms` later, the member returns from its journal. */
    | { readonly kind: 'crash', readonly member: string, readonly ms: number }
    /** Nothing is changed: for a comparison. */
    | { readonly kind: 'nothing' }

/** The surroundings of a variant. */
export interface VariantSettings {
    /** The continued time, in milliseconds. @default 10000 */
    readonly durationMs: number
    /** A call, and an answer, takes one to two times this time, in milliseconds. @default 1 */
    readonly latencyMs: number
    /** Draws the latencies. @default 1 */
    readonly seed: number
}

/** A member at the point of a variant. */
export interface VariantMember {
    readonly id: string
    /** How far the clock of the member is ahead of the first member, in milliseconds. */
    readonly offsetMs: number
    /** The state at the point; `null` before the birth. */
    readonly state: ReplayedState | null
    /** Whether a process of the member ran at the point. */
    readonly isRunning: boolean
    /** The number of the last input before the point. */
    readonly number: number
}

/** The body of a call between members. */
export type VariantBody = Request | EnqueueBody | ImmigrateBody

/** A call under way at the point. */
export interface VariantCall {
    readonly from: string
    readonly cookie: string
    /** The called member; `null` for a batch. */
    readonly to: string | null
    readonly method: 'receive' | 'enqueue'
    /** The receipts after the point, as recorded. */
    readonly arrivals: readonly {
        readonly member: string
        readonly number: number
        readonly at: number
        readonly body: VariantBody
    }[]
    /** The answer on its way; `null` if no answer was given before the point. */
    readonly answer: {
        readonly at: number
        readonly number: number
        readonly value: unknown
    } | null
}

/** An input from outside of the engines, after the point: by the application, or a new process. */
export interface VariantInput {
    readonly member: string
    readonly number: number
    readonly at: number
    readonly input: Pick<Played, 'method' | 'body'>
}

/** An end of a process after the point, as recorded. */
export interface VariantStop {
    readonly member: string
    readonly at: number
}

/**
 * A continuation of a recorded history from a point, with a change: plain data that survives JSON.
 * Instants are aligned to the clock of the first member.
 */
export interface Variant {
    readonly version: 1
    /** The input before which the change happens. */
    readonly point: {
        readonly member: string
        readonly number: number
        readonly at: number
        /** The key of the timer, if the input is an event. */
        readonly key: string | null
    }
    readonly change: VariantChange
    readonly settings: VariantSettings
    readonly members: readonly VariantMember[]
    /** Citizens without a recording: these never answer. */
    readonly missing: readonly string[]
    readonly calls: readonly VariantCall[]
    readonly inputs: readonly VariantInput[]
    readonly stops: readonly VariantStop[]
}

/** The longest continued time, and the longest delay, cut or absence, in milliseconds. */
export const VARIANT_MS_MAX = 600_000

/** The largest number of inputs of all members in a continuation. */
export const VARIANT_INPUTS_MAX = 200_000

/** The default surroundings. */
export const VARIANT_SETTINGS: VariantSettings = Object.freeze({
    durationMs: 10_000, latencyMs: 1, seed: 1
})

function isWithin(value: unknown, least: number, most: number): boolean {
    return typeof value === 'number' && value >= least && value <= most
}

/** Checks the surroundings. @throws KibitzError `invalid-argument`. */
export function checkSettings({ durationMs, latencyMs, seed }: VariantSettings): void {
    if (!isWithin(durationMs, 1, VARIANT_MS_MAX)) {
        rejectArgument(`The continued time is 1 to ${VARIANT_MS_MAX} ms.`)
    }
    if (!isWithin(latencyMs, 0, VARIANT_MS_MAX)) {
        rejectArgument(`The latency is 0 to ${VARIANT_MS_MAX} ms.`)
    }
    if (!Number.isSafeInteger(seed)) {
        rejectArgument('The seed is a whole number.')
    }
}

/** The inputs that only a new process makes. */
const STARTS: ReadonlySet<string> = new Set(['birth', 'bootstrap', 'upgrade', 'revive', 'join'])

/**
 * Checks a change.
 *
 * @param members The recorded members.
 * @param method The method of the input at the point; `null` behind the last input.
 * @throws KibitzError `invalid-argument`.
 */
export function checkChange(
    change: VariantChange, members: readonly string[], method: string | null
): void {
    const known = (id: unknown): void => {
        if (typeof id !== 'string' || !members.includes(id)) {
            rejectArgument(`There is no recording of this member, but of ${members.join(', ')}.`)
        }
    }
    if ('ms' in change && !isWithin(change.ms, 1, VARIANT_MS_MAX)) {
        rejectArgument(`A change lasts 1 to ${VARIANT_MS_MAX} ms.`)
    }
    const { kind } = change
    switch (kind) {
        case 'cut':
            for (const id of change.members) {
                known(id)
            }
            if (change.members[0] === change.members[1]) {
                rejectArgument('A link has two different members.')
            }
            break
        case 'crash':
            known(change.member)
            break
        case 'nothing':
            break
        case 'drop':
        case 'double':
        case 'delay':
        case 'reorder':
            checkInput(kind, method)
            break
        default:
            kind satisfies never
            rejectArgument('A change is drop, delay, double, reorder, cut or crash.')
    }
}

function checkInput(kind: 'drop' | 'double' | 'delay' | 'reorder', method: string | null): void {
    if (method === null) {
        rejectArgument(`There is no input to ${kind} at the end of a recording.`)
    }
    if (STARTS.has(method)) {
        rejectArgument(`The start of a process (${method}) cannot be changed; crash the member.`)
    }
    if (method === 'event' && kind !== 'delay' && kind !== 'reorder') {
        rejectArgument('A timer is always due once: delay the timer, or crash the member.')
    }
}
