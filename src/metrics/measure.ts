import { GAP, isIdentity } from '../base/publish-identity.js'
import type { Outcomes } from '../member/apply-input.js'
import type { Played } from '../member/inputs.js'
import type { Contact, Inspection } from '../paxos/inspect.js'
import type { Government, LogEntry } from '../paxos/messages/messages.js'
import type { Dispatch, IslanderHealth } from '../publisher/islander-types.js'
import {
    addValue, type Distribution, DURATION_BOUNDS_MS, emptyDistribution, ENTRY_BOUNDS, growing,
    type GrowingDistribution
} from './distribution.js'

/** The view of a member that metrics need, live or replayed. */
export interface MeasuredMember {
    readonly id: string
    /** The government in force; `0/0` before the admission. */
    readonly government: Government
    /** The number of values that the member has published, barriers included. */
    readonly published: number
    /** The view for operators. */
    inspect(): Inspection
    /** The last contact with a leader. */
    contact(): Contact
    /** The numbers of values that the publisher has not seen in the log. */
    health(): IslanderHealth
    /** The ticket of the unsettled value with a cookie; `null` if there is none. */
    ticketOf(cookie: string): number | null
}

/** One input with its effects. A `ReplayedInput` of a `Replayer` is one. */
export interface MeasuredInput {
    readonly played: Played
    /** The result of the input, for the caller. */
    readonly outcome: Outcomes[keyof Outcomes] | null
    /** The entries that the input has added to the log of the member. */
    readonly entries: readonly LogEntry[]
    /** The publisher's batches for the leader. */
    readonly dispatches: readonly Dispatch[]
    /** The member after the input. */
    readonly member: Pick<MeasuredMember, 'id' | 'published' | 'health' | 'ticketOf'>
}

/** One publish whose way into the log is timed. */
export interface TimedPublish {
    /** The number of the value among all values that the member has published. */
    readonly ticket: number
    /** The instant of the publish, in milliseconds since the epoch. */
    readonly when: number
}

/** The result of the fold over the inputs of a member. Plain data that survives JSON. */
export interface MeasuredState {
    /** The instant of the last input; `null` before the first one. */
    readonly when: number | null
    readonly inputs: number
    /** The number of starts of the member's process. */
    readonly starts: number
    /** The number of entries added to the log, governments included. */
    readonly entries: number
    /** The number of governments added to the log. */
    readonly governments: number
    /** The instant at which the government in force took effect here; `null` if unknown. */
    readonly governedAt: number | null
    /** The number of governments that ended a collapse: an election made them. */
    readonly collapses: number
    /** The entries of each batch that the publisher has sent, repetitions and flushes included. */
    readonly batches: Distribution
    /** The number of values that the publisher has sent again. */
    readonly resubmissions: number
    /** The highest ticket that the publisher has ever sent. */
    readonly sentThrough: number
    /** The refused batches of the publisher, by status. */
    readonly refusals: Readonly<Record<string, number>>
    /** The entries of each batch that the member, as leader, has taken. */
    readonly proposals: Distribution
    /** The number of batches that the member has turned away: it did not lead, or lacks a batch. */
    readonly unwritten: number
    /** The number of calls of the engine without an answer, by the id of the called member. */
    readonly failures: Readonly<Record<string, number>>
    /** The time from a publish to its entry in the log, in milliseconds, one publish at a time. */
    readonly latency: Distribution
    /** The publish that is timed; `null` if none waits. */
    readonly timed: TimedPublish | null
    /** The instant of the last snapshot; `null` if the fold knows none. */
    readonly snapshotAt: number | null
}

/** The names of the distributions. */
type DistributionField = 'batches' | 'proposals' | 'latency'

/** A measured state that takes further inputs in place. */
export type MeasuredDraft = {
    -readonly [Key in Exclude<keyof MeasuredState, DistributionField>]: MeasuredState[Key]
} & { readonly [Key in DistributionField]: GrowingDistribution }

/** The limit of the counted statuses and peers. Further ones count as `other`. */
const NAMES_MAX = 1024

/**
 * The state before the first input.
 *
 * @param member The member before the first input. @default a new member
 * @param snapshotAt The instant of the snapshot with which the inputs begin. @default none
 */
export function beginMeasure(
    member: Pick<MeasuredMember, 'published' | 'health'> | null = null,
    snapshotAt: number | null = null
): MeasuredState {
    return {
        when: null,
        inputs: 0,
        starts: 0,
        entries: 0,
        governments: 0,
        governedAt: null,
        collapses: 0,
        batches: emptyDistribution(ENTRY_BOUNDS),
        resubmissions: 0,
        sentThrough: member === null ? 0 : member.published - member.health().pending,
        refusals: {},
        proposals: emptyDistribution(ENTRY_BOUNDS),
        unwritten: 0,
        failures: {},
        latency: emptyDistribution(DURATION_BOUNDS_MS),
        timed: null,
        snapshotAt
    }
}

/** The state after a snapshot of the member. */
export function measureSnapshot(state: MeasuredState, snapshotAt: number): MeasuredState {
    return { ...state, snapshotAt }
}

function countName(
    counts: Readonly<Record<string, number>>, name: string
): Readonly<Record<string, number>> {
    const isNew = !Object.hasOwn(counts, name)
    const counted = isNew && Object.keys(counts).length >= NAMES_MAX ? 'other' : name
    const before = Object.hasOwn(counts, counted) ? counts[counted] ?? 0 : 0
    // A computed key of a literal also defines a name such as `__proto__`.
    return { ...counts, [counted]: before + 1 }
}

/** Counts what the input itself shows. */
function measurePlayed(draft: MeasuredDraft, { played, outcome, member }: MeasuredInput): void {
    switch (played.method) {
        case 'birth':
            draft.starts++
            break
        case 'revive':
            // The first process of a member with a journal is born and revived.
            draft.starts += draft.inputs === 2 && draft.starts === 1 ? 0 : 1
            break
        case 'enqueue':
            if (outcome === null || outcome === GAP) {
                draft.unwritten++
            } else {
                const { length } = played.body.entries
                addValue(draft.proposals, ENTRY_BOUNDS, length)
            }
            break
        case 'sent':
            for (const id of Object.keys(played.body.responses)) {
                if (played.body.responses[id] === null) {
                    draft.failures = countName(draft.failures, id)
                }
            }
            break
        case 'published':
            if (played.body.refused !== undefined) {
                draft.refusals = countName(draft.refusals, played.body.refused)
            }
            break
        case 'publish':
        case 'publishAll':
            draft.timed ??= { ticket: member.published, when: played.when }
            break
        default:
    }
}

/** Whether an election has made a government, after a collapse. */
export function isAfterCollapse({ previous, body }: Pick<LogEntry, 'previous' | 'body'>): boolean {
    // The first government of a republic follows no other government.
    return 'map' in body && body.map === null && previous !== '0/0'
}

function measureEntries(draft: MeasuredDraft, { played, entries }: MeasuredInput): void {
    for (const entry of entries) {
        if (entry.method === 'government') {
            draft.governments++
            draft.governedAt = played.when
            draft.collapses += isAfterCollapse(entry) ? 1 : 0
        }
    }
    draft.entries += entries.length
}

/** The batches that the member has sent, and the last ticket among their values. */
function measureBatches(draft: MeasuredDraft, { dispatches, member }: MeasuredInput): void {
    for (const { messages } of dispatches) {
        const { length } = messages
        addValue(draft.batches, ENTRY_BOUNDS, length)
        const cookie = messages[length - 1]?.cookie ?? ''
        const last = member.ticketOf(cookie)
        if (last !== null) {
            const before = last - length
            draft.resubmissions += Math.max(0, Math.min(draft.sentThrough, last) - before)
            draft.sentThrough = Math.max(draft.sentThrough, last)
        } else if (isIdentity(cookie)) {
            // A value that settles by the input that sends the value was sent before.
            draft.resubmissions += length
        }
    }
}

/** Ends the time of the timed publish if its entry is in the log. */
function measureLatency(draft: MeasuredDraft, { played, member }: MeasuredInput): void {
    const { timed } = draft
    if (timed === null) {
        return
    }
    const { waiting, pending } = member.health()
    if (timed.ticket <= member.published - waiting - pending) {
        const ms = Math.max(0, played.when - timed.when)
        addValue(draft.latency, DURATION_BOUNDS_MS, ms)
        draft.timed = null
    }
}

/** A copy of a state, for further inputs. A literal costs a tenth of a spread. */
export function draftOf(state: MeasuredState): MeasuredDraft {
    return {
        when: state.when,
        inputs: state.inputs,
        starts: state.starts,
        entries: state.entries,
        governments: state.governments,
        governedAt: state.governedAt,
        collapses: state.collapses,
        batches: growing(state.batches),
        resubmissions: state.resubmissions,
        sentThrough: state.sentThrough,
        refusals: state.refusals,
        proposals: growing(state.proposals),
        unwritten: state.unwritten,
        failures: state.failures,
        latency: growing(state.latency),
        timed: state.timed,
        snapshotAt: state.snapshotAt
    }
}

/** Adds one input to a draft, as `measure` to a state. */
export function measureInto(draft: MeasuredDraft, input: MeasuredInput): void {
    const { played, dispatches, entries } = input
    draft.when = played.when
    draft.inputs++
    measurePlayed(draft, input)
    if (dispatches.length !== 0) {
        measureBatches(draft, input)
    }
    if (entries.length !== 0) {
        measureEntries(draft, input)
        measureLatency(draft, input)
    }
}

/**
 * The fold that defines every metric: adds one input to the measured state. The same inputs give
 * the same state, live and on a recording. Pure: changes no argument, reads no clock.
 */
export function measure(state: MeasuredState, input: MeasuredInput): MeasuredState {
    const draft = draftOf(state)
    measureInto(draft, input)
    return draft
}
