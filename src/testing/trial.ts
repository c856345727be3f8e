import { KibitzError, rejectArgument } from '../base/errors.js'
import {
    abortSignal, callable, count, fitting, having, type OptionTable, readOptions, text
} from '../base/option-table.js'
import type { Application } from '../colleague/application.js'
import type { ColleagueOptions } from '../colleague/options.js'
import { addCounts, noCounts, type TrialCounts } from './coverage.js'
import { callerFile, writeFailure } from './failure-report.js'
import type { TrialFinding } from './finding.js'
import { exclusively } from './exclusive.js'
import {
    drawPlan, type FaultChoice, planOfText, type PlanLimits, textOfPlan, TRIAL_FAULTS,
    type TrialFaultKind, type TrialPlan
} from './plan.js'
import type { SequentialModel } from './model.js'
import { type ReportProgress, TrialProgress } from './trial-progress.js'
import type { MemberLife } from './trial-republic.js'
import { TrialRecordings } from './trial-recordings.js'
import { type RunOutcome, type RunParts, TrialRun } from './trial-run.js'
import { TrialShrinker } from './trial-shrink.js'
import type { Workload } from './workload.js'

/** What a trial tries, and how long. */
export interface TrialOptions<App extends Application<never> = Application> {
    /** Makes the application of a member, one for each life of each member. */
    readonly application: (life: MemberLife) => App
    /** One piece of work of a client; see `Workload`. */
    readonly workload: Workload<App>
    /**
     * Checks the results of all operations of the workload: `operation` in the context of the
     * workload records these. @default no check
     */
    readonly model?: SequentialModel
    /** The number of members that found the republic, 1 to 9. @default 3 */
    readonly members?: number
    /** The number of seeds from 1 on, or the seeds themselves. @default 100 */
    readonly seeds?: number | readonly number[]
    /**
     * The faults: `'all'`, `'none'`, a list of names, or the mean number of each named fault in a
     * virtual minute. @default 'all'
     */
    readonly faults?: FaultChoice
    /**
     * The virtual time with faults of each seed, in hours of 3,600 seconds. @default one minute
     */
    readonly hours?: number
    /** The largest number of calls of the workload in each seed. @default 200 */
    readonly operations?: number
    /** The number of runs that may shrink a failed seed; 0 does not shrink. @default 100 */
    readonly shrinks?: number
    /** The largest state of the service, in characters of its snapshot. @default no limit */
    readonly stateMax?: number
    /** Options of all Colleagues, for example `snapshotEvery`. @default none */
    readonly options?: Partial<ColleagueOptions>
    /**
     * Repeats one run: the line from the message of a failed trial. @default the environment
     * variable KIBITZ_TRIAL, else none
     */
    readonly reproduce?: string
    /**
     * The folder that receives a folder `seed-N` for a failed seed: recordings for the inspector,
     * the events, and a test file. @default the environment variable KIBITZ_TRIAL_FOLDER, else none
     */
    readonly folder?: string
    /**
     * Called after each seed, and about once in a second, with the number of finished and of all
     * seeds, and with the seed that runs. @default a line on standard error every ten seconds
     */
    readonly progress?: ReportProgress
    /** Ends the trial with `aborted`. @default none */
    readonly signal?: AbortSignal | null
}

const isSeed = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

function isChoice(value: unknown): boolean {
    if (value === 'all' || value === 'none') {
        return true
    }
    const names: unknown[] = Array.isArray(value) ? value : Object.keys(value as object)
    const isRate = (rate: unknown): boolean => typeof rate === 'number' && rate > 0 && rate <= 6000
    return names.length > 0 && names.every((name) => TRIAL_FAULTS.includes(name as TrialFaultKind))
        && (Array.isArray(value) || Object.values(value as object).every(isRate))
}

/** The kind of each option of a trial. */
export const TRIAL_OPTIONS: OptionTable<TrialOptions> = {
    application: callable,
    workload: callable,
    model: having('an object with the methods initial and step', 'initial', 'step'),
    members: count(9),
    seeds: fitting(
        'a number from 1 to 1000000000, or a list of whole numbers',
        (value) => Array.isArray(value) ? value.length > 0 && value.every(isSeed)
            : isSeed(value) && Number(value) >= 1 && Number(value) <= 1e9
    ),
    faults: fitting(
        `'all', 'none', a list of names, or numbers by name. The names: ${TRIAL_FAULTS.join(', ')}`,
        isChoice
    ),
    hours: fitting('a number of hours above 0, up to 1000', (value) =>
        typeof value === 'number' && value > 0 && value <= 1000),
    operations: count(1_000_000),
    shrinks: count(100_000, 0),
    stateMax: count(Number.MAX_SAFE_INTEGER),
    options: fitting('an object', (value) => typeof value === 'object'),
    reproduce: text(10_000),
    folder: text(4096),
    progress: callable,
    signal: abortSignal
}

/** The result of a trial without a fault. */
export interface TrialResult extends TrialCounts {
    /** The faults of the choice that have never struck: the trial says nothing about these. */
    readonly missing: readonly TrialFaultKind[]
}

/** A failed trial: `KibitzError` with the fault and the plan that shows the fault. */
export type TrialError = KibitzError & {
    readonly finding: TrialFinding
    /** The line that repeats the run, for the option `reproduce`. */
    readonly reproduce: string
    /** The events of the smallest failed run, one line each. */
    readonly events: readonly string[]
}

function seedsOf(seeds: number | readonly number[]): readonly number[] {
    return typeof seeds === 'number'
        ? Array.from({ length: seeds }, (_, index) => index + 1)
        : seeds
}

function chosenFaults(choice: FaultChoice): readonly TrialFaultKind[] {
    if (typeof choice === 'string') {
        return choice === 'all' ? TRIAL_FAULTS : []
    }
    return Array.isArray(choice) ? choice : Object.keys(choice) as TrialFaultKind[]
}

function trialError({ plan, counts, lines }: RunOutcome, finding: TrialFinding): TrialError {
    const { kind, message, cause } = finding
    const kinds = plan.faults.map((one) => one.kind).join(', ') || 'none'
    const line = textOfPlan(plan)
    const words = [
        `Seed ${plan.seed} found a fault (${kind}). ${message}`,
        `The run has ${counts.operations} operations, ${plan.members} members and `
            + `${plan.faults.length} faults: ${kinds}.`,
        `To repeat this run, pass this option to trial: reproduce: '${line}'`
    ]
    const error = new KibitzError('application-failed', words.join('\n'), { cause })
    return Object.assign(error, { finding, reproduce: line, events: lines })
}

/**
 * Tries an application and its clients: for each seed, founds a republic of real Colleagues on a
 * virtual clock, network and disks, injects faults, heals, and compares all members. Runs one trial
 * at a time; a further call waits.
 *
 * 1. While a trial runs, timers, clocks and randomness of the process are virtual. Afterwards, also
 *    after a failure, the real ones are back.
 * 2. The same seed gives the same run.
 *
 * Resolves with the coverage. Rejects with `application-failed` and the fault that was found; the
 * message has the line that repeats the run. After the signal, a fault that is being shrunk is
 * reported as it is.
 *
 * @throws KibitzError `invalid-argument`, also for an option `application` that returns no
 * application, and for a `model` that lacks an operation or has checked none; `aborted`.
 */
export async function trial<App extends Application<never>>(
    options: TrialOptions<App>
): Promise<TrialResult> {
    const given = readOptions<TrialOptions>(
        'trial', options as unknown as TrialOptions, TRIAL_OPTIONS, ['application', 'workload'])
    rejectOwnOptions(given.options ?? {})
    const caller = callerFile()
    return await exclusively('trial', () => runSeeds(given, caller))
}

async function runSeeds(
    given: TrialOptions, caller: string | null
): Promise<TrialResult> {
    const { application, workload, options = {}, faults = 'all', shrinks = 100 } = given
    const limits: PlanLimits = {
        members: given.members ?? 3, operations: given.operations ?? 200,
        hours: given.hours ?? 1 / 60, faults
    }
    const { stateMax = Number.POSITIVE_INFINITY } = given
    const { model = null } = given
    const parts: RunParts = { application, workload, options, stateMax, model }
    const line = given.reproduce ?? process.env['KIBITZ_TRIAL']
    const plans = line === undefined
        ? seedsOf(given.seeds ?? 100).map((seed) => () => drawPlan(seed, limits))
        : [() => planOfText(line, limits)]
    const progress = new TrialProgress(
        plans.length, given.progress ?? null, given.signal ?? null)
    const run = (plan: TrialPlan): Promise<RunOutcome> =>
        new TrialRun({ ...parts, progress }, plan).run()
    const sum = noCounts()
    for (const draw of plans) {
        const plan = draw()
        progress.begin(plan.seed)
        const outcome = await run(plan)
        const { finding } = outcome
        if (finding !== null) {
            const best = line === undefined
                ? await new TrialShrinker(outcome, run, shrinks).shrink() : outcome
            const error = trialError(best, best.finding ?? finding)
            throw await reported(error, best.plan, parts, given.folder, caller)
        }
        addCounts(sum, outcome.counts)
        progress.end(outcome.counts.virtualMs)
    }
    if (model !== null && sum.modelled === 0) {
        throw new KibitzError('invalid-argument', 'The option model has checked nothing, because '
            + 'no call of the workload called operation of its context, as in: '
            + 'await operation(what, () => call()). All other checks have passed.')
    }
    const missing = chosenFaults(faults).filter((kind) => sum.faults[kind] === undefined)
    return { ...sum, missing }
}

/** Repeats a failed run with recordings, and writes the recordings into a folder. */
async function reported(
    error: TrialError, plan: TrialPlan, parts: RunParts, option: string | undefined,
    caller: string | null
): Promise<TrialError> {
    const folder = option ?? process.env['KIBITZ_TRIAL_FOLDER']
    if (folder === undefined) {
        return error
    }
    const recordings = new TrialRecordings()
    await new TrialRun({ ...parts, recordings }, plan).run()
    const { message, reproduce, events: lines, finding: { kind } } = error
    const place = await writeFailure(folder, {
        seed: plan.seed, kind, message, reproduce, lines, recordings, caller
    })
    error.message += `\nThe folder ${place} has the events and a test of this run. To see the run: `
        + `npx kibitz inspect ${place}/journals`
    return error
}

/** Refuses options that a run takes for itself. */
function rejectOwnOptions(options: Partial<ColleagueOptions>): void {
    for (const name of ['application', 'colleagueId', 'islandName', 'journal', 'Date', 'random']) {
        if (name in options) {
            rejectArgument(`A trial chooses the option ${name} itself.`)
        }
    }
}
