/** The option `patience` of the pods, in milliseconds. */
export const PATIENCE_MS = 4_000

/** The exit code of a pod that has stopped with `journal-failed`. */
export const DISK_FAILED = 74

/** The options of a pod that a test may change. */
export interface PodOptions {
    readonly ping: number
    readonly timeout: number
    readonly parliamentSize: number
    /** Entries that a pod keeps for others. */
    readonly history: number
    /** Bytes of the journal between two snapshots. */
    readonly snapshotEvery: number
}

/** The time between two probes of the load balancer, in milliseconds. */
export const PROBE_MS = 50

/** Where a pod listens. */
export interface Pod {
    readonly id: string
    /** The port for members and probes. */
    readonly port: number
    /** The port for clients. */
    readonly clientPort: number
}

/** The argument of the program of a pod, as JSON. */
export interface PodPlan extends Pod {
    readonly folder: string
    /** A file with the address of each pod, one a line, in place of DNS. */
    readonly contacts: string
    readonly founders: readonly string[]
    readonly options: PodOptions
}

/** What a pod answers to a client that reads. */
export interface Page {
    /** The folder of the journal: no pod of another test has the same. */
    readonly folder: string
    /** The last entry before the read. */
    readonly barrier: string
    /** The number of all values. */
    readonly length: number
    /** The values from the place that the client has asked for. */
    readonly values: readonly string[]
    /** The options in force. */
    readonly options: Omit<PodOptions, 'snapshotEvery'>
}

/** The state of a pod, as a load balancer sees the pod. */
export interface Sight {
    readonly id: string
    readonly isReady: boolean
    /** The parts of `/health` that the test needs; `null` without an answer. */
    readonly health: PodHealth | null
}

export interface PodHealth {
    readonly isCurrent: boolean
    readonly leader: string | null
    readonly tolerance: { readonly tolerates: number }
    readonly government: {
        readonly majority: readonly string[]
        readonly minority: readonly string[]
        readonly constituents: readonly string[]
        readonly properties: Readonly<Record<string, { readonly url: string }>>
        readonly immigrated: { readonly promise: Readonly<Record<string, string>> }
    }
}

/** What the clients tell the test after each round of probes. */
export interface Report {
    readonly sights: readonly Sight[]
    /** Contradictions between answers; each fails the test. */
    readonly faults: readonly string[]
    readonly acknowledged: number
    readonly reads: number
    /** The longest wait for a write since the last order to measure anew, in milliseconds. */
    readonly longestMs: number
    /** The longest time since then in which the machine let the clients wait for a processor. */
    readonly stalledMs: number
    /** What a pod answered to the poison. */
    readonly poison: number | null
    /** The number of rounds of probes. */
    readonly rounds: number
    /** The last order that the clients follow. */
    readonly order: number
}

/** An order of the test to the clients. */
export interface Order {
    readonly order: number
    readonly pods: readonly Pod[]
    /** Pods that must not answer 200 from now on. */
    readonly unable: readonly string[]
    /** Whether a client sends a value that the service cannot apply. */
    readonly poison: boolean
    /** Whether the measurement of the waits begins anew. */
    readonly isMeasuredAnew: boolean
}

/** The longest waits in words. The second one shows how busy the machine was. */
export function waitsOf(longestMs: number, stalledMs: number): string {
    return `a write waited ${longestMs.toFixed(0)} ms at most, `
        + `the clients waited ${stalledMs.toFixed(0)} ms for a processor`
}
