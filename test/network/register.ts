import { Monotonic } from '../../src/base/monotonic.js'
import {
    linearize, type Linearity, type Operation, type OrderModel
} from '../../src/testing/linearizability.js'

/** What is done to one key. No two writes of one key write the same. */
export type Act =
    | { readonly name: 'write'; readonly key: string; readonly value: string }
    | { readonly name: 'read'; readonly key: string; readonly value: string | null }

/** What is done to one key, and where in the log it is said to have been done. */
export interface Witnessed extends Operation<Act> {
    /** The entry that wrote, or the last one applied before the read; `null` where unknown. */
    readonly at: Monotonic | null
}

/** A key that holds what was written last, and nothing at first. */
export const register: OrderModel<string | null, Act> = {
    initial: null,
    step: (state, { name, value }) => {
        if (name === 'write') {
            return value
        }
        return value === state ? state : undefined
    },
    textOf: (state) => JSON.stringify(state)
}

/** What is known of one key that is not linearizable. */
export interface Tangle {
    readonly key: string
    readonly isDecided: boolean
    readonly text: string
}

function byKey<One extends Operation<Act>>(operations: readonly One[]): Map<string, One[]> {
    const keys = new Map<string, One[]>()
    for (const operation of operations) {
        const { key } = operation.act
        const own = keys.get(key) ?? []
        own.push(operation)
        keys.set(key, own)
    }
    return keys
}

/** Omits failed reads, and doubtful writes without a read: these prove nothing. */
function telling(operations: readonly Operation<Act>[]): Operation<Act>[] {
    const read = new Set(operations
        .filter(({ act }) => act.name === 'read')
        .map(({ act }) => act.value))
    return operations.filter(({ act, endedAt }) => endedAt !== Number.POSITIVE_INFINITY
        || (act.name === 'write' && read.has(act.value)))
}

function describe(operations: readonly Operation<Act>[], { longest }: Linearity): string {
    const placed = new Set(longest)
    return operations
        .filter(({ endedAt }, index) =>
            !placed.has(index) && endedAt !== Number.POSITIVE_INFINITY)
        .slice(0, 8)
        .map(({ act, calledAt, endedAt }) =>
            `${act.name} ${act.value} ${calledAt.toFixed(1)}–${endedAt.toFixed(1)} ms`)
        .join(', ')
}

/** Searches an order for the operations of each key, without the log. */
export function searchKeys(operations: readonly Operation<Act>[], stepsMax?: number): Tangle[] {
    return [...byKey(telling(operations))].flatMap(([key, own]) => {
        const linearity = linearize(own, register, stepsMax)
        const { isLinearizable, longest, steps } = linearity
        return isLinearizable === true ? [] : [{
            key,
            isDecided: isLinearizable === false,
            text: `${key}: ${longest.length} of ${own.length} in an order after ${steps} steps; ` +
                `not ${describe(own, linearity)}`
        }]
    })
}

/** The operations of one key in the order of the log; reads come after what they have seen. */
function inOrder(operations: readonly Witnessed[]): (Witnessed & { readonly at: Monotonic })[] {
    return operations
        .filter((one): one is Witnessed & { readonly at: Monotonic } => one.at !== null)
        .sort((one, other) => Monotonic.compare(one.at, other.at)
            || (one.act.name === 'write' ? 0 : 1) - (other.act.name === 'write' ? 0 : 1)
            || one.calledAt - other.calledAt)
}

/** Why operations of one key cannot have been done in this order; the first reason, or `null`. */
function rejectOrder(operations: readonly Witnessed[]): string | null {
    let state: string | null = null
    let calledLast = Number.NEGATIVE_INFINITY
    for (const { act, at, calledAt, endedAt } of operations) {
        if (act.name === 'write') {
            ({ value: state } = act)
        } else if (act.value !== state) {
            return `a read at ${at} yielded ${act.value}, and the log says ${state}`
        }
        // Whoever was answered before an earlier one was even called stands too late.
        if (endedAt < calledLast) {
            return `the ${act.name} of ${act.value} at ${at} was answered before one before it ` +
                'was called'
        }
        calledLast = Math.max(calledLast, calledAt)
    }
    return null
}

/**
 * Checks the order that the log claims: each read yields the last write at or before the entry it
 * stands at, and nothing stands before what had been answered when it was called. Near linear.
 */
export function witnessKeys(operations: readonly Witnessed[]): Tangle[] {
    const tangles: Tangle[] = []
    for (const [key, own] of byKey(operations)) {
        const text = rejectOrder(inOrder(own))
        if (text !== null) {
            tangles.push({ key, isDecided: true, text: `${key}: ${text}` })
        }
    }
    return tangles
}
