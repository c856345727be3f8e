import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SeedsOrders } from './orders.js'
import type { Failure, Outcome } from './outcome.js'
import type { Result } from './report.js'
import { Tally } from './tally.js'
import { withoutCoverage } from '../support/environment.js'

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url))

/** A trial makes much that is soon forgotten; room for it saves a third of the time. */
const ROOM = '--max-semi-space-size=64'

/** How long one seed may take. */
const SEED_MS = 300_000

/** The observer of the progress. */
export interface Watcher {
    /** A seed has failed. */
    failed(failure: Failure): void
    /** One more seed is done. */
    done(campaign: Campaign): void
}

/** Runs many seeds in processes beside each other: the first takes the first, and so on in turn. */
export class Campaign {
    readonly tally = new Tally()
    readonly failures: Failure[] = []
    readonly orders: SeedsOrders
    readonly #watcher: Watcher
    readonly #begin = performance.now()
    readonly #children = new Set<ChildProcess>()
    #isStopped = false

    constructor(orders: SeedsOrders, watcher: Watcher) {
        this.orders = orders
        this.#watcher = watcher
    }

    /** How much is done of what is to be done, between nothing and one. */
    get share(): number {
        const { first, last, minutes } = this.orders
        const bySeeds = this.tally.trials / (last - first + 1)
        return Math.min(1, Math.max(bySeeds, this.#tookMs / (minutes * 60_000)))
    }

    get #tookMs(): number {
        return performance.now() - this.#begin
    }

    /** What has come of it up to now. */
    result(): Result {
        const { tally, failures, orders } = this
        return { tally, failures, tookMs: this.#tookMs, jobs: orders.jobs }
    }

    /** Runs all seeds, or until it is stopped. */
    async run(): Promise<void> {
        const { first, jobs } = this.orders
        const lanes = Array.from({ length: jobs }, (_, index) => this.#runLane(first + index))
        await Promise.all(lanes)
    }

    /** Begins no seed any more. */
    stop(): void {
        this.#isStopped = true
        for (const child of this.#children) {
            // Whoever has ended meanwhile need not be told.
            child.send('stop', () => {})
        }
    }

    /** Ends everything at once. */
    abandon(): void {
        this.stop()
        for (const child of this.#children) {
            child.kill('SIGKILL')
        }
    }

    /** Runs every so-manieth seed; a process that ends in the midst of one has failed at it. */
    async #runLane(first: number): Promise<void> {
        const { last, jobs } = this.orders
        let seed = first
        while (seed <= last && !this.#isStopped) {
            const { reached, reason } = await this.#runChild(seed)
            seed = reached
            if (reason !== null && !this.#isStopped) {
                const message = `L4: The process that ran it has ended: ${reason}.`
                this.tally.trials++
                this.#fail({
                    seed, property: 'L4', message, stack: message, blamed: [], afterMs: null
                })
                seed += jobs
            }
        }
    }

    async #runChild(first: number): Promise<{ reached: number, reason: string | null }> {
        const { last, jobs } = this.orders
        const args = [first, last, jobs].map(String)
        // Where it is counted what of a program runs, every step of it takes half as long again.
        const env = withoutCoverage()
        const execArgv = [...process.execArgv, ROOM]
        const child = fork(WORKER, args, { serialization: 'advanced', env, execArgv })
        this.#children.add(child)
        let seed = first
        let isLate = false
        // Deadline: a seed that has not ended by then is ended by force, and has failed.
        const deadline = setTimeout(() => {
            isLate = true
            child.kill('SIGKILL')
        }, SEED_MS)
        child.on('message', (outcome) => {
            deadline.refresh()
            seed += jobs
            this.#take(outcome as Outcome)
        })
        const [[code, signal]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')])
        clearTimeout(deadline)
        this.#children.delete(child)
        const isWell = code === 0 && (seed > last || this.#isStopped)
        const reason = isLate ? `not within ${SEED_MS / 1000} s` : `${signal ?? code}`
        return { reached: seed, reason: isWell ? null : reason }
    }

    #take({ tally, failure }: Outcome): void {
        this.tally.add(tally)
        if (failure !== null) {
            this.#fail(failure)
        }
        this.#watcher.done(this)
        if (this.#tookMs > this.orders.minutes * 60_000) {
            this.stop()
        }
    }

    #fail(failure: Failure): void {
        this.failures.push(failure)
        this.#watcher.failed(failure)
        if (!this.orders.keepsGoing) {
            this.stop()
        }
    }
}
