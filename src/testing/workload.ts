import { KibitzError } from '../base/errors.js'
import type { Application } from '../colleague/application.js'
import { canonicalResult } from './canonical.js'
import { type PublishRecord, TrialClient } from './client.js'
import { Dice } from './dice.js'
import type { TrialFinding } from './finding.js'
import type { ModelledOperation } from './model.js'
import type { TrialPlan } from './plan.js'
import type { TrialRepublic } from './trial-republic.js'
import type { VirtualTime } from './virtual-time.js'

/** The longest wait of `until`, in milliseconds. */
const UNTIL_MS = 60_000

/** The pause between two checks of a condition, in milliseconds. */
const CHECK_MS = 10

/** What a workload may use. */
export interface WorkloadContext<App extends Application<never> = Application> {
    /** Returns a random number in [0, 1) of the seed. */
    random(): number
    /** A client at member number `index`, counted from 0. */
    client(index: number): TrialClient<App>
    /**
     * Resolves once a condition holds. Rejects with `timed-out` after `timeout` milliseconds.
     * @default 60000
     */
    until(condition: () => boolean | Promise<boolean>, timeout?: number): Promise<void>
    /**
     * Does an operation, and records its result for the option `model`. An error of kibitz means
     * that the outcome is unknown.
     */
    operation<Result>(operation: unknown, call: () => Result | Promise<Result>): Promise<Result>
    /** Resolves after so many milliseconds. */
    sleep(ms: number): Promise<void>
    /** The number of members that found the republic. */
    readonly members: number
    /** The number of the client that calls the workload, from 0. */
    readonly session: number
    /** The number of the call of this client, from 0. */
    readonly round: number
}

/**
 * One piece of work of a client, for example one publish and a read. The clients of a run call the
 * workload again and again. An error of kibitz ends the piece of work: under faults a call may
 * fail. Any other error is a fault that the trial reports.
 */
export type Workload<App extends Application<never> = Application> =
    (context: WorkloadContext<App>) => unknown

/** The parts of a run that clients use. */
export interface ClientsParts {
    readonly plan: TrialPlan
    readonly time: VirtualTime
    readonly republic: TrialRepublic
    readonly workload: Workload
    report(finding: TrialFinding): void
}

/** The codes of errors that no fault of the trial explains: the caller made a mistake. */
const MISTAKES: ReadonlySet<string> = new Set(['invalid-argument', 'too-large', 'already-member'])

/** The clients of a run: each calls the workload, pauses, and calls again. */
export class Clients {
    readonly publishes: PublishRecord[] = []
    readonly modelled: ModelledOperation[] = []
    operations = 0
    refused = 0
    /** Whether the clients pause for a moment only. */
    isHasty = false
    #active = 0
    #isOver = false
    readonly #parts: ClientsParts

    constructor(parts: ClientsParts) {
        this.#parts = parts
    }

    /** Whether no call of the workload is under way. */
    get isIdle(): boolean {
        return this.#active === 0
    }

    /** Whether all calls of the plan have been made. */
    get isDone(): boolean {
        return this.operations >= this.#parts.plan.operations
    }

    /** Starts all clients. */
    start(): void {
        const { plan } = this.#parts
        for (let session = 0; session < plan.clients; session++) {
            const dice = new Dice(plan.seed, `client ${session}`)
            this.#pause(session, 0, dice)
        }
    }

    /** Calls the workload no more. Calls under way continue. */
    end(): void {
        this.#isOver = true
    }

    #pause(session: number, round: number, dice: Dice): void {
        const { plan, time } = this.#parts
        const pauseMs = dice.exponential(plan.pauseMs)
        time.timeline.after(this.isHasty ? Math.min(pauseMs, 1) : pauseMs, () => {
            if (!this.#isOver && !this.isDone) {
                void this.#call(session, round, dice)
            }
        })
    }

    async #call(session: number, round: number, dice: Dice): Promise<void> {
        this.operations++
        this.#active++
        try {
            await this.#parts.workload(this.#context(session, round, dice))
        } catch (error) {
            this.#judge(session, error)
        }
        this.#active--
        this.#pause(session, round + 1, dice)
    }

    #judge(session: number, error: unknown): void {
        if (error instanceof KibitzError && !MISTAKES.has(error.code)) {
            this.refused++
            return
        }
        const text = error instanceof Error ? error.message : String(error)
        this.#parts.report({
            kind: 'workload-error',
            message: `The workload of client ${session} failed: ${text}`,
            cause: error
        })
    }

    #context(session: number, round: number, dice: Dice): WorkloadContext {
        const { time, republic, plan } = this.#parts
        const sleep = (ms: number): Promise<void> =>
            new Promise((resolve) => time.timeline.after(ms, resolve))
        return {
            random: () => dice.next(),
            client: (index) => {
                const member = republic.members[index]
                if (member === undefined) {
                    throw new KibitzError('invalid-argument', `The trial has no member ${index}, `
                        + `but ${plan.members} members from 0 on. Nothing was done.`)
                }
                const { id } = member
                return new TrialClient(member, (body) => this.#record(
                    { session, round, member: id, body, promise: null, error: null }))
            },
            until: async (condition, timeout = UNTIL_MS) => {
                const endsAt = time.timeline.now + timeout
                while (!await condition()) {
                    if (time.timeline.now >= endsAt) {
                        throw new KibitzError('timed-out', 'The condition of until did not hold '
                            + `within ${timeout} ms of virtual time.`)
                    }
                    await sleep(CHECK_MS)
                }
            },
            operation: (operation, call) => this.#operate(session, operation, call),
            sleep, members: plan.members, session, round
        }
    }

    async #operate<Result>(
        session: number, operation: unknown, call: () => Result | Promise<Result>
    ): Promise<Result> {
        const { timeline } = this.#parts.time
        const record: ModelledOperation = {
            operation, session, calledAt: timeline.now, endedAt: Number.POSITIVE_INFINITY,
            result: ''
        }
        this.modelled.push(record)
        const result = await call()
        record.endedAt = timeline.now
        record.result = canonicalResult(result)
        return result
    }

    #record(record: PublishRecord): PublishRecord {
        this.publishes.push(record)
        return record
    }
}
