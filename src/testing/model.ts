import { canonicalResult, shortText } from './canonical.js'
import type { TrialFinding } from './finding.js'
import { linearize, type Linearity, type Operation, type OrderModel } from './linearizability.js'

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

/** An operation for the search. */
type Act = Pick<ModelledOperation, 'operation' | 'result' | 'session'> & {
    readonly isCertain: boolean
}

/** The default limit of a search, in steps. */
const STEPS_MAX = 200_000

/** The number of operations before the impossible one that a message lists. */
const LISTED = 3

function orderModel(model: SequentialModel): OrderModel<unknown, Act> {
    return {
        initial: model.initial(),
        step: (state, { operation, result, isCertain }) => {
            const { state: next, result: returned } = model.step(state, operation)
            if (isCertain) {
                return canonicalResult(returned) === result ? next : undefined
            }
            // Without an effect, an operation with an unknown outcome needs no place.
            return canonicalResult(next) === canonicalResult(state) ? undefined : next
        },
        textOf: canonicalResult
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

function describe({ act, calledAt, endedAt }: Operation<Act>): string {
    const end = act.isCertain ? `${endedAt.toFixed(1)} ms` : 'an error'
    return `client ${act.session}: ${shortText(act.operation)}`
        + `${act.isCertain ? ` → ${shortText(act.result)}` : ''} `
        + `(${calledAt.toFixed(1)} to ${end})`
}

/** The first operation that has no place in the longest order, by its end. */
function impossibleOf(
    operations: readonly Operation<Act>[], { longest }: Linearity
): Operation<Act> | null {
    const placed = new Set(longest)
    const [first = null] = operations
        .filter(({ act }, index) => !placed.has(index) && act.isCertain)
        .sort((one, other) => one.endedAt - other.endedAt)
    return first
}

/** Whether the operations have an order if the result of one may come from the past. */
function isOrderedWithPast(
    operations: readonly Operation<Act>[], late: Operation<Act>,
    model: OrderModel<unknown, Act>
): boolean {
    const changed = operations.map((one) => one === late ? { ...one, calledAt: 0 } : one)
    return linearize(changed, model, STEPS_MAX).isLinearizable === true
}

function findingOf(
    operations: readonly Operation<Act>[], linearity: Linearity, model: OrderModel<unknown, Act>
): TrialFinding {
    const late = impossibleOf(operations, linearity)
    const isStale = late !== null && isOrderedWithPast(operations, late, model)
    const before = operations
        .filter((one) => late !== null && one.endedAt <= late.calledAt)
        .sort((one, other) => one.endedAt - other.endedAt)
        .slice(-LISTED)
    const list = [...before, ...late === null ? [] : [late]].map((one) => `\n  ${describe(one)}`)
    return isStale ? {
        kind: 'stale-read', message: 'A client has received a result from the past: the last '
            + 'operation began after the operations before it had ended, and its result does not '
            + `show these operations.${list.join('')}\nAwait barrier, or read with maxStalenessMs `
            + 'and after, before the state is read.'
    } : {
        kind: 'not-linearizable', message: 'No order of the operations gives these results. The '
            + `last operation has no place:${list.join('')}\nThe results of a publish are those of `
            + 'apply; compare apply with the model.'
    }
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
            return { finding: findingOf(part, linearity, order), undecided }
        }
        undecided += linearity.isLinearizable === null ? 1 : 0
    }
    return { finding: null, undecided }
}
