import { shortText } from './canonical.js'
import type { TrialFinding } from './finding.js'
import { linearize, type Operation, type OrderModel } from './linearizability.js'

/** An operation of a client for the search of an order. */
export interface Act {
    readonly operation: unknown
    /** The result as a comparable text. */
    readonly result: string
    readonly session: number
    /** Whether the client has received the result. */
    readonly isCertain: boolean
}

/** A model for the search, and the result that the model gives for an operation. */
export interface ActModel extends OrderModel<unknown, Act> {
    resultOf(state: unknown, operation: unknown): string
    /** The limit of a search, in steps. */
    readonly stepsMax: number
}

/** The number of operations before the impossible one that a message lists. */
const LISTED = 3

type History = readonly Operation<Act>[]

function isOrdered(history: History, model: ActModel): boolean {
    return linearize(history, model, model.stepsMax).isLinearizable === true
}

/** The history at an instant: the outcome of an operation without an answer is unknown. */
function historyAt(history: History, instant: number): Operation<Act>[] {
    return history.filter(({ calledAt }) => calledAt <= instant).map((one) =>
        one.endedAt <= instant ? one : {
            ...one, endedAt: Number.POSITIVE_INFINITY, act: { ...one.act, isCertain: false }
        })
}

/** The least index that a monotonous condition accepts; `count` if none does. */
function leastIndex(count: number, isSo: (index: number) => boolean): number {
    let [low, high] = [0, count]
    while (low < high) {
        const middle = (low + high) >> 1
        if (isSo(middle)) {
            high = middle
        } else {
            low = middle + 1
        }
    }
    return low
}

/** The first operation whose answer is impossible, and the history at the instant of its answer. */
interface Impossible {
    readonly late: Operation<Act>
    readonly history: History
}

function impossibleOf(all: History, model: ActModel): Impossible | null {
    const answered = all.filter(({ act }) => act.isCertain)
        .sort((one, other) => one.endedAt - other.endedAt)
    const index = leastIndex(answered.length, (place) =>
        !isOrdered(historyAt(all, (answered[place] as Operation<Act>).endedAt), model))
    const late = answered[index]
    return late === undefined ? null : { late, history: historyAt(all, late.endedAt) }
}

/** A result from the past. */
interface Stale {
    /** The first operation before the late one that shows that its result is from the past. */
    readonly shown: Operation<Act>
    /** The first operation whose effect the result does not show. */
    readonly missed: Operation<Act>
}

/** Whether the result of the late operation comes from the past; `null` if it does not. */
function staleOf({ late, history }: Impossible, model: ActModel): Stale | null {
    const early = (calledAt: number): History =>
        history.map((one) => one === late ? { ...late, calledAt } : one)
    const before = history.filter(({ endedAt }) => endedAt < late.calledAt)
        .sort((one, other) => one.endedAt - other.endedAt)
    // A call at the end of an operation follows only the operations that ended before.
    const index = leastIndex(before.length, (place) =>
        !isOrdered(early((before[place] as Operation<Act>).endedAt), model))
    const shown = before[index - 1]
    if (shown === undefined) {
        return null
    }
    const { longest: order } = linearize(early(shown.endedAt), model, model.stepsMax)
    return { shown, missed: missedIn(order, history, late, model) ?? shown }
}

/** The first operation in an order after the late one that changes the result of the late one. */
function missedIn(
    order: readonly number[], history: History, late: Operation<Act>, model: ActModel
): Operation<Act> | null {
    let state = model.initial
    let isBehind = false
    for (const place of order) {
        const one = history[place] as Operation<Act>
        state = model.step(state, one.act) ?? state
        isBehind ||= one === late
        if (isBehind && model.resultOf(state, late.act.operation) !== late.act.result) {
            return one
        }
    }
    return null
}

function describe({ act, calledAt, endedAt }: Operation<Act>): string {
    const end = act.isCertain ? `${endedAt.toFixed(1)} ms` : 'no answer yet'
    return `\n  client ${act.session}: ${shortText(act.operation)}`
        + `${act.isCertain ? ` → ${shortText(act.result)}` : ''} `
        + `(${calledAt.toFixed(1)} to ${end})`
}

function staleFinding(late: Operation<Act>, { shown, missed }: Stale): TrialFinding {
    const [ageMs, isSeen] = [late.calledAt - shown.endedAt, shown !== missed]
    return {
        kind: 'stale-read', message: 'A client has received a result from the past:'
            + `${describe(late)}\nThe result does not show the effect of this operation:`
            + describe(missed)
            + (isSeen ? `\nA client has already seen that effect:${describe(shown)}` : '')
            + `\nThe first operation began ${ageMs.toFixed(1)} ms after its result was out of `
            + 'date. Await barrier, or read with maxStalenessMs and after, before the state is '
            + 'read.'
    }
}

function disorderFinding({ late, history }: Impossible, model: ActModel): TrialFinding {
    const others = history.filter((one) => one !== late)
    const { longest: order } = linearize(others, model, model.stepsMax)
    const state = order.reduce((before, place) =>
        model.step(before, (others[place] as Operation<Act>).act) ?? before, model.initial)
    const before = others.filter(({ endedAt }) => endedAt <= late.calledAt)
        .sort((one, other) => one.endedAt - other.endedAt).slice(-LISTED)
    return {
        kind: 'not-linearizable', message: 'No order of the operations gives these results. This '
            + `result is impossible:${describe(late)}\nThe model gives `
            + `${shortText(model.resultOf(state, late.act.operation))}, for example`
            + (before.length === 0 ? '.'
                : `. The operations before:${before.map(describe).join('')}`)
            + '\nThe results of a publish are those of apply; compare apply with the model.'
    }
}

/** Describes the first operation of a history without an order. */
export function findingOf(all: History, model: ActModel): TrialFinding {
    const impossible = impossibleOf(all, model)
    if (impossible === null) {
        return {
            kind: 'not-linearizable', message: 'No order of the operations gives these results.'
        }
    }
    const stale = staleOf(impossible, model)
    return stale === null
        ? disorderFinding(impossible, model) : staleFinding(impossible.late, stale)
}
