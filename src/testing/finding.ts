/** The kind of a fault that a trial has found. */
export type FindingKind =
    | 'application-error'
    | 'clock'
    | 'divergence'
    | 'entry-missing'
    | 'entry-repeated'
    | 'iteration-order'
    | 'not-linearizable'
    | 'randomness'
    | 'repeated-operation'
    | 'restore-adds'
    | 'shared-state'
    | 'snapshot-mixed'
    | 'snapshot-omits'
    | 'stuck'
    | 'unbounded-state'
    | 'waits-for-log'
    | 'workload-error'

/** A fault that a trial has found. */
export interface TrialFinding {
    readonly kind: FindingKind
    /** The fault in words, with the entry, the members and the values that differ. */
    readonly message: string
    /** The error of the application or of the workload. @default none */
    readonly cause?: unknown
}
