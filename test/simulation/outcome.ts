import { draw } from './draw.js'
import type { Plan } from './plan.js'
import type { Tally } from './tally.js'
import { Trial } from './trial.js'
import { type Property, Violation } from './violation.js'
import type { Listener } from './world.js'

/** How a trial ended that did not end well. It travels between processes. */
export interface Failure {
    readonly seed: number
    /** An exception of any other kind is one more promise that does not hold: L4. */
    readonly property: Property
    readonly message: string
    readonly stack: string
    /** The functions of the engine that the checker blames; often none. */
    readonly blamed: readonly string[]
    /** How long after the beginning of the faults; `null` where they had not begun. */
    readonly afterMs: number | null
}

/** What came of a trial. */
export interface Outcome {
    readonly tally: Tally
    readonly failure: Failure | null
}

function failureOf(seed: number, error: unknown, trial: Trial): Failure {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    const { faultsAt, world } = trial
    return {
        seed,
        property: error instanceof Violation ? error.property : 'L4',
        message: error instanceof Violation ? message : `L4: ${message}`,
        stack: stack ?? message,
        blamed: error instanceof Violation ? error.blamed : [],
        afterMs: faultsAt === null ? null : world.timeline.now - faultsAt
    }
}

/** Runs a trial of a seed to its end, however it ends. */
export function finish(seed: number, trial: Trial): Outcome {
    const { tally } = trial
    try {
        trial.run()
        return { tally, failure: null }
    } catch (error) {
        return { tally, failure: failureOf(seed, error, trial) }
    }
}

/** Runs a plan to its end, however it ends. */
export function attempt(plan: Plan, listener: Listener | null = null): Outcome {
    return finish(plan.seed, new Trial(plan, listener))
}

/** Runs one seed into a tally; gives back how it failed, or `null`. */
export function tryOut(seed: number, total: Tally, listener: Listener | null): Failure | null {
    const { tally, failure } = attempt(draw(seed), listener)
    total.add(tally)
    return failure
}

/** The one line that reproduces the failure of a seed. */
export function reproduction({ seed, message }: Pick<Failure, 'seed' | 'message'>): string {
    return `npm run simulate -- --seed ${seed} # ${message}`
}

/** What a message says before it comes to names and numbers. */
function gist(message: string): string {
    return /^[A-Z]\d+: [^\d:{["]*/.exec(message)?.[0] ?? message
}

/**
 * Whether two failures are of one kind: the same property and, where it is one of liveness, the
 * same thing that did not come. What breaks safety shows in whichever check looks there first.
 */
export function isAlike(
    one: Pick<Failure, 'property' | 'message'>,
    other: Pick<Failure, 'property' | 'message'>
): boolean {
    return one.property === other.property &&
        (one.property.startsWith('S') || gist(one.message) === gist(other.message))
}
