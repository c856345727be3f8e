import { aborted } from '../base/abort-signal.js'
import type { Monotonic } from '../base/monotonic.js'
import type { HeldLease } from './held-lease.js'
import { ERROR_LENGTH_MAX, type Job } from './job-commands.js'
import type { PartHost } from './part.js'
import { Pulse } from './pulse.js'

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

/** The pause before the next try of a publish, in milliseconds. */
const RETRY_MS = 500

/** The pause before the next look at a lease that is not sure, in milliseconds. */
const LOOK_MS = 20

/** The end of an attempt. `error` is empty after a success. */
interface AttemptEnd {
    readonly key: string
    readonly token: Monotonic
    readonly error: string
}

/** A worker of this process: runs the jobs that the log gives to its lease. */
export class LocalWorker<Payload> {
    readonly #routine: JobRoutine<Payload>
    readonly #host: PartHost
    readonly #end: (attempt: AttemptEnd) => Promise<unknown>
    /** The attempts that run, by token and key. */
    readonly #running = new Map<string, Promise<void>>()
    /** The ends of attempts that are on their way to the log. */
    readonly #ends = new Set<Promise<void>>()
    readonly #given: Job[] = []
    #lease: HeldLease | null = null

    /** @param end Publishes the end of an attempt. */
    constructor(
        routine: JobRoutine<Payload>, host: PartHost,
        end: (attempt: AttemptEnd) => Promise<unknown>
    ) {
        this.#routine = routine
        this.#host = host
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
        } else if (lease.remainingMs > 0 && !this.#running.has(id)) {
            const running = this.#run(job, lease).finally(() => this.#running.delete(id))
            this.#running.set(id, running)
        } else if (lease.remainingMs === 0 && !lease.hasEnded) {
            // An extension that the log already contains may keep the lease, and then the job.
            this.#host.after(LOOK_MS, () => this.give(job))
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
        const over = (): void => { this.#ends.delete(end) }
        const end = this.#tell(lease, () => this.#end({ key, token, error })).then(over, over)
        this.#ends.add(end)
    }

    /**
     * Publishes until the log answers: while the lease goes on, no other worker gets the job. A
     * second entry has no effect. After the lease, the job runs again.
     */
    async #tell(lease: HeldLease, publish: () => Promise<unknown>): Promise<void> {
        for (;;) {
            try {
                await publish()
                return
            } catch {
                if (lease.hasEnded) {
                    return
                }
            }
            await new Pulse().wait([this.#host.closed, lease.signal],
                { host: this.#host, ms: RETRY_MS })
        }
    }
}
