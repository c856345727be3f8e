import { firstDifference } from './canonical.js'
import type { TrialFinding } from './finding.js'
import type { ReplayComparison, StepDifference } from './replay-comparison.js'
import { realWallNow } from './virtual-time.js'

/** The largest distance of a reading from the real clock, in milliseconds. */
const NEAR_MS = 86_400_000

/** A text of JSON as a value; `undefined` for any other text. */
function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return undefined
    }
}

/** Whether a value shows an instant near the real present: a virtual clock begins in 2030. */
function isRealTime(value: unknown): boolean {
    const instant = typeof value === 'string' ? Date.parse(value) : Number(value)
    const isText = typeof value === 'number' || typeof value === 'string'
    return isText && Math.abs(instant - realWallNow()) < NEAR_MS
}

/** Whether a value looks like a result of `Math.random`. */
function isRandom(value: unknown): boolean {
    return typeof value === 'number' && value > 0 && value < 1
        && String(value).length >= '0.12345678'.length
}

/**
 * The cause of a difference if a module has kept a real function from before the trial, for example
 * `const { now } = Date`. A trial replaces the property `Date.now` and cannot replace such a copy,
 * so each replay differs, also under the same conditions. The differing values show the source.
 */
export function findKeptFunction(
    replays: ReplayComparison, difference: StepDifference
): TrialFinding | null {
    const found = firstDifference(jsonOf(difference.one), jsonOf(difference.other))
    if (found === null) {
        return null
    }
    const both = [found.one, found.other]
    if (both.every(isRealTime)) {
        return {
            kind: 'clock', message: 'apply reads the real clock of the machine: '
                + `${replays.describe(difference)}. A module has kept a clock from before the `
                + 'trial, for example const { now } = Date, which a trial cannot replace. Publish '
                + 'the time as a part of the value, and use that time in apply.'
        }
    }
    return both.every(isRandom) ? {
        kind: 'randomness', message: 'apply depends on random numbers that differ in each replay: '
            + `${replays.describe(difference)}. A module has probably kept a function from before `
            + 'the trial, for example const { random } = Math, which a trial cannot replace. Draw '
            + 'before the publish, and publish the number as a part of the value.'
    } : null
}
