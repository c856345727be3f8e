import type { Application } from '../colleague/application.js'
import { textOfBytes } from './canonical.js'
import { type Comparison, promiseOf } from './comparison.js'
import { findRestoreFault } from './diagnosis-of-restore.js'
import type { FindingKind, TrialFinding } from './finding.js'
import { findKeptFunction } from './kept-functions.js'
import { differenceOf, isSame, ReplayComparison, type StepDifference } from './replay-comparison.js'
import { type Observation, ReplicaError } from './replica.js'
import type { MemberLife } from './trial-republic.js'

/** The pause after each step that lets late work happen, in milliseconds. */
const REST_MS = 1000

/** The change of all clocks: some days, hours and milliseconds. */
const OTHER_START_MS = 40 * 86_400_000 + 5 * 3_600_000 + 1234.5

/**
 * Other advances of all clocks from step to step, in milliseconds. In a short log, a time limit of
 * some seconds ends only if the steps are long.
 */
const OTHER_STEPS_MS = [17.25, 7_000.5, 3_600_000.5]

/** The number of other sequences of random numbers. */
const SEQUENCES = 6

/** The number of steps between two reads of the state in a replay with few reads. */
const FEW = 5

/** The largest number of steps by which one replica is ahead of the other. */
const LAG_MAX = 7

/** The findings of a run whose cause a replay may show. */
const UNEXPLAINED: ReadonlySet<FindingKind> =
    new Set(['divergence', 'restore-differs', 'application-error'])

/** The parts of a run that a diagnosis uses. */
export interface DiagnosisParts {
    application(life: MemberLife): Application
    readonly comparison: Comparison
    /** The finding of the run itself. */
    readonly finding: TrialFinding | null
    /** Whether to replay a run without a finding, too. */
    readonly isThorough: boolean
}

/** Looks for one cause. */
type Search = (replays: ReplayComparison) => Promise<TrialFinding | null>

function askedIn({ asked }: StepDifference): string {
    return asked.length === 0 ? '' : ` apply asked for ${asked.join(', ')}.`
}

/** Two instances take turns: one applies a few steps, and then the other applies these steps. */
const findSharing: Search = async (replays) => {
    const { log, base } = replays
    const leader = await replays.replica({ id: 'y' })
    const follower = await replays.replica({ id: 'z' })
    const lag = Math.max(1, Math.min(LAG_MAX, log.length >> 1))
    let ahead: readonly Observation[] = []
    for (let from = 0; from < log.length + lag; from += lag) {
        const steps = log.slice(from, from + lag)
        const next: Observation[] = []
        for (const [offset, step] of steps.entries()) {
            const index = from + offset
            next.push(await leader.apply(step, index, base[index]?.state !== null))
        }
        for (const [offset, expected] of ahead.entries()) {
            const index = from - lag + offset
            const step = log[index]
            const observation = step === undefined ? expected
                : await follower.apply(step, index, expected.state !== null)
            const difference = differenceOf(index, expected, observation, follower)
            if (difference !== null) {
                return sharing(replays, difference)
            }
        }
        ahead = next
    }
    await leader.end()
    await follower.end()
    return null
}

function sharing(replays: ReplayComparison, difference: StepDifference): TrialFinding {
    return findKeptFunction(replays, difference) ?? {
        kind: 'shared-state', message: 'Two instances of the application share an object. While '
            + `another instance is some entries ahead, ${replays.describe(difference)}. Create `
            + 'every object inside the application, and look for variables of the module, static '
            + 'fields and default values.'
    }
}

/** A second life of the same member. */
const findEarlierLife: Search = async (replays) => {
    const difference = await replays.replay({})
    return difference === null ? null : findKeptFunction(replays, difference) ?? {
        kind: 'entry-repeated', message: 'A later life of a member finds a state of its earlier '
            + `life, and applies the log again: ${replays.describe(difference)}. A member gets its `
            + 'state from restore and from the log. Begin every life empty.'
    }
}

const findDependence: Search = async (replays) => {
    const difference = await replays.replay({ id: 'w' })
    return difference === null ? null : {
        kind: 'member-dependence', message: 'apply or snapshot depends on the member that runs '
            + `the application: ${replays.describe(difference)}, with the id x and with the id w. `
            + 'The results and the state may depend on the entries only.'
    }
}

const findLateChange: Search = async (replays) => {
    const difference = await replays.replay({ restMs: REST_MS })
    return difference === null ? null : {
        kind: 'late-change', message: 'The state changes between two entries, because apply '
            + 'returns before its work has ended, or because a timer changes the state: '
            + `${replays.describe(difference)}, at once and ${REST_MS} ms later. Return a promise `
            + 'from apply that waits for all work, and change the state by entries only.'
    }
}

const findClock: Search = async (replays) => {
    if (!replays.sources.has('clock')) {
        return null
    }
    for (const stepMs of OTHER_STEPS_MS) {
        const difference = await replays.replay({ startsAtMs: OTHER_START_MS, stepMs })
        if (difference !== null) {
            return {
                kind: 'clock', message: `apply depends on a clock: at another time, ${replays
                    .describe(difference)}.${askedIn(difference)} Publish the time as a part of `
                    + 'the value, and use that time in apply.'
            }
        }
    }
    return null
}

/** Tries several sequences, because few entries may draw equal lots by chance. */
const findRandomness: Search = async (replays) => {
    for (let seed = 2; seed < 2 + SEQUENCES && replays.sources.has('random'); seed++) {
        const difference = await replays.replay({ seed })
        if (difference !== null) {
            return {
                kind: 'randomness', message: 'apply depends on random numbers: with other '
                    + `numbers, ${replays.describe(difference)}.${askedIn(difference)} Draw before `
                    + 'the publish, and publish the number as a part of the value.'
            }
        }
    }
    return null
}

const findMixture: Search = async (replays) => {
    const few = await replays.replay({}, (index) => index % FEW === FEW - 1)
    if (few !== null) {
        return {
            kind: 'snapshot-mixed', message: 'snapshot returns another state if it was called '
                + `before: ${replays.describe(few)}, with and without earlier calls. Look for a `
                + 'cached snapshot, and for changes of the state in snapshot.'
        }
    }
    const replica = await replays.replica()
    await replays.advance(replica, 0, replays.log.length)
    const index = replays.log.length - 1
    const other = textOfBytes(await replica.slowState(REST_MS))
    const atOnce = textOfBytes(await replica.state())
    await replica.end()
    if (isSame('state', atOnce, other)) {
        return null
    }
    const difference: StepDifference = { index, what: 'state', one: atOnce, other, asked: [] }
    return {
        kind: 'snapshot-mixed', message: 'A snapshot whose pieces are read slowly mixes two '
            + `moments: ${replays.describe(difference)}, read at once and slowly. The pieces must `
            + 'show the moment of the call of snapshot.'
    }
}

/** The order matters: an earlier cause also shows in the later searches. */
const SEARCHES: readonly Search[] = [
    findSharing, findEarlierLife, findDependence, findLateChange, findClock, findRandomness,
    findMixture, findRestoreFault
]

/** Looks for a cause, with one condition changed at a time; `null` without a cause. */
export async function findCause(replays: ReplayComparison): Promise<TrialFinding | null> {
    for (const search of SEARCHES) {
        const cause = await search(replays)
        if (cause !== null) {
            return cause
        }
    }
    return null
}

/** Whether the base has the results and the states of the run. */
function isAsInRun({ log, base }: ReplayComparison, comparison: Comparison): boolean {
    return log.every((step, index) => {
        const promise = promiseOf(step)
        const { result = '', state = null } = base[index] ?? {}
        const [seen, seenState] = [comparison.resultOf(promise), comparison.stateOf(promise)]
        return (seen === undefined || isSame('result', result, seen))
            && (state === null || seenState === undefined || isSame('state', state, seenState))
    })
}

/**
 * Looks for the cause of a fault in the application: replays the log of a run through fresh
 * instances, with one condition changed at a time. Returns the finding of the run itself if no
 * replay shows a cause.
 *
 * A run without a finding is diagnosed only if the replay under the usual conditions equals the
 * run. Otherwise the application depends on something that the replay lacks, for example on calls
 * of the workload, and a difference would say nothing.
 */
export async function diagnose(parts: DiagnosisParts): Promise<TrialFinding | null> {
    const { application, comparison, finding, isThorough } = parts
    const { log } = comparison
    const isUnexplained = finding === null ? isThorough : UNEXPLAINED.has(finding.kind)
    if (log.length === 0 || !isUnexplained) {
        return finding
    }
    const replays = new ReplayComparison(
        (life) => application(life), { log, start: null })
    try {
        await replays.runBase()
        if (finding === null && !isAsInRun(replays, comparison)) {
            return null
        }
        const cause = await findCause(replays)
        return cause === null ? finding : explained(cause, finding)
    } catch (error) {
        if (error instanceof ReplicaError || finding !== null) {
            // The application does not run alone. The finding of the run stays.
            return finding
        }
        return null
    } finally {
        replays.worlds.leave()
    }
}

function explained(cause: TrialFinding, finding: TrialFinding | null): TrialFinding {
    return finding === null ? cause : {
        ...cause, message: `${cause.message}\nThe run has shown: ${finding.message}`,
        ...(finding.cause === undefined ? {} : { cause: finding.cause })
    }
}
