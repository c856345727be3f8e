import type { Dice } from '../../src/testing/dice.js'
import type { Plan } from './plan.js'

/** How many members a saturated republic has at the most. */
const POPULATION_MAX = 6

/** How long the faults of a saturated republic go on at the most, in timeouts. */
const FAULTS_TIMEOUTS = 12

/** The longest `patience` of a saturated republic, in timeouts. */
const PATIENCE_TIMEOUTS = 6

/**
 * Lets the callers of a republic fill every round of its leader, in one trial of ten. The rounds
 * are small and slow, so that a trial has few entries. The saturation has dice of its own: every
 * other seed stays as it is.
 */
export function saturate(plan: Plan, dice: Dice): Plan {
    const { options, durable, faults } = plan
    // A leader without other voters writes no rounds.
    if (!dice.chance(0.12) || plan.isRecorded || options.parliamentSize < 3) {
        return plan
    }
    const { timeout } = options
    const [batch, window] = [dice.pick([2, 3, 5, 8]), dice.pick([1, 2, 2])]
    const round = batch * window
    const latencyMs = timeout / dice.pick([40, 60, 80])
    const jitterMs = latencyMs * dice.pick([0.01, 0.3, 1])
    const flushMs = durable?.flushMs ?? 0
    const runs = timeout / (4 * (latencyMs + jitterMs + flushMs) + 2)
    const faultsMs = Math.min(plan.faultsMs, FAULTS_TIMEOUTS * timeout)
    return {
        ...plan,
        options: { ...options, batch, window, history: round * dice.pick([24, 50, 100, 1000]) },
        population: Math.max(3, Math.min(plan.population, POPULATION_MAX)),
        climate: { ...plan.climate, latencyMs, jitterMs },
        // A barrier may wait for the answer to a question.
        callLimitMs: Math.min(plan.callLimitMs, 3 * timeout),
        capacity: runs * round / 3,
        publishMs: Number.POSITIVE_INFINITY,
        faultsMs,
        faults: faults.filter(({ atMs }) => atMs < faultsMs),
        saturation: {
            callers: round * dice.pick([2, 3, 5]),
            barrierMs: timeout * dice.pick([0.03, 0.1, 0.3])
        },
        durable: durable && {
            ...durable, patienceMs: Math.min(durable.patienceMs, PATIENCE_TIMEOUTS * timeout)
        }
    }
}
