import { rejectArgument } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import type { ApplicationEntry } from '../colleague/application.js'
import { rejectJobCommand } from './job-commands.js'
import type {
    EnqueueJob, Job, JobCommand, JobObserver, JobOutcome, JobWorker, PastJob
} from './job-commands.js'
import { isSameOwner, type Owner, ownerOf } from './part.js'

/** The most names of schedules. */
const SCHEDULES_MAX = 1000

/** The error of an attempt whose worker has ended. */
const LOST = 'The worker has ended.'

/**
 * The replicated state of the jobs: no clock, no chance.
 *
 * 1. A job has one worker at a time: the worker that the log has chosen in the job's last attempt.
 * 2. The token of an attempt is the promise of the entry that gave the job to the worker.
 * 3. A key that is known, or that has ended within the last `pastMax` jobs, is not added again.
 */
export class JobTable {
    readonly #jobs = new Map<string, Job>()
    /** The keys that wait for a worker, in order. */
    readonly #ready = new Set<string>()
    /** The ended jobs, the oldest first. */
    readonly #past = new Map<string, PastJob>()
    readonly #workers = new Map<string, JobWorker>()
    /** The last time of each schedule, in milliseconds since the epoch. */
    readonly #schedules = new Map<string, number>()
    readonly #observer: JobObserver

    constructor(observer: JobObserver) {
        this.#observer = observer
    }

    /** Refuses a value that is no command. */
    validate(command: JobCommand): void {
        rejectJobCommand(command)
    }

    /** A job, or the end of a job, by its key. */
    find(key: string): Job | PastJob | undefined {
        return this.#jobs.get(key) ?? this.#past.get(key)
    }

    /** The jobs that have not ended. */
    get jobs(): ReadonlyMap<string, Job> { return this.#jobs }

    /** The jobs that have ended, the oldest first. */
    get past(): ReadonlyMap<string, PastJob> { return this.#past }

    /** The workers of all members. */
    get workers(): ReadonlyMap<string, JobWorker> { return this.#workers }

    /** The last time of a schedule that the log holds, in milliseconds since the epoch. */
    lastOf(schedule: string): number { return this.#schedules.get(schedule) ?? 0 }

    /** Applies a command. */
    apply(entry: ApplicationEntry<JobCommand>): JobOutcome {
        const { promise, body } = entry
        const state = this.#applyTo(body, ownerOf(entry), promise)
        this.#assign(promise)
        return { state }
    }

    #applyTo(body: JobCommand, owner: Owner, promise: Monotonic): JobOutcome['state'] {
        switch (body.do) {
            case 'enqueue':
                return this.#enqueue(body)
            case 'work': {
                const { id, session, ttl, capacity } = body
                this.#keep({
                    id, session, ttl, capacity, ...owner, token: promise, extended: promise
                })
                return 'done'
            }
            case 'extend': {
                const worker = this.#workers.get(body.id)
                return worker !== undefined && isSameOwner(worker, owner)
                    ? this.#keep({ ...worker, extended: promise })
                    : 'void'
            }
            case 'leave':
            case 'expire': {
                const worker = this.#workers.get(body.id)
                const mayEnd = worker !== undefined && (body.do === 'expire'
                    ? worker.extended === body.extended
                    : isSameOwner(worker, owner))
                return mayEnd ? this.#endWorker(worker, body.pastMax) : 'void'
            }
            case 'end': {
                const job = this.#jobs.get(body.key)
                return job?.state === 'running' && job.token === body.token
                    ? this.#endAttempt(job, body.error, body.pastMax)
                    : 'void'
            }
            case 'retry': {
                const job = this.#jobs.get(body.key)
                return job?.state === 'paused' && job.attempt === body.attempt
                    ? this.#makeReady(job)
                    : 'void'
            }
        }
        return rejectArgument('The job table does not know this command.')
    }

    /** One JSON value for each job, worker and schedule. */
    * snapshot(): Generator<unknown> {
        for (const job of this.#jobs.values()) {
            yield ['job', job]
        }
        yield ['ready', [...this.#ready]]
        for (const past of this.#past.values()) {
            yield ['past', past]
        }
        for (const worker of this.#workers.values()) {
            yield ['worker', worker]
        }
        for (const schedule of this.#schedules) {
            yield ['schedule', schedule]
        }
    }

    /** Replaces the state. */
    async restore(values: AsyncIterable<unknown>): Promise<void> {
        for (const each of [this.#jobs, this.#ready, this.#past, this.#workers, this.#schedules]) {
            each.clear()
        }
        for await (const value of values) {
            const line = value as
                | ['job', Job] | ['ready', string[]] | ['past', PastJob] | ['worker', JobWorker]
                | ['schedule', [string, number]]
            switch (line[0]) {
                case 'job':
                    this.#jobs.set(line[1].key, line[1])
                    break
                case 'ready':
                    line[1].map((key) => this.#ready.add(key))
                    break
                case 'past':
                    this.#past.set(line[1].key, line[1])
                    break
                case 'worker':
                    this.#workers.set(line[1].id, line[1])
                    break
                case 'schedule':
                    this.#schedules.set(...line[1])
            }
        }
    }

    #enqueue({ key, payload, attempts, backoff, jobsMax, schedule }: EnqueueJob):
        JobOutcome['state'] {
        const isLate = schedule !== undefined && this.lastOf(schedule.name) >= schedule.at
        if (this.find(key) !== undefined || isLate) {
            return 'known'
        }
        const isNew = schedule !== undefined && !this.#schedules.has(schedule.name)
        if (this.#jobs.size >= jobsMax || (isNew && this.#schedules.size >= SCHEDULES_MAX)) {
            return 'full'
        }
        if (schedule !== undefined) {
            this.#schedules.set(schedule.name, schedule.at)
        }
        const job: Job = {
            key, payload, attempts, backoff, attempt: 0, state: 'ready', worker: '', token: '',
            error: ''
        }
        return this.#makeReady(job)
    }

    #makeReady(job: Job): 'done' {
        this.#jobs.set(job.key, { ...job, state: 'ready', worker: '', token: '' })
        this.#ready.add(job.key)
        return 'done'
    }

    #keep(worker: JobWorker): 'done' {
        this.#workers.set(worker.id, worker)
        this.#observer.kept(worker)
        return 'done'
    }

    #endWorker(worker: JobWorker, pastMax: number): 'done' {
        this.#workers.delete(worker.id)
        this.#observer.ended(worker.id)
        for (const job of [...this.#jobs.values()]) {
            if (job.worker === worker.id) {
                this.#endAttempt(job, LOST, pastMax)
            }
        }
        return 'done'
    }

    /** Ends the attempt of a running job. `error` is empty after a success. */
    #endAttempt(job: Job, error: string, pastMax: number): 'done' {
        const { key, attempt, attempts } = job
        if (error !== '' && attempt < attempts) {
            const paused: Job = { ...job, state: 'paused', worker: '', token: '', error }
            this.#jobs.set(key, paused)
            this.#observer.paused(paused)
            return 'done'
        }
        this.#jobs.delete(key)
        this.#past.set(key, { key, state: error === '' ? 'done' : 'failed', attempt, error })
        for (const oldest of this.#past.keys()) {
            if (this.#past.size <= pastMax) {
                break
            }
            this.#past.delete(oldest)
        }
        return 'done'
    }

    /** Gives the ready jobs to the workers with the fewest jobs. */
    #assign(token: Monotonic): void {
        if (this.#ready.size === 0 || this.#workers.size === 0) {
            return
        }
        const loads = new Map([...this.#workers.keys()].map((id) => [id, 0]))
        for (const { worker } of this.#jobs.values()) {
            loads.set(worker, (loads.get(worker) ?? 0) + 1)
        }
        for (const key of this.#ready) {
            const job = this.#jobs.get(key)
            const free = [...this.#workers.values()].filter(({ id, capacity }) =>
                (loads.get(id) ?? 0) < capacity)
            const [first, ...others] = free
            if (first === undefined || job === undefined) {
                return
            }
            const { id } = others.reduce((best, each) =>
                (loads.get(each.id) ?? 0) < (loads.get(best.id) ?? 0) ? each : best, first)
            loads.set(id, (loads.get(id) ?? 0) + 1)
            const attempt = job.attempt + 1
            const given: Job = { ...job, state: 'running', worker: id, token, attempt }
            this.#ready.delete(key)
            this.#jobs.set(key, given)
            this.#observer.given(given)
        }
    }
}
