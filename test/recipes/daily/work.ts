import { setTimeout as sleep } from 'node:timers/promises'
import type { Monotonic } from '../../../src/base/monotonic.js'
import { KibitzError } from '../../../src/index.js'
import type {
    Counter, Jobs, Leadership, Locks, RateLimit, ReplicatedMap, Sequence
} from '../../../src/recipes/index.js'
import { type Called, type MemberPlan, POOL, type Report, TTL_MS } from './words.js'

/** The recipes of a member. */
export interface DailyParts {
    readonly locks: Locks
    readonly office: Leadership
    readonly map: ReplicatedMap<number>
    readonly jobs: Jobs<number>
    readonly visits: Counter
    readonly numbers: Sequence
    readonly blocks: Sequence
    readonly limit: RateLimit
}

/** The pause between two looks at a lease, in milliseconds. */
const LOOK_MS = 40

/** The time within which a process has stopped after its own SIGSTOP, in milliseconds. */
const STOP_MS = 20

/** The pause between two calls of a loop, in milliseconds. */
const PAUSE_MS = 100

/** The time in which all members enqueue the same key, in milliseconds. */
const JOB_MS = 400

function codeOf(error: unknown): string {
    return error instanceof KibitzError ? error.code : String(error)
}

/** The daily work of a member: every recipe, again and again, until `rest`. */
export class DailyWork {
    readonly #parts: DailyParts
    readonly #report: (event: Report, at?: number) => void
    readonly #plan: MemberPlan
    readonly #resting = new AbortController()
    readonly #ends: (() => void)[] = []
    #running: Promise<unknown> = Promise.resolve()
    /** Whether this process stops before its next look at the leadership. */
    #stops = false
    #uses = 0
    #calls = 0

    constructor(
        parts: DailyParts, report: (event: Report, at?: number) => void, plan: MemberPlan
    ) {
        this.#parts = parts
        this.#report = report
        this.#plan = plan
    }

    /** Works until `rest`. The worker of the jobs goes on. */
    async run(): Promise<void> {
        const { jobs, visits, numbers, blocks, limit } = this.#parts
        this.#ends.push(jobs.schedule('tick', '* * * * * *', 0))
        void jobs.work((job) => this.#job(job), { ttl: TTL_MS, capacity: 3 }).catch(() => {})
        void this.#watch().catch(() => {})
        this.#running = Promise.all([
            this.#again('money', () => this.#lock('money', 1)),
            this.#again('pool', () => this.#lock('pool', POOL)),
            this.#again('office', () => this.#lead()),
            this.#calling('add', () => visits.add('home')),
            this.#calling('next', () => numbers.next('order')),
            this.#calling('block', () => blocks.next('order')),
            this.#calling('take', async () => (await limit.take('x')).isAllowed),
            this.#calling('swap', () => this.#swap()),
            this.#again('enqueue', () => this.#enqueue())
        ])
        await this.#running
    }

    /** Ends all loops, except the worker of the jobs. */
    async rest(): Promise<void> {
        this.#resting.abort()
        for (const end of this.#ends) {
            end()
        }
        await this.#running
    }

    /** Stops this process before its next look at its leadership, if the process leads. */
    stopBeforeLook(): void {
        this.#stops = true
    }

    /** Repeats a piece of work. */
    async #again(of: string, piece: () => Promise<unknown>): Promise<void> {
        while (!this.#resting.signal.aborted) {
            try {
                await piece()
            } catch (error) {
                this.#report({ kind: 'fails', of, code: codeOf(error) })
            }
            await sleep(PAUSE_MS)
        }
    }

    /** Repeats a call whose answers must be right. */
    #calling(of: Called, ask: () => Promise<number | boolean>): Promise<void> {
        return this.#again(of, () => this.#call(of, ask))
    }

    async #call(of: Called, ask: () => Promise<number | boolean>, key: string = ''): Promise<void> {
        const call = this.#name(`${of} ${++this.#calls}`)
        this.#report({ kind: 'asks', of, call })
        const value = await ask()
        this.#report({ kind: 'answers', of, call, value, key })
    }

    #name(text: string): string {
        return `${this.#plan.id}${this.#plan.life} ${text}`
    }

    /** Holds a lock for a while. The last write does not look at the lease. */
    async #lock(what: string, permits: number): Promise<void> {
        const { locks } = this.#parts
        const { signal } = this.#resting
        await locks.using(what, { ttl: TTL_MS, permits, signal }, async (lease) => {
            const use = this.#name(`use ${++this.#uses}`)
            await this.#hold(what, use, lease.token, () => lease.remainingMs > 0, 250)
        })
    }

    /** Leads until the signal aborts, or the rest begins. */
    async #lead(): Promise<void> {
        const { signal: resting } = this.#resting
        await this.#parts.office.whileLeading(async (signal, token) => {
            const use = this.#name(`use ${++this.#uses}`)
            const isLeading = (): boolean => !signal.aborted
            await this.#hold('office', use, token, isLeading, Number.POSITIVE_INFINITY)
        }, { signal: resting })
    }

    async #hold(
        what: string, use: string, token: Monotonic, isSure: () => boolean, ms: number
    ): Promise<void> {
        const { signal: resting } = this.#resting
        const beganAt = performance.now()
        await this.#write(what, use, token)
        while (this.#look(what, use, token, isSure) && performance.now() - beganAt < ms) {
            await sleep(LOOK_MS)
            if (what === 'office' && this.#stops) {
                this.#stop(use)
            }
            if (resting.aborted) {
                break
            }
        }
        await this.#write(what, use, token)
        this.#report({ kind: 'ends', what, use })
    }

    /** Stops this process: no timer runs between the end of the stop and the look that follows. */
    #stop(use: string): void {
        this.#stops = false
        this.#report({ kind: 'stops', use })
        process.kill(process.pid, 'SIGSTOP')
        // The system may need a moment to stop the thread.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOP_MS)
    }

    /** Reports that a use holds its lease. The clock is read first: a pause may follow. */
    #look(what: string, use: string, token: Monotonic, isSure: () => boolean): boolean {
        const at = Number(process.hrtime.bigint()) / 1e6
        const isHeld = isSure()
        if (isHeld) {
            this.#report({ kind: 'holds', what, use, token }, at)
        }
        return isHeld
    }

    /** Sends a write with the token to the resource. */
    async #write(what: string, use: string, token: Monotonic): Promise<void> {
        if (what === 'pool') {
            return
        }
        const { ok } = await fetch(`http://127.0.0.1:${this.#plan.resource}/`,
            { method: 'POST', body: JSON.stringify({ what, use, token }) })
        this.#report({ kind: 'writes', what, use, token, isAccepted: ok })
    }

    async #job({ key, attempt, token, signal }: {
        readonly key: string, readonly attempt: number, readonly token: Monotonic,
        readonly signal: AbortSignal
    }): Promise<void> {
        const use = this.#name(`use ${++this.#uses}`)
        this.#report({ kind: 'attempts', key, attempt })
        for (let look = 0; look < 4; look++) {
            await sleep(LOOK_MS, null, { signal })
            this.#look(`job ${key}`, use, token, () => !signal.aborted)
        }
        if (attempt === 1 && key.endsWith('7')) {
            throw new Error('This job fails once.')
        }
        this.#report({ kind: 'does', key })
    }

    async #enqueue(): Promise<void> {
        const now = Date.now()
        const key = `job ${Math.floor(now / JOB_MS)}`
        await this.#call('enqueue', () =>
            this.#parts.jobs.enqueue(key, 1, { backoff: 100, attempts: 100 }), key)
        await sleep(JOB_MS - now % JOB_MS)
    }

    async #swap(): Promise<number> {
        const { value } = await this.#parts.map.transaction((view) => {
            const next = (view.get('left') ?? 0) + 1
            view.set('left', next)
            view.set('right', next)
            return next
        })
        return value
    }

    async #watch(): Promise<void> {
        for await (const { version, changes } of this.#parts.map.watch()) {
            this.#report({
                kind: 'sees', version,
                changes: changes.map(({ key, value }) => [key, value] as const)
            })
        }
    }
}
