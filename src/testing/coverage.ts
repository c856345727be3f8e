import type { TrialFaultKind } from './plan.js'

/** The counts of one run, or of all runs of a trial. */
export interface TrialCounts {
    /** The number of runs. */
    runs: number
    /** The virtual time of all runs, in milliseconds. */
    virtualMs: number
    /** The number of entries. */
    entries: number
    /** The number of calls of the workload. */
    operations: number
    /** The number of calls of the workload that ended with an error of kibitz. */
    refused: number
    /** The number of messages that have arrived. */
    messages: number
    /** The number of restored states, from other members and from journals. */
    restorations: number
    /** The number of processes. */
    lives: number
    /** The number of operations that the model has checked. */
    modelled: number
    /** The number of parts of the model whose search has reached its limit. */
    undecided: number
    /** The number of faults of each kind that have struck. */
    readonly faults: Partial<Record<TrialFaultKind, number>>
}

/** No counts. */
export function noCounts(): TrialCounts {
    return {
        runs: 0, virtualMs: 0, entries: 0, operations: 0, refused: 0, messages: 0,
        restorations: 0, lives: 0, modelled: 0, undecided: 0, faults: {}
    }
}

/** Adds the counts of a run. */
export function addCounts(sum: TrialCounts, { faults, ...numbers }: TrialCounts): void {
    for (const [name, count] of Object.entries(numbers) as [keyof typeof numbers, number][]) {
        sum[name] += count
    }
    for (const [kind, count] of Object.entries(faults) as [TrialFaultKind, number][]) {
        sum.faults[kind] = (sum.faults[kind] ?? 0) + count
    }
}
