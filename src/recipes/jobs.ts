import { aborted, type WaitOptions } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import { KibitzError, rejectArgument } from '../base/errors.js'
import { readOptions } from '../base/option-table.js'
import type { ApplicationEntry } from '../colleague/application.js'
import { HeldLease } from './held-lease.js'
import type { Job, JobCommand, JobOutcome, PastJob } from './job-commands.js'
import {
    type CronClass, ENQUEUE_OPTIONS, type EnqueueOptions, JOB_DEFAULTS, JOBS_OPTIONS,
    type JobsOptions, SCHEDULE_OPTIONS, type ScheduleOptions, WORK_OPTIONS, type WorkOptions
} from './job-options.js'
import { JobTable } from './job-table.js'
import { type JobRoutine, LocalWorker } from './job-worker.js'
import { LeaseWatch } from './lease-watch.js'
import { fromLines, toLines } from './lines.js'
import { leaseTermsOf } from './lock-options.js'
import { type ComposedPart, noHost, type PartHost } from './part.js'
import { Pulse } from './pulse.js'
import { untilReleased } from './release-wait.js'
import { Schedule } from './schedule.js'

/** The longest pause of a job, in milliseconds. */
const BACKOFF_MS_MAX = 3_600_000

/** The members that do not lead wait so much longer, in milliseconds. */
const STAGGER_MS = 1000

/** The pause after a failed start of a worker, in milliseconds. */
const RETRY_MS = 500

/** The pause after an attempt of a job, in milliseconds. */
function pauseOf({ backoff, attempt }: Job): number {
    return Math.min(backoff * 2 ** Math.min(attempt - 1, 30), BACKOFF_MS_MAX)
}

/**
 * Jobs that one member runs, at least once. `README.md` of this folder states the promises.
 */
export class Jobs<Payload = unknown> implements ComposedPart<JobCommand, JobOutcome> {
    readonly #bounds: { readonly jobsMax: number, readonly pastMax: number }
    readonly #cron: CronClass | null
    readonly #table: JobTable
    readonly #workers = new Map<string, LocalWorker<Payload>>()
    readonly #schedules = new Set<Schedule>()
    /** The calls of `work` that have not ended. */
    readonly #working = new Set<Promise<void>>()
    readonly #stopping = new AbortController()
    readonly #pulse = new Pulse()
    #host: PartHost | null = null
    #watch: LeaseWatch | null = null
    #requests = 0

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: JobsOptions | null = {}) {
        const { jobsMax = JOB_DEFAULTS.jobsMax, pastMax = JOB_DEFAULTS.pastMax, Cron = null } =
            readOptions('Jobs', options, JOBS_OPTIONS)
        this.#bounds = { jobsMax, pastMax }
        this.#cron = Cron
        this.#table = new JobTable({
            kept: (worker) => this.#watch?.see(worker),
            ended: (id) => this.#watch?.forget(id),
            given: (job) => this.#give(job),
            paused: (job) => this.#resumeLater(job, pauseOf(job))
        })
    }

    /**
     * Adds a job. Resolves with `true`, or with `false` if the key is known: a job with the key has
     * not ended, or is among the last `pastMax` ended jobs. Rejects with `overloaded` if there are
     * `jobsMax` jobs, or like `publish`.
     */
    async enqueue(
        key: string, payload: Payload, options: EnqueueOptions | null = {}
    ): Promise<boolean> {
        const { attempts = JOB_DEFAULTS.attempts, backoff = JOB_DEFAULTS.backoff, ...waiting } =
            readOptions('enqueue', options, ENQUEUE_OPTIONS)
        const { jobsMax } = this.#bounds
        const state = await this.#publish(
            { do: 'enqueue', key, payload, attempts, backoff, jobsMax }, waiting)
        if (state === 'full') {
            throw new KibitzError('overloaded',
                `There are ${jobsMax} jobs (option jobsMax). Nothing was added; try again later.`)
        }
        return state === 'done'
    }

    /**
     * Runs jobs at this member until the signal aborts. Then resolves after the running jobs, and
     * after the log has their ends, but at most two seconds after the jobs.
     * If the lease of the worker ends, for example because the member is cut off, the signals of
     * its jobs abort, and the worker begins again. Rejects with the reason of a stopped Colleague.
     */
    work(routine: JobRoutine<Payload>, options: WorkOptions | null = {}): Promise<void> {
        const working = this.#work(routine, options)
        const over = (): void => { this.#working.delete(working) }
        this.#working.add(working)
        working.then(over, over)
        return working
    }

    async #work(routine: JobRoutine<Payload>, options: WorkOptions | null): Promise<void> {
        const { signal = null, capacity = JOB_DEFAULTS.capacity, ...times } =
            readOptions('work', options, WORK_OPTIONS)
        if (typeof routine !== 'function') {
            rejectArgument('work takes a function.')
        }
        const terms = leaseTermsOf(times)
        const { closed, session, now } = this.#attached()
        const ends = [closed, this.#stopping.signal, signal]
        while (ends.every((end) => end?.aborted !== true)) {
            const id = `${session}-${++this.#requests}`
            const worker = new LocalWorker<Payload>(routine, this.#attached(), (attempt) =>
                this.#publish({ do: 'end', ...attempt, pastMax: this.#bounds.pastMax }))
            this.#workers.set(id, worker)
            try {
                const from = now()
                await this.#publish({ do: 'work', id, session, ttl: terms.ttl, capacity })
                const lease = new HeldLease('a worker', id, from, terms, this.#attached(),
                    async (waiting) =>
                        await this.#publish({ do: 'extend', id }, waiting) === 'done')
                worker.begin(lease)
                await this.#pulse.wait([...ends, lease.signal])
            } catch {
                await this.#pulse.wait(ends, { host: this.#attached(), ms: RETRY_MS })
            }
            await worker.stop()
            this.#workers.delete(id)
            const left = quiet(this.#publish({ do: 'leave', id, pastMax: this.#bounds.pastMax }))
            const isLast = this.#stopping.signal.aborted
            await untilReleased(this.#attached(),
                Promise.all([worker.ended(), isLast ? left : null]))
        }
        closed.throwIfAborted()
    }

    /**
     * Adds a job at each time of a cron expression, once in the republic: call `schedule` at every
     * member. The key of the job is `name@time`. Each member reads its own wall clock, so the
     * clock that is first decides when the job is added. A time at which no member runs is left
     * out. Returns a function that ends the schedule at this member.
     */
    schedule(
        name: string, pattern: string, payload: Payload, options: ScheduleOptions | null = {}
    ): () => void {
        const { timezone, attempts = JOB_DEFAULTS.attempts, backoff = JOB_DEFAULTS.backoff } =
            readOptions('schedule', options, SCHEDULE_OPTIONS)
        const Cron = this.#cron ?? rejectArgument('schedule needs the class Cron of the package '
            + 'croner: new Jobs({ Cron }).')
        const cron = new Cron(pattern, {
            paused: true, ...(timezone === undefined ? {} : { timezone })
        })
        const { jobsMax } = this.#bounds
        const schedule = new Schedule(
            this.#attached(), (after) => cron.nextRun(after),
            (at) => this.#table.lastOf(name) >= at.getTime(),
            (at) => this.#publish({
                do: 'enqueue', key: `${name}@${at.toISOString()}`, payload, attempts, backoff,
                jobsMax, schedule: { name, at: at.getTime() }
            }))
        this.#schedules.add(schedule)
        return () => {
            schedule.stop()
            this.#schedules.delete(schedule)
        }
    }

    /** A job as this member knows the job; `undefined` if the key is unknown. */
    job(key: string): Job | PastJob | undefined {
        return this.#table.find(key)
    }

    /** The jobs that have not ended, as this member knows them. */
    jobs(): readonly Job[] { return [...this.#table.jobs.values()] }

    /** The last ended jobs, the oldest first, as this member knows them. */
    past(): readonly PastJob[] { return [...this.#table.past.values()] }

    /** Ends the work and the schedules of this process; resolves like `work`. */
    async stop(): Promise<void> {
        this.#stopping.abort(aborted('The work', null))
        for (const schedule of this.#schedules) {
            schedule.stop()
        }
        await Promise.allSettled(this.#working)
    }

    /** See `ComposedPart`. */
    attach(host: PartHost): void {
        this.#host = host
        this.#watch = new LeaseWatch(host, ({ id, extended }) =>
            this.#publish({ do: 'expire', id, extended, pastMax: this.#bounds.pastMax }))
    }

    /** See `Application`. */
    validate(command: JobCommand): void { this.#table.validate(command) }

    /** See `Application`. */
    apply(entry: ApplicationEntry<JobCommand>): JobOutcome { return this.#table.apply(entry) }

    /** See `Application`. */
    snapshot(): Iterable<string> { return toLines(this.#table.snapshot()) }

    /** See `Application`. */
    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        await this.#table.restore(fromLines(chunks))
        this.#watch?.reset(this.#table.workers.values())
        for (const job of this.#table.jobs.values()) {
            if (job.state === 'paused') {
                this.#resumeLater(job, pauseOf(job))
            } else if (job.state === 'running') {
                this.#give(job)
            }
        }
    }

    #attached(): PartHost {
        return this.#host ?? noHost('Jobs')
    }

    async #publish(command: JobCommand, waiting: WaitOptions = {}): Promise<JobOutcome['state']> {
        const { result } = await this.#attached().publish(command, waiting)
        return (result as JobOutcome).state
    }

    /** Runs a job, if the job belongs to a worker of this process. */
    #give(job: Job): void {
        const worker = this.#workers.get(job.worker)
        if (worker !== undefined) {
            this.#attached().later(() => worker.give(job))
        }
    }

    /** Ends the pause of a job after some time; the leader goes first. */
    #resumeLater(job: Job, ms: number, hasStaggered: boolean = false): void {
        const host = this.#attached()
        const { key, attempt } = job
        host.after(ms, () => {
            const found = this.#table.jobs.get(key)
            if (host.closed.aborted || found?.state !== 'paused' || found.attempt !== attempt) {
                return
            }
            if (!host.isLeader && !hasStaggered) {
                this.#resumeLater(job, STAGGER_MS * (0.5 + host.random() / 2), true)
                return
            }
            const again = (): void => this.#resumeLater(job, STAGGER_MS, true)
            this.#publish({ do: 'retry', key, attempt }).then(again, again)
        })
    }
}
