import { abortSignal, callable, count, type OptionTable, readOptions }
    from '../base/option-table.js'
import type { SeekOptions } from '../replay/options.js'
import type { Replayer } from '../replay/replayer.js'
import { measure, type MeasuredState } from './measure.js'
import { momentOf, type MetricMoment } from './metric.js'

/** The options of `series`. */
export interface SeriesOptions extends SeekOptions {
    /** The distance of two samples, in milliseconds. @default 1000 */
    readonly stepMs?: number
}

/** The metrics of a member at the end of an interval. */
export interface MetricSample extends MetricMoment {
    /** The measured state at the sample before; at the first sample, before the first input. */
    readonly before: MeasuredState
    /** The number of the last input before the end of the interval. */
    readonly number: number
}

/** The longest step: a day. */
const STEP_MAX_MS = 86_400_000

const SERIES_OPTIONS: OptionTable<SeriesOptions> = {
    stepMs: count(STEP_MAX_MS), signal: abortSignal, progress: callable
}

/**
 * Folds a recording into samples, one for each interval with inputs, as of the end of the interval.
 * Intervals begin at multiples of the step. The replayer itself stays where it is. A sample is
 * valid until the next one.
 *
 * @throws KibitzError `invalid-argument`, `aborted`, `journal-damaged`, `journal-version`.
 */
export async function* series(
    replayer: Replayer, options?: SeriesOptions | null
): AsyncGenerator<MetricSample, void, undefined> {
    const { stepMs = 1000, ...seeking } = readOptions('series', options, SERIES_OPTIONS)
    let state = replayer.measured
    let before = state
    for await (const input of replayer.steps(seeking)) {
        state = measure(state, input)
        const { played: { when }, nextAt, number, member } = input
        const end = (Math.floor(when / stepMs) + 1) * stepMs
        if (nextAt === null || nextAt >= end) {
            yield { ...momentOf(state, member, nextAt === null ? when : end), before, number }
            before = state
        }
    }
}
