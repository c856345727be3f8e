import { COARSE, fine, type Move, omit } from './moves.js'
import { type Failure, isAlike } from './outcome.js'
import type { Plan } from './plan.js'

/** Runs a plan; `null` where it ends well. */
export type Run = (plan: Plan) => Failure | null

/** A case is one that people can follow up to so many faults. */
export const FAULTS_MAX = 30

/** How many other courses of chance are tried where that is not reached. */
const CHANCES = 4

/** How many courses of chance are tried without a member: every other draw changes with it. */
const MEMBER_CHANCES = 8

/**
 * Looks for the least plan that fails as a given one does: takes away faults, all of them, halves,
 * quarters and so on down to each alone (delta debugging), omits members, and simplifies all else,
 * over and over, until nothing can be taken away any more. After every step `best` holds the least
 * plan so far.
 *
 * With a fault less everything after it takes another course, so that a fault may seem to be
 * needed for the luck that it brings alone. Where too many are left, each plan therefore gets more
 * than one chance: its seed is another one.
 */
export class Shrinker {
    /** The simplest plan yet, and how it fails. */
    best: Plan
    failure: Failure
    /** How many plans were run. */
    runs = 0
    readonly #run: Run
    readonly #first: Failure
    readonly #tried = new Set<string>()
    #chances = 1

    constructor(plan: Plan, failure: Failure, run: Run) {
        this.best = plan
        this.failure = failure
        this.#first = failure
        this.#run = run
        this.#tried.add(JSON.stringify(plan))
    }

    /** Runs one plan at each step. */
    *steps(): Generator<void, void> {
        yield* this.#forget()
        yield* this.#settle()
        if (this.best.faults.length > FAULTS_MAX) {
            this.#chances = CHANCES
            yield* this.#settle()
        }
    }

    /** Until a whole round brings nothing. */
    *#settle(): Generator<void, void> {
        let before: Plan
        do {
            before = this.best
            yield* this.#simplify(COARSE)
            yield* this.#omitMembers()
            yield* this.#thin()
            yield* this.#simplify(fine(this.best))
        } while (this.best !== before)
    }

    /** Makes each move as often as it works. */
    *#simplify(moves: readonly Move[]): Generator<void, void> {
        for (const move of moves) {
            let works = true
            while (works) {
                works = yield* this.#try(move(this.best))
            }
        }
    }

    /** Without so many faults in a row, from the last to the first: what goes on before stays. */
    *#thin(): Generator<void, void> {
        let size = this.best.faults.length
        while (size > 0) {
            let isThinner = false
            for (let end = this.best.faults.length; end > 0;) {
                const begin = Math.max(0, end - size)
                const faults = this.best.faults.toSpliced(begin, end - begin)
                const thinner = { ...this.best, faults }
                isThinner = (yield* this.#tryLuck(thinner, this.#chances)) || isThinner
                end = Math.min(begin, this.best.faults.length)
            }
            size = isThinner && size === 1 ? 1 : Math.floor(size / 2)
        }
    }

    /** Without one member, from the last to the first: the founder stays. */
    *#omitMembers(): Generator<void, void> {
        for (let host = this.best.population - 1; host > 0; host--) {
            const smaller = omit(this.best, host)
            if (smaller !== this.best) {
                yield* this.#tryLuck(smaller, MEMBER_CHANCES)
            }
        }
    }

    *#tryLuck(plan: Plan, chances: number): Generator<void, boolean> {
        for (let chance = 0; chance < chances; chance++) {
            if (yield* this.#try({ ...plan, seed: plan.seed + chance })) {
                return true
            }
        }
        return false
    }

    *#try(plan: Plan): Generator<void, boolean> {
        const text = JSON.stringify(plan)
        if (this.#tried.has(text)) {
            return false
        }
        this.#tried.add(text)
        this.runs++
        const failure = this.#run(plan)
        const holds = failure !== null && isAlike(failure, this.#first)
        if (holds) {
            this.best = plan
            this.failure = failure
        }
        yield
        if (holds) {
            yield* this.#forget()
        }
        return holds
    }

    /** What would have struck later than it failed has not struck. */
    *#forget(): Generator<void, void> {
        const { best, failure: { afterMs } } = this
        const faults = best.faults.filter(({ atMs }) => atMs <= (afterMs ?? 0))
        const faultsMs = Math.min(best.faultsMs, Math.floor(afterMs ?? 0) + 1)
        const isLess = faults.length < best.faults.length || faultsMs < best.faultsMs
        if (isLess && !(yield* this.#try({ ...best, faults, faultsMs }))) {
            yield* this.#try({ ...best, faults })
        }
    }
}
