import { KibitzError } from '../base/errors.js'
import type { PlannedFault, TrialPlan } from './plan.js'
import type { RunOutcome } from './trial-run.js'

/** Runs a plan. */
type Run = (plan: TrialPlan) => Promise<RunOutcome>

/** Whether two runs have found the same fault. */
function isAlike(one: RunOutcome, other: RunOutcome): boolean {
    return one.finding !== null && one.finding.kind === other.finding?.kind
}

/**
 * Looks for a smaller plan with the same fault: fewer operations, fewer members, fewer faults, as
 * long as runs are left. The result is the smallest plan that has failed.
 */
export class TrialShrinker {
    /** The smallest failed run so far. */
    best: RunOutcome
    /** The number of runs. */
    runs = 0
    readonly #run: Run
    readonly #runsMax: number

    constructor(failed: RunOutcome, run: Run, runsMax: number) {
        this.best = failed
        this.#run = run
        this.#runsMax = runsMax
    }

    /** Shrinks until no step helps, no run is left, or the trial is aborted. */
    async shrink(): Promise<RunOutcome> {
        try {
            await this.#shrinkAll()
        } catch (error) {
            if (!(error instanceof KibitzError && error.code === 'aborted')) {
                throw error
            }
        }
        return this.best
    }

    async #shrinkAll(): Promise<void> {
        let before: RunOutcome
        do {
            before = this.best
            await this.#shrinkOperations()
            await this.#thinFaults()
            await this.#dropMembers()
        } while (this.best !== before && this.runs < this.#runsMax)
    }

    async #try(change: Partial<TrialPlan>): Promise<boolean> {
        if (this.runs >= this.#runsMax) {
            return false
        }
        this.runs++
        const outcome = await this.#run({ ...this.best.plan, ...change })
        const isSame = isAlike(outcome, this.best)
        this.best = isSame ? outcome : this.best
        return isSame
    }

    /** Omits the operations after the fault, and then more and more of the others. */
    async #shrinkOperations(): Promise<void> {
        const { operations: made } = this.best.counts
        const { operations } = this.best.plan
        if (made < operations) {
            await this.#try({ operations: Math.max(1, made) })
        }
        for (let step = this.best.plan.operations >> 1; step > 0;) {
            const fewer = this.best.plan.operations - step
            const isFewer = fewer > 0 && await this.#try({ operations: fewer })
            step = isFewer ? Math.min(step, this.best.plan.operations >> 1) : step >> 1
        }
    }

    /** Omits all faults, halves, quarters and so on, down to single ones. */
    async #thinFaults(): Promise<void> {
        for (let size = this.best.plan.faults.length; size > 0; size >>= 1) {
            for (let end = this.best.plan.faults.length; end > 0;) {
                const begin = Math.max(0, end - size)
                const { faults } = this.best.plan
                const thinner: readonly PlannedFault[] =
                    [...faults.slice(0, begin), ...faults.slice(end)]
                await this.#try({ faults: thinner })
                end = Math.min(begin, this.best.plan.faults.length)
            }
        }
    }

    async #dropMembers(): Promise<void> {
        while (this.best.plan.members > 1
            && await this.#try({ members: this.best.plan.members - 1 })) {
            // A smaller republic shows the same fault; try an even smaller one.
        }
    }
}
