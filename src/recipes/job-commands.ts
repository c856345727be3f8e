import { rejectArgument } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import { DURATION_MS_MAX } from '../base/option-table.js'
import type { LeaseRecord } from './lease-watch.js'

/** Adds a job, unless the key is known. The bounds are the publisher's. */
export interface EnqueueJob {
    readonly do: 'enqueue'
    readonly key: string
    readonly payload: unknown
    /** The number of attempts after which the job has failed. */
    readonly attempts: number
    /** The pause after the first failed attempt, in milliseconds. */
    readonly backoff: number
    readonly jobsMax: number
    /** The schedule that adds the job, and the time of the schedule in ms since the epoch. */
    readonly schedule?: { readonly name: string, readonly at: number }
}

/** A command of the job table. */
export type JobCommand =
    | EnqueueJob
    /** Adds a worker of the publisher. */
    | {
        readonly do: 'work', readonly id: string, readonly session: string, readonly ttl: number,
        readonly capacity: number
    }
    | { readonly do: 'extend', readonly id: string }
    | { readonly do: 'leave', readonly id: string, readonly pastMax: number }
    | {
        readonly do: 'expire', readonly id: string, readonly extended: Monotonic,
        readonly pastMax: number
    }
    /** Ends an attempt. An empty error is a success. */
    | {
        readonly do: 'end', readonly key: string, readonly token: Monotonic,
        readonly error: string, readonly pastMax: number
    }
    /** Ends the pause after a failed attempt. */
    | { readonly do: 'retry', readonly key: string, readonly attempt: number }

/** `done`; `known` if the key is known; `full` at a bound; `void` without an effect. */
export interface JobOutcome {
    readonly state: 'done' | 'known' | 'full' | 'void'
}

/** A job that has not ended. */
export interface Job {
    readonly key: string
    readonly payload: unknown
    readonly state: 'ready' | 'running' | 'paused'
    /** The number of the present attempt, or of the last one. */
    readonly attempt: number
    readonly attempts: number
    readonly backoff: number
    /** The id of the worker; empty without one. */
    readonly worker: string
    /** The token of the attempt; empty unless the job is running. */
    readonly token: Monotonic
    /** The error of the last attempt; empty without one. */
    readonly error: string
}

/** A job that has ended: `failed` after its last attempt. */
export interface PastJob {
    readonly key: string
    readonly state: 'done' | 'failed'
    readonly attempt: number
    readonly error: string
}

/** A worker, with its lease. */
export interface JobWorker extends LeaseRecord {
    /** The number of jobs that the worker runs at the same time. */
    readonly capacity: number
}

/** Learns the changes. Local work only: nothing of it reaches the state. */
export interface JobObserver {
    /** A worker was added or extended. */
    kept(worker: JobWorker): void
    /** A worker has ended. */
    ended(id: string): void
    /** A worker has received a job. */
    given(job: Job): void
    /** A job pauses after a failed attempt. */
    paused(job: Job): void
}

/** The longest key, in characters. */
const KEY_LENGTH_MAX = 512
/** The longest kept error, in characters. */
export const ERROR_LENGTH_MAX = 1000
const COUNT_MAX = 1_000_000

/** The texts and the numbers of each command. */
const FIELDS: Readonly<
    Record<string, readonly [texts: readonly string[], counts: readonly string[]]>
> = {
    enqueue: [['key'], ['attempts', 'jobsMax']],
    work: [['id', 'session'], ['capacity']],
    extend: [['id'], []],
    leave: [['id'], ['pastMax']],
    expire: [['id', 'extended'], ['pastMax']],
    end: [['key', 'token'], ['pastMax']],
    retry: [['key'], ['attempt']]
}

function isText(value: unknown): boolean {
    return typeof value === 'string' && value !== '' && value.length <= KEY_LENGTH_MAX
}

function isCount(value: unknown): boolean {
    return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= COUNT_MAX
}

function isTime(value: unknown): boolean {
    return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= DURATION_MS_MAX
}

/** Refuses a value that is no command. @throws KibitzError `invalid-argument`. */
export function rejectJobCommand(command: JobCommand): void {
    const given = Object(command) as Record<string, unknown>
    const kind = String(given['do'])
    const [texts, counts] = (Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined)
        ?? rejectArgument('This is no command of jobs.')
    for (const name of [...texts.filter((each) => !isText(given[each])),
        ...counts.filter((each) => !isCount(given[each]))]) {
        rejectArgument(`The field ${name} of a command of jobs is not usable: a text has 1 to `
            + `${KEY_LENGTH_MAX} characters, and a number is 1 to ${COUNT_MAX}.`)
    }
    const { schedule = { name: 'x', at: 1 } } = given as { schedule?: Record<string, unknown> }
    const isUsable = kind === 'enqueue'
        ? isTime(given['backoff']) && isText(schedule['name'])
            && Number.isSafeInteger(schedule['at'])
        : kind === 'work'
            ? isTime(given['ttl'])
            : kind !== 'end' || (typeof given['error'] === 'string'
                && given['error'].length <= ERROR_LENGTH_MAX)
    if (!isUsable) {
        rejectArgument(`A time, the error or the schedule of the command ${kind} is not usable.`)
    }
}
