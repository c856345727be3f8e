import { describeWaiting } from './exclusive.js'

/** The kind of a fault that a trial has found. */
export type FindingKind =
    /** `apply`, `snapshot`, `restore` or a timer threw, or a member stopped by itself. */
    | 'application-error'
    /** `apply` depends on a clock. */
    | 'clock'
    /** Two members differ, and no replay shows the cause. */
    | 'divergence'
    /** An entry has no effect after a restart or a transfer. */
    | 'entry-missing'
    /** An entry has its effect twice after a restart or a transfer. */
    | 'entry-repeated'
    /** `apply` depends on the order of a Map, a Set or an object that `restore` changes. */
    | 'iteration-order'
    /** The state changes between two entries. */
    | 'late-change'
    /** `apply` depends on the member that runs the application. */
    | 'member-dependence'
    /** The results of the clients fit no order of their operations in the model. */
    | 'not-linearizable'
    /** The application behaves differently from the application `against`. */
    | 'other-behaviour'
    /** `apply` depends on random numbers. */
    | 'randomness'
    /** A client has repeated an operation that was accepted. */
    | 'repeated-operation'
    /** `restore` keeps a part of the former state. */
    | 'restore-adds'
    /** After `restore`, `snapshot` returns another state. */
    | 'restore-differs'
    /** Two instances of the application share an object. */
    | 'shared-state'
    /** `snapshot` depends on earlier calls, or on the time that its reader takes. */
    | 'snapshot-mixed'
    /** `snapshot` omits a part of the state. */
    | 'snapshot-omits'
    /** A client has received a result from the past. */
    | 'stale-read'
    /** The republic, or a call of the workload, does not end. */
    | 'stuck'
    /** The state exceeds `stateMax`. */
    | 'unbounded-state'
    /** A call of the application waits for a later entry. */
    | 'waits-for-log'
    /** The workload threw an error that is none of kibitz. */
    | 'workload-error'

/** A fault that a trial has found. */
export interface TrialFinding {
    readonly kind: FindingKind
    /** The fault in words, with the entry, the members and the values that differ. */
    readonly message: string
    /** The error of the application or of the workload. @default none */
    readonly cause?: unknown
}

/** The finding that a run without faults does not come to its end. */
export function stuck(what: string, limitMs: number, members: string): TrialFinding {
    return {
        kind: 'stuck', message: `After ${limitMs / 1000} s of virtual time without faults, not `
            + `yet: ${what}. ${members}.${describeWaiting()}`
    }
}
