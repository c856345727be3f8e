import { KibitzError } from '../base/errors.js'
import { Dice } from './dice.js'
import type { Climate, NetworkFaultKind } from './weather.js'

/** The faults of a trial, by name. */
export const TRIAL_FAULTS = [
    // Of messages.
    'drop', 'loseReply', 'duplicate', 'delay', 'reorder', 'slowLink', 'flap', 'halfOpen',
    // Of the shape of the network.
    'partition', 'isolate', 'oneWay', 'star', 'chain',
    // Of processes.
    'crash', 'amnesia', 'newcomer', 'cede', 'leave',
    // Of disks.
    'powerLoss', 'blackout', 'slowDisk',
    // Of clocks, and of the application.
    'clock', 'slowApply', 'slowSnapshot', 'slowRestore', 'burst'
] as const

/** A fault of a trial. */
export type TrialFaultKind = (typeof TRIAL_FAULTS)[number]

/** The faults of the network among the faults of a trial. */
export type TrialNetworkFault = Extract<TrialFaultKind, NetworkFaultKind>

/** The faults of members with a journal. */
const OF_DISKS: ReadonlySet<TrialFaultKind> = new Set(['powerLoss', 'blackout', 'slowDisk'])

/**
 * The chosen faults: all, none, the named ones, or the mean number of each named fault in a virtual
 * minute.
 */
export type FaultChoice =
    | 'all' | 'none' | readonly TrialFaultKind[] | Partial<Readonly<Record<TrialFaultKind, number>>>

/** A fault of a plan. */
export interface PlannedFault {
    /** The place in the list of all drawn faults, which a shrunk plan keeps. */
    readonly index: number
    readonly kind: TrialFaultKind
    /** The start, in milliseconds after the formation of the republic. */
    readonly atMs: number
    /** The duration in milliseconds. */
    readonly forMs: number
    /** The strength, in [0, 1). */
    readonly force: number
    /** The seed of all further draws of the fault. */
    readonly seed: number
}

/** The options of the Colleagues of a run. */
export interface DrawnSettings {
    readonly parliamentSize: number
    readonly history: number
    readonly snapshotEvery: number
    readonly chunkSize: number
}

/** Everything that a run draws in advance. The same plan gives the same run. */
export interface TrialPlan {
    readonly seed: number
    readonly members: number
    /** The largest number of calls of the workload. */
    readonly operations: number
    /** The time with faults, in milliseconds. */
    readonly lastsMs: number
    /** The number of clients that call the workload at the same time. */
    readonly clients: number
    /** The mean pause of a client between two calls, in milliseconds. */
    readonly pauseMs: number
    readonly climate: Climate
    /** The longest synchronization of a disk in milliseconds; `null` without journals. */
    readonly syncMs: number | null
    readonly options: DrawnSettings
    readonly faults: readonly PlannedFault[]
    /** Whether the states after every entry are compared. */
    readonly isThorough: boolean
}

/** The limits of a plan that the user gives. */
export interface PlanLimits {
    readonly members: number
    readonly operations: number
    readonly hours: number
    readonly faults: FaultChoice
}

const TIMEOUT_MS = 1000

/** The mean number of faults in a minute, by kind. */
function ratesOf(choice: FaultChoice, dice: Dice): ReadonlyMap<TrialFaultKind, number> {
    if (choice === 'none') {
        return new Map()
    }
    if (choice !== 'all' && !Array.isArray(choice)) {
        return new Map(Object.entries(choice) as [TrialFaultKind, number][])
    }
    // Few kinds at a time: many kinds together leave no time in which the republic works.
    const share = dice.pick([0.1, 0.2, 0.4])
    const all = choice === 'all' ? TRIAL_FAULTS : choice as readonly TrialFaultKind[]
    const drawn = choice === 'all' ? all.filter(() => dice.chance(share)) : all
    const kinds = drawn.length === 0 ? [dice.pick(all)] : drawn
    const inAMinute = dice.pick([4, 10, 20])
    return new Map(kinds.map((kind) => [kind, inAMinute / kinds.length]))
}

function drawFaults(dice: Dice, choice: FaultChoice, lastsMs: number): PlannedFault[] {
    const faults: Omit<PlannedFault, 'index'>[] = []
    for (const [kind, inAMinute] of ratesOf(choice, dice)) {
        const gapMs = 60_000 / inAMinute
        for (let atMs = dice.exponential(gapMs); atMs < lastsMs; atMs += dice.exponential(gapMs)) {
            const forMs = dice.between(0.1, 1) * TIMEOUT_MS * (dice.chance(0.2) ? 12 : 4)
            faults.push({ kind, atMs, forMs, force: dice.next(), seed: dice.below(2 ** 31) })
        }
    }
    return faults.sort((one, other) => one.atMs - other.atMs)
        .map((fault, index) => ({ ...fault, index }))
}

/** Draws the plan of a seed. */
export function drawPlan(seed: number, limits: PlanLimits): TrialPlan {
    const dice = new Dice(seed, 'plan')
    const lastsMs = limits.hours * 3_600_000
    const hasJournals = dice.chance(0.6)
    const clients = dice.pick([1, 2, 3, 5])
    const drawnSyncMs = dice.pick([0, 5, 20])
    const drawnSize = dice.pick([3, 5])
    const faults = drawFaults(new Dice(seed, 'faults'), limits.faults, lastsMs)
        .filter(({ kind }) => hasJournals || !OF_DISKS.has(kind))
    return Object.freeze({
        seed,
        members: limits.members,
        operations: limits.operations,
        lastsMs,
        clients,
        pauseMs: clients * lastsMs / limits.operations * dice.pick([0.2, 0.7, 1]),
        climate: {
            latencyMs: dice.pick([0.2, 1, 10]),
            jitterMs: dice.pick([0, 0.5, 5]),
            isOrdered: dice.chance(0.5)
        },
        syncMs: hasJournals ? drawnSyncMs : null,
        options: {
            parliamentSize: limits.members >= 5 ? drawnSize : 3,
            history: dice.pick([100_000, 100_000, 20]),
            snapshotEvery: dice.pick([16_384, 65_536, 2 ** 26]),
            chunkSize: dice.pick([16, 1024, 65_536])
        },
        faults,
        isThorough: false
    })
}

/** The part of a plan that a shrunk run has less of, as a text of one line. */
export function textOfPlan({ seed, members, operations, faults }: TrialPlan): string {
    const indexes = faults.map(({ index }) => index).join(',')
    return `seed=${seed} members=${members} operations=${operations} faults=${indexes || 'none'}`
}

const TEXT = /^seed=(\d+)(?: members=(\d+))?(?: operations=(\d+))?(?: faults=(none|[\d,]+))?$/

/**
 * Reads the text of a plan.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function planOfText(text: string, limits: PlanLimits): TrialPlan {
    const [, seed, members, operations, kept] = TEXT.exec(text.trim()) ?? []
    if (seed === undefined) {
        throw new KibitzError('invalid-argument', `${text} is no plan of a trial. Nothing was `
            + 'tried; copy the line from the message of a failed trial, such as '
            + '"seed=17 members=2 operations=14 faults=3,7".')
    }
    const plan = drawPlan(Number(seed), {
        ...limits,
        members: Number(members ?? limits.members)
    })
    const indexes = kept === undefined ? null : new Set(kept.split(',').map(Number))
    return {
        ...plan,
        operations: Number(operations ?? limits.operations),
        faults: plan.faults.filter(({ index }) => indexes === null || indexes.has(index))
    }
}
