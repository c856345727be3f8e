import type { Monotonic } from '../base/monotonic.js'
import type { ApplicationEntry } from '../colleague/application.js'
import type { Government, GovernmentBody } from '../paxos/messages/messages.js'
import { canonicalResult, canonicalState, describeDifference, shortText } from './canonical.js'
import type { TrialFinding } from './finding.js'
import type { ObservedApplication } from './observed-application.js'

/** A step of the log: an entry, or a government. */
export type LogStep =
    | { readonly entry: ApplicationEntry }
    | { readonly government: Government, readonly change: GovernmentBody }

/** The promise of a step of the log. */
export function promiseOf(step: LogStep): Monotonic {
    return 'entry' in step ? step.entry.promise : step.government.promise
}

/** An observation of one member. */
interface Observed {
    readonly text: string
    readonly by: string
}

/** States above this size are compared after some entries only, in characters. */
const SIZE_COMPARED = 4096

/** A number of a promise: equal at all members, and spread evenly. */
function hashOf(promise: string): number {
    let hash = 2_166_136_261
    for (let at = 0; at < promise.length; at++) {
        hash = Math.imul(hash ^ promise.charCodeAt(at), 16_777_619)
    }
    return (hash ^ (hash >>> 13)) >>> 0
}

/**
 * Compares the results and the states of all members, and of all their lives, at equal entries.
 *
 * 1. After an entry, the result and the state are equal at every member, in every life.
 * 2. A large state is compared after one entry of a power of two. The entries are the same at every
 *    member, because the promise of the entry decides.
 */
export class Comparison {
    /** All entries and governments in the order of the log, from the first one. */
    readonly log: LogStep[] = []
    readonly #governments = new Set<Monotonic>()
    readonly #results = new Map<Monotonic, Observed>()
    readonly #states = new Map<Monotonic, Observed>()
    readonly #isThorough: boolean

    /** @param isThorough Whether to compare large states after every entry, too. */
    constructor(isThorough: boolean) {
        this.#isThorough = isThorough
    }

    /** The result of an entry; `undefined` if no member has applied the entry. */
    resultOf(promise: Monotonic): string | undefined {
        return this.#results.get(promise)?.text
    }

    /** The state after a step of the log; `undefined` if no state was compared. */
    stateOf(promise: Monotonic): string | undefined {
        return this.#states.get(promise)?.text
    }

    /** Whether to compare the states after an entry. */
    comparesState(promise: Monotonic, size: number): boolean {
        if (size <= SIZE_COMPARED || this.#isThorough) {
            return true
        }
        const step = 2 ** Math.ceil(Math.log2(size / SIZE_COMPARED))
        return hashOf(promise) % step === 0
    }

    /** Compares the result of an entry. */
    result(
        observed: ObservedApplication, entry: ApplicationEntry, result: unknown
    ): TrialFinding | null {
        const { promise } = entry
        const text = canonicalResult(result)
        const before = this.#results.get(promise)
        if (before === undefined) {
            this.#results.set(promise, { text, by: observed.name })
            this.log.push({ entry })
            return null
        }
        return before.text === text ? null : {
            kind: 'divergence',
            message: `The result of entry ${promise} (${shortText(entry.body)}) differs: `
                + `${shortText(before.text)} at ${before.by}, and ${shortText(text)} at `
                + `${observed.name}.`
        }
    }

    /** Notes a government. */
    governed(government: Government, change: GovernmentBody): void {
        if (!this.#governments.has(government.promise)) {
            this.#governments.add(government.promise)
            this.log.push({ government, change })
        }
    }

    /** Compares the state after an entry. */
    state(observed: ObservedApplication, promise: Monotonic, state: string): TrialFinding | null {
        const before = this.#states.get(promise)
        if (before === undefined) {
            this.#states.set(promise, { text: state, by: observed.name })
            return null
        }
        if (before.text === state || canonicalState(before.text) === canonicalState(state)) {
            return null
        }
        return {
            kind: 'divergence',
            message: `The state after entry ${promise} differs ${describeDifference(
                before.text, state)}, at ${before.by} and at ${observed.name}.`
        }
    }
}

/** The state after a `restore` must be the restored state. */
export function compareRestored(
    name: string, given: string, state: string
): TrialFinding | null {
    return given === state || canonicalState(given) === canonicalState(state) ? null : {
        kind: 'restore-differs',
        message: `After restore at ${name}, snapshot returns another state than restore received. `
            + `The states differ ${describeDifference(given, state)}.`
    }
}
