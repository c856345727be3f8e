import type { SignalOptions, WaitOptions } from '../base/abort-signal.js'
import { SIGNAL_OPTIONS, WAIT_OPTIONS } from '../base/abort-signal.js'
import { callable, count, milliseconds, type OptionTable, text } from '../base/option-table.js'
import { LEASE_TIME_OPTIONS, type LeaseTimeOptions } from './lock-options.js'

/** A parser of cron expressions: the class `Cron` of the package `croner`. */
export type CronClass = new (
    pattern: string, options: { readonly timezone?: string, readonly paused: boolean }
) => { nextRun(after: Date): Date | null }

/** The bounds of the jobs, and the parser of schedules. */
export interface JobsOptions {
    /** The number of jobs that have not ended. @default 10000 */
    readonly jobsMax?: number
    /** The number of ended jobs whose keys are not added again. @default 10000 */
    readonly pastMax?: number
    /** The class `Cron` of the package `croner`, an optional peer, for `schedule`. @default none */
    readonly Cron?: CronClass | null
}

/** The options of one job. */
export interface EnqueueOptions extends WaitOptions {
    /** The number of attempts after which the job has failed. @default 10 */
    readonly attempts?: number
    /**
     * The pause after the first failed attempt, in milliseconds; doubles each time.
     * @default 1000
     */
    readonly backoff?: number
}

/** The options of a worker. */
export interface WorkOptions extends SignalOptions, LeaseTimeOptions {
    /** The number of jobs that this worker runs at the same time. @default 1 */
    readonly capacity?: number
}

/** The options of a schedule. */
export interface ScheduleOptions {
    /** The time zone of the expression, such as `Europe/Berlin`. @default that of the machine */
    readonly timezone?: string
    /** The number of attempts, as in `enqueue`. @default 10 */
    readonly attempts?: number
    /** As in `enqueue`, in milliseconds. @default 1000 */
    readonly backoff?: number
}

/** The allowed values of each option. */
export const JOBS_OPTIONS: OptionTable<JobsOptions> = {
    jobsMax: count(1_000_000), pastMax: count(1_000_000), Cron: callable
}

/** The allowed values of each option. */
export const ENQUEUE_OPTIONS: OptionTable<EnqueueOptions> = {
    ...WAIT_OPTIONS, attempts: count(1_000_000), backoff: milliseconds
}

/** The allowed values of each option. */
export const WORK_OPTIONS: OptionTable<WorkOptions> = {
    ...SIGNAL_OPTIONS, ...LEASE_TIME_OPTIONS, capacity: count(10_000)
}

/** The allowed values of each option. */
export const SCHEDULE_OPTIONS: OptionTable<ScheduleOptions> = {
    timezone: text(100), attempts: count(1_000_000), backoff: milliseconds
}

/** The defaults. Times are in milliseconds. */
export const JOB_DEFAULTS = {
    jobsMax: 10_000, pastMax: 10_000, attempts: 10, backoff: 1000, capacity: 1
} as const
