/** The steps of an admission, in their order. */
export const STEPS = [
    'asked', 'joined', 'state received', 'snapshot stored', 'naturalized', 'seated'
] as const

/** A step of an admission. */
export type Step = typeof STEPS[number]

/** The arguments of `newcomer-process.ts`. */
export interface NewcomerArguments {
    readonly folder: string
    readonly port: number
    readonly through: string
    /** The step after which the process kills itself; `null` for none. */
    readonly dieAfter: Step | null
}
