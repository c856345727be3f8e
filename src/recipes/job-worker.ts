import { aborted } from '../base/abort-signal.js'
import type { Monotonic } from '../base/monotonic.js'
import type { HeldLease } from './held-lease.js'
import { ERROR_LENGTH_MAX, type Job } from './job-commands.js'

/** A job, for the function that runs the job. */
export interface JobRun<Payload = unknown> {
    readonly key: string
    readonly payload: Payload
    /** 1 for the first attempt. */
    readonly attempt: number
    /**
     * The fencing token: rises from attempt to attempt of the key. A resource that refuses a lower
     * token than the highest seen one makes the effects of the last attempt final.
     */
    readonly token: Monotonic
    /** Aborts when the lease of the worker ends, before another worker receives the job. */
    readonly signal: AbortSignal
}

/** Runs a job. An exception ends the attempt, and the job runs again after a pause. */
export type JobRoutine<Payload = unknown> = (job: JobRun<Payload>) => unknown

function textOf(error: unknown): string {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return (text === '' ? 'unknown' : text).slice(0, ERROR_LENGTH_MAX)
}

/** A worker of this process: runs the jobs that the log gives to its lease. */
export class LocalWorker<Payload> {
    readonly #routine: JobRoutine<Payload>
    readonly #end: (key: string, token: Monotonic, error: string) => Promise<unknown>
    /** The attempts that run, by token and key. */
    readonly #running = new Map<string, Promise<void>>()
    /** The ends of attempts that are on their way to the log. */
    readonly #ends = new Set<Promise<void>>()
    readonly #given: Job[] = []
    #lease: HeldLease | null = null

    /** @param end Publishes the end of an attempt. */
    constructor(
        routine: JobRoutine<Payload>,
        end: (key: string, token: Monotonic, error: string) => Promise<unknown>
    ) {
        this.#routine = routine
        this.#end = end
    }

    /** The worker has its lease: runs the jobs that came before. */
    begin(lease: HeldLease): void {
        this.#lease = lease
        for (const job of this.#given.splice(0)) {
            this.give(job)
        }
    }

    /** Runs a job, unless the attempt runs already. */
    give(job: Job): void {
        const lease = this.#lease
        const id = `${job.token} ${job.key}`
        if (lease === null) {
            this.#given.push(job)
        } else if (!this.#running.has(id) && lease.remainingMs > 0) {
            const running = this.#run(job, lease).finally(() => this.#running.delete(id))
            this.#running.set(id, running)
        }
    }

    /** Ends the lease, and resolves after the running routines. */
    async stop(): Promise<void> {
        this.#lease?.end(() => aborted('The work', null))
        await Promise.all(this.#running.values())
    }

    /** Resolves when the log has taken the ends of all attempts. */
    async ended(): Promise<void> {
        await Promise.all(this.#ends)
    }

    async #run(job: Job, lease: HeldLease): Promise<void> {
        const { key, attempt, token } = job
        const payload = job.payload as Payload
        const run = Object.freeze({ key, payload, attempt, token, signal: lease.signal })
        // The routine begins in a later turn: no exception of it reaches the caller.
        const error = await Promise.resolve().then(() => this.#routine(run))
            .then(() => '', textOf)
        // Without an answer, the entry may still appear. Otherwise the worker's lease ends, and
        // the job runs again.
        const over = (): void => { this.#ends.delete(end) }
        const end = this.#end(key, token, error).then(over, over)
        this.#ends.add(end)
    }
}
