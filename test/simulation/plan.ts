import type { PaxosOptions } from '../../src/paxos/options.js'
import type { Climate } from '../../src/testing/weather.js'

/** Every kind of fault. A run in which one of them never happened proves nothing about it. */
export const FAULT_KINDS = [
    // Of messages.
    'drop', 'loseReply', 'duplicate', 'delay', 'hold', 'reorder', 'slowLink', 'flap', 'halfOpen',
    // Of the shape of the network.
    'partition', 'isolate', 'oneWay', 'star', 'constrained', 'chain', 'bridge', 'matrix', 'swizzle',
    // Of processes.
    'crash', 'crashMidSend', 'amnesia', 'newcomer', 'massacre', 'majorityLost', 'pause', 'twin',
    'secondFounding',
    // Of time.
    'skew', 'drift', 'jump', 'jumpBack', 'freeze', 'lateTimers', 'earlyTimers',
    // Of load, and of what outsiders send.
    'burst', 'flood', 'churn', 'replay', 'foreign',
    // Of office: nothing breaks, but a member hands over or leaves, or the leader exiles a citizen.
    'cede', 'leave', 'exile',
    // Of power and disks, where members have them.
    'powerLoss', 'blackout', 'tornWrite', 'failedFlush', 'slowDisk', 'bitFlip', 'misdirected',
    'staleSector', 'cutMidSend', 'blackoutMidSend',
    // Of addresses.
    'move'
] as const

/** Whether members move: then the republic has version 2, which knows moves. */
export function hasMoves({ faults }: Pick<Plan, 'faults'>): boolean {
    return faults.some(({ kind }) => kind === 'move')
}

/** Those that need a disk: only where members have one do they strike. */
export const DISK_KINDS = [
    'powerLoss', 'blackout', 'tornWrite', 'failedFlush', 'slowDisk'
] as const

/** Those that take the power away between two sends of one input. */
export const CUT_KINDS = ['cutMidSend', 'blackoutMidSend'] as const

/** Those that a disk with a journal does not survive. */
export const ROT_KINDS = ['bitFlip', 'misdirected', 'staleSector'] as const

/** One kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One fault, drawn before the trial begins: a shrunk trial is one with fewer of them. */
export interface Fault {
    readonly kind: FaultKind
    /** When it begins, after the faults begin. */
    readonly atMs: number
    /** How long it lasts, where it lasts. */
    readonly forMs: number
    /** How bad it is, between nothing and one. */
    readonly force: number
    /** What everything else about it is drawn from, whatever befalls the other faults. */
    readonly seed: number
}

/** How the engines behave. */
export interface Options {
    readonly ping: number
    readonly timeout: number
    readonly parliamentSize: number
    readonly parliamentFloor: number
    readonly window: number
    readonly batch: number
    readonly history: number
}

/** How members write down their inputs, so that they come back as themselves. */
export interface Durable {
    /** How long a member may be asked in vain before it is exiled. */
    readonly patienceMs: number
    /** How long a flush takes, at the most, on a good day. */
    readonly flushMs: number
    /** How long a member waits between two snapshots, on average; infinite where it takes none. */
    readonly snapshotMs: number
    /** What nobody may do: everything leaves before it is flushed. */
    readonly isAjar: boolean
}

/** Callers that publish again as soon as their publishes are settled: every round is full. */
export interface Saturation {
    /** How many publishes of a member are under way all the time. */
    readonly callers: number
    /** How long each member waits between two barriers, on average. */
    readonly barrierMs: number
}

/** What happens when the faults are over. */
export type Healing = 'all' | 'core'

/** Everything about a trial that is not left to the course of things. */
export interface Plan {
    readonly seed: number
    readonly options: Options
    /** How many hosts there are. Member `m0` founds the republic on host 0. */
    readonly population: number
    /** Hosts below `population`, in rising order, on which no member begins. */
    readonly vacant: readonly number[]
    readonly climate: Climate
    /** How long a transport waits for an answer; infinite where it waits for ever. */
    readonly callLimitMs: number
    /** Whether a transport notices at once that nobody listens. */
    readonly isRefused: boolean
    /** Everything goes through JSON and the guards. */
    readonly isWired: boolean
    /** Recordings are replayed and compared. */
    readonly isRecorded: boolean
    /** About how many entries the republic can write in a `timeout`. */
    readonly capacity: number
    /** How long each member waits between two publishes, on average. */
    readonly publishMs: number
    /** `null` where the members publish from time to time. */
    readonly saturation: Saturation | null
    /** Faults begin with the trial, not after the republic has formed. */
    readonly isBornInFaults: boolean
    readonly faultsMs: number
    readonly faults: readonly Fault[]
    readonly healing: Healing
    /**
     * The chance that a life of a member takes part in the first version only; `null` where every
     * life does.
     */
    readonly earlier: number | null
    /** `null` where members forget all when they end. */
    readonly durable: Durable | null
}

/** The options of the engines of a trial. */
export function engineOptions(
    { options, durable }: Plan
): Options & Pick<PaxosOptions, 'patience'> {
    return {
        ...options,
        ...(durable !== null && { patience: durable.patienceMs })
    }
}
