import { FAULT_KINDS, type FaultKind } from './plan.js'

/** Branches that must have been reached, by what is seen from outside. */
export const SOMETIMES = [
    'a candidate is told that it is behind', 'a candidate is fed by who is ahead',
    'a canvass is granted', 'a promise carries a suffix', 'a promise is refused',
    'a vote is refused by who is led', 'a run is refused for its ballot',
    'a newcomer is welcomed', 'a stranger answers unreachable', 'an exile is told',
    'a government maps what waits', 'a government follows a collapse',
    'a government changes its leader', 'a leader changes while publishes wait',
    'a government admits', 'a government naturalizes', 'a government exiles',
    'a government promotes', 'a government demotes', 'a government only moves seats',
    'a parliament shrinks to one', 'a flush appears', 'a publisher publishes again after a flush',
    'a newcomer of an earlier version is refused', 'the version of a republic is raised',
    'a member returns to an earlier version',
    'a citizen loses the link to the leader alone', 'a relay passes a batch on',
    'a leader takes nothing', 'a member is replaced after its exile', 'a petition is sent',
    'a suffix is adopted with a government', 'a core is lost', 'a core is healed alone',
    'a publisher dies with publishes unsettled', 'a leader tells its successor to go ahead',
    'a successor campaigns', 'a successor is seated', 'a leader that ceded goes on',
    'a member that asked to leave is exiled', 'a leader that asked to leave is exiled',
    'a leader is asked to exile a silent citizen', 'a leader is asked to exile a running citizen',
    'a member asks to leave while no leader lives', 'a member asks to cede that does not lead',
    'a leader confirms that it leads', 'a question has no answer',
    'a member that comes back learns anew what is committed',
    'a member comes back from a snapshot', 'a member comes back with publishes unsettled',
    'a leader comes back', 'a leader that came back writes on', 'what was not flushed is lost',
    'what was not flushed is there', 'a torn write is cut', 'a journal refuses what is damaged',
    'a snapshot is older than the log', 'a publish that no disk of its publisher holds appears',
    'power fails between two sends', 'power fails again in the first flush of a process',
    'a run is cut short after a failed call',
    'a government moves a member', 'a majority moves at once', 'all members move at once',
    'a member moves to an address that another member had',
    'a member finds the address of another member', 'a round is full'
] as const

/** One of them. */
export type Sometimes = (typeof SOMETIMES)[number]

/** What a tally holds; it comes from another process as that. */
export type Counts = Pick<Tally, Exclude<keyof Tally, 'add' | 'fault' | 'struck' | 'reach' |
    'missingFaults' | 'missingBranches'>>

/** What one trial, or many, have seen. */
export class Tally {
    trials = 0
    virtualMs = 0
    events = 0
    entries = 0
    governments = 0
    elections = 0
    publishes = 0
    unavailable = 0
    slowestRecovery = { timeouts: 0, seed: 0 }
    slowestConvergence = { timeouts: 0, seed: 0 }
    readonly recoveries: number[] = []
    readonly convergences: number[] = []
    /** How many faults of each kind there were. */
    readonly faults = new Map<FaultKind, number>()
    /** How many messages each kind has struck. */
    readonly strikes = new Map<FaultKind, number>()
    readonly sometimes = new Map<Sometimes, number>()

    /** A fault has taken place. */
    fault(kind: FaultKind): void {
        this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
    }

    /** A message was struck. */
    struck(kind: FaultKind): void {
        this.strikes.set(kind, (this.strikes.get(kind) ?? 0) + 1)
    }

    /** A branch was reached. */
    reach(what: Sometimes): void {
        this.sometimes.set(what, (this.sometimes.get(what) ?? 0) + 1)
    }

    /** The faults that have never taken place. */
    missingFaults(): readonly FaultKind[] {
        return FAULT_KINDS.filter((kind) => !this.faults.has(kind))
    }

    /** The branches that were never reached. */
    missingBranches(): readonly Sometimes[] {
        return SOMETIMES.filter((what) => !this.sometimes.has(what))
    }

    /** Adds what another has seen. */
    add(other: Counts): void {
        this.trials += other.trials
        this.virtualMs += other.virtualMs
        this.events += other.events
        this.entries += other.entries
        this.governments += other.governments
        this.elections += other.elections
        this.publishes += other.publishes
        this.unavailable += other.unavailable
        for (const measure of ['slowestRecovery', 'slowestConvergence'] as const) {
            if (other[measure].timeouts > this[measure].timeouts) {
                this[measure] = other[measure]
            }
        }
        addTo(this.recoveries, other.recoveries)
        addTo(this.convergences, other.convergences)
        addCounts(this.faults, other.faults)
        addCounts(this.strikes, other.strikes)
        addCounts(this.sometimes, other.sometimes)
    }
}

/** One by one: so many as there may be cannot be the arguments of one call. */
function addTo(sum: number[], values: readonly number[]): void {
    for (const value of values) {
        sum.push(value)
    }
}

function addCounts<Key>(sum: Map<Key, number>, counts: ReadonlyMap<Key, number>): void {
    for (const [key, count] of counts) {
        sum.set(key, (sum.get(key) ?? 0) + count)
    }
}
