import { KibitzError } from '../base/errors.js'
import { canonicalResult, shortText } from './canonical.js'
import type { TrialFinding } from './finding.js'
import { linearize, type Operation } from './linearizability.js'
import { type Act, type ActModel, findingOf } from './model-finding.js'

/**
 * A service that does one operation after the other: the clients of a correct service see results
 * that such a service could have given. `step` must not change the state that it receives.
 */
export interface SequentialModel<State = unknown, Act = unknown, Result = unknown> {
    /** The state at first. */
    initial(): State
    /** The state after an operation, and the result of the operation. */
    step(state: State, operation: Act): { readonly state: State, readonly result: Result }
    /**
     * The part of the service that an operation concerns, for example its key. The operations of
     * each part are checked alone, which is much faster. @default one part
     */
    partOf?(operation: Act): string
}

/** An operation of a client, with its result. */
export interface ModelledOperation {
    readonly operation: unknown
    readonly session: number
    readonly calledAt: number
    /** `Infinity` while the outcome is unknown. */
    endedAt: number
    /** The result as a comparable text. */
    result: string
}

/** The default limit of a search, in steps. */
const STEPS_MAX = 200_000

/**
 * A step of the model.
 *
 * @throws KibitzError `invalid-argument` if the model has no such operation.
 */
function stepOf(
    model: SequentialModel, before: unknown, operation: unknown
): ReturnType<SequentialModel['step']> {
    let after: unknown
    let cause: unknown
    try {
        after = model.step(before, operation)
    } catch (error) {
        cause = error
    }
    if (typeof after === 'object' && after !== null && 'state' in after && 'result' in after) {
        return after as ReturnType<SequentialModel['step']>
    }
    const what = cause === undefined ? `returned ${shortText(after)}` : `threw ${String(cause)}`
    throw new KibitzError('invalid-argument', `step of the model ${what} for the operation `
        + `${shortText(operation)}. Return { state, result } for every operation of the workload.`,
    { cause })
}

function orderModel(model: SequentialModel): ActModel {
    return {
        initial: model.initial(),
        step: (state, { operation, result, isCertain }) => {
            const { state: next, result: returned } = stepOf(model, state, operation)
            if (isCertain) {
                return canonicalResult(returned) === result ? next : undefined
            }
            // Without an effect, an operation with an unknown outcome needs no place.
            return canonicalResult(next) === canonicalResult(state) ? undefined : next
        },
        textOf: canonicalResult,
        resultOf: (state, operation) => canonicalResult(stepOf(model, state, operation).result),
        stepsMax: STEPS_MAX
    }
}

function byPart(
    operations: readonly ModelledOperation[], model: SequentialModel
): ReadonlyMap<string, Operation<Act>[]> {
    const parts = new Map<string, Operation<Act>[]>()
    for (const { operation, session, calledAt, endedAt, result } of operations) {
        const part = model.partOf?.(operation) ?? ''
        const isCertain = endedAt !== Number.POSITIVE_INFINITY
        const act = { operation, result, session, isCertain }
        parts.set(part, [...parts.get(part) ?? [], { act, calledAt, endedAt }])
    }
    return parts
}

/** The check of a history against a model. */
export interface ModelCheck {
    readonly finding: TrialFinding | null
    /** The number of parts whose search has reached its limit. */
    readonly undecided: number
}

/** Looks for operations whose results no sequential service could have given. */
export function checkModel(
    operations: readonly ModelledOperation[], model: SequentialModel
): ModelCheck {
    const order = orderModel(model)
    let undecided = 0
    for (const part of byPart(operations, model).values()) {
        const linearity = linearize(part, order, STEPS_MAX)
        if (linearity.isLinearizable === false) {
            return { finding: findingOf(part, order), undecided }
        }
        undecided += linearity.isLinearizable === null ? 1 : 0
    }
    return { finding: null, undecided }
}
