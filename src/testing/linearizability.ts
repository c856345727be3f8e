/** An operation of a client, as the client has seen it. */
export interface Operation<Act> {
    readonly act: Act
    readonly calledAt: number
    /** The instant of the answer; `Infinity` if the outcome is unknown. */
    readonly endedAt: number
}

/** A service that does one operation after the other. */
export interface OrderModel<State, Act> {
    readonly initial: State
    /** The state after an operation; `undefined` if the operation is impossible in the state. */
    step(state: State, act: Act): State | undefined
    /** A text that is equal for equal states, and only for these. */
    textOf(state: State): string
}

/** The result of a search. */
export interface Linearity {
    /** Whether there is an order; `null` if the search has reached its limit. */
    readonly isLinearizable: boolean | null
    /** The number of steps of the search. */
    readonly steps: number
    /** The longest order that was found: the places of its operations in the history. */
    readonly longest: readonly number[]
}

/** The default limit of a search, in steps. */
const STEPS_MAX = 5_000_000

/** A call, or an answer, in a doubly linked list. */
interface Moment {
    readonly operation: number
    /** The answer to a call; `null` for an answer. */
    readonly answer: Moment | null
    before: Moment | null
    behind: Moment | null
}

/** The set of operations in the order. */
class Bits {
    readonly #words: Uint32Array

    constructor(count: number) {
        this.#words = new Uint32Array((count >>> 5) + 1)
    }

    flip(index: number): void {
        const word = index >>> 5
        this.#words[word] = (this.#words[word] ?? 0) ^ (1 << (index & 31))
    }

    get text(): string {
        return this.#words.join()
    }
}

function lift(moment: Moment): void {
    for (const one of moment.answer === null ? [moment] : [moment, moment.answer]) {
        if (one.before !== null) {
            one.before.behind = one.behind
        }
        if (one.behind !== null) {
            one.behind.before = one.before
        }
    }
}

function unlift(moment: Moment): void {
    for (const one of moment.answer === null ? [moment] : [moment.answer, moment]) {
        if (one.before !== null) {
            one.before.behind = one
        }
        if (one.behind !== null) {
            one.behind.before = one
        }
    }
}

/** All calls and answers by time, calls before answers of the same instant, after a head. */
function listOf<Act>(operations: readonly Operation<Act>[]): Moment {
    const timed = operations.flatMap(({ calledAt, endedAt }, operation) => {
        const answer: Moment = { operation, answer: null, before: null, behind: null }
        const call: Moment = { operation, answer, before: null, behind: null }
        return [{ at: calledAt, moment: call }, { at: endedAt, moment: answer }]
    })
    const isCall = ({ moment }: { moment: Moment }): number => (moment.answer === null ? 1 : 0)
    timed.sort((one, other) => one.at === other.at
        ? isCall(one) - isCall(other)
        : one.at - other.at)
    const head: Moment = { operation: -1, answer: null, before: null, behind: null }
    let last = head
    for (const { moment } of timed) {
        moment.before = last
        last.behind = moment
        last = moment
    }
    return head
}

/**
 * Looks for an order in which every operation takes effect at one instant between its call and its
 * answer: the search of Wing and Gong, with Lowe's memory of earlier places. An operation with an
 * unknown outcome may take effect at any time after its call, or never.
 */
export function linearize<State, Act>(
    operations: readonly Operation<Act>[],
    model: OrderModel<State, Act>,
    stepsMax: number = STEPS_MAX
): Linearity {
    const head = listOf(operations)
    const done = new Bits(operations.length)
    const seen = new Set<string>()
    const trail: { readonly moment: Moment; readonly state: State }[] = []
    let wanted = operations.filter(({ endedAt }) => endedAt !== Number.POSITIVE_INFINITY).length
    let longest: number[] = []
    let { initial: state } = model
    let moment = head.behind
    let steps = 0
    const isCertain = ({ operation }: Moment): boolean =>
        operations[operation]?.endedAt !== Number.POSITIVE_INFINITY
    while (wanted > 0) {
        if (++steps > stepsMax) {
            return { isLinearizable: null, steps, longest }
        }
        if (moment !== null && moment.answer !== null) {
            const next = model.step(state, (operations[moment.operation] as Operation<Act>).act)
            done.flip(moment.operation)
            const place = next === undefined ? '' : `${done.text};${model.textOf(next)}`
            if (next !== undefined && !seen.has(place)) {
                seen.add(place)
                trail.push({ moment, state })
                state = next
                wanted -= isCertain(moment) ? 1 : 0
                lift(moment)
                moment = head.behind
            } else {
                done.flip(moment.operation)
                moment = moment.behind
            }
            continue
        }
        // The answer of an operation outside the order: the last choice was wrong.
        if (trail.length > longest.length) {
            longest = trail.map((step) => step.moment.operation)
        }
        const back = trail.pop()
        if (back === undefined) {
            return { isLinearizable: false, steps, longest }
        }
        state = back.state
        done.flip(back.moment.operation)
        wanted += isCertain(back.moment) ? 1 : 0
        unlift(back.moment)
        moment = back.moment.behind
    }
    return { isLinearizable: true, steps, longest: trail.map((step) => step.moment.operation) }
}
