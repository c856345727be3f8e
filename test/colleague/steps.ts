/** The steps of an admission, in their order. */
export const STEPS = [
    'asked', 'joined', 'state received', 'snapshot stored', 'naturalized', 'seated'
] as const

/** A step of an admission. */
export type Step = typeof STEPS[number]

/** What a newcomer in a process of its own is told. */
export interface Orders {
    readonly folder: string
    readonly port: number
    readonly through: string
    /** The step after which the process kills itself; none if it is to live. */
    readonly dieAfter: Step | null
}
