import type { Distribution } from '../../metrics/distribution.js'
import { readAll } from '../../metrics/recorded-metrics.js'
import { type MetricSample, series } from '../../metrics/series.js'
import type { Replayer } from '../../replay/replayer.js'
import { openRecording, rejectDamage } from './damaged-recording.js'
import type { JournalOptions } from './options.js'
import { instant } from './replayed.js'
import { writeLines } from './write-lines.js'

/** A column of the table: heading, width, and the text of a sample. */
interface Column {
    readonly heading: string
    readonly width: number
    readonly cell: (sample: MetricSample, seconds: number) => string
}

/** The text of a field of CSV. */
function field(text: string): string {
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A number with at most three decimal places. */
function short(value: number): string {
    return String(Math.round(value * 1000) / 1000)
}

function age(ms: number | null): string {
    return ms === null ? '-' : `${(Math.max(0, ms) / 1000).toFixed(1)}s`
}

function rate(count: number, seconds: number): string {
    return short(Math.round(count / seconds * 10) / 10)
}

/** The mean of the values since the sample before; `-` without values. */
function mean(now: Distribution, before: Distribution): string {
    const count = now.count - before.count
    return count === 0 ? '-' : String(Math.round((now.sum - before.sum) / count))
}

function total(counts: Readonly<Record<string, number>>): number {
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function growth(now: number, before: number): string {
    return String(now - before)
}

const COLUMNS: readonly Column[] = [
    { heading: 'time', width: 24, cell: ({ at }) => instant(at) },
    { heading: 'role', width: 9, cell: ({ inspection }) => inspection.role },
    { heading: 'government', width: 10, cell: ({ inspection }) => inspection.government },
    { heading: 'since', width: 8, cell: ({ at, state: { governedAt } }) =>
        age(governedAt === null ? null : at - governedAt) },
    { heading: 'contact', width: 7, cell: ({ at, contact: { leaderSeenMs }, state: { when } }) =>
        age(leaderSeenMs === null ? null : leaderSeenMs + at - (when ?? at)) },
    { heading: 'lag', width: 7, cell: ({ inspection: { lag } }) =>
        String(Math.max(0, ...Object.values(lag))) },
    { heading: 'entries/s', width: 9, cell: ({ state, before }, seconds) =>
        rate(state.entries - before.entries, seconds) },
    { heading: 'latency', width: 8, cell: ({ state, before }) => {
        const ms = mean(state.latency, before.latency)
        return ms === '-' ? ms : `${ms}ms`
    } },
    { heading: 'batch', width: 5, cell: ({ state, before }) =>
        mean(state.batches, before.batches) },
    { heading: 'backlog', width: 7, cell: ({ health: { waiting, pending } }) =>
        String(waiting + pending) },
    { heading: 'collapses', width: 9, cell: ({ state, before }) =>
        growth(state.collapses, before.collapses) },
    { heading: 'resent', width: 6, cell: ({ state, before }) =>
        growth(state.resubmissions, before.resubmissions) },
    { heading: 'failures', width: 8, cell: ({ state, before }) =>
        growth(total(state.failures), total(before.failures)) }
]

function row(cell: (column: Column) => string): string {
    return COLUMNS.map((column) => cell(column).padEnd(column.width)).join('  ').trimEnd()
}

function isInRange({ number }: MetricSample, { from, to }: JournalOptions): boolean {
    return number >= (from ?? number) && number <= (to ?? number)
}

/** One line for each sample. */
async function* tableLines(
    replayer: Replayer, options: JournalOptions
): AsyncGenerator<string, void, undefined> {
    const { stepMs = 1000 } = options
    yield row(({ heading }) => heading)
    for await (const sample of series(replayer, { stepMs })) {
        if (isInRange(sample, options)) {
            yield row(({ cell }) => cell(sample, stepMs / 1000))
        }
    }
}

/** One line for each value of each metric: time, record, metric, unit, attributes, value. */
async function* csvLines(
    replayer: Replayer, options: JournalOptions
): AsyncGenerator<string, void, undefined> {
    yield 'time,record,metric,unit,attributes,value'
    for await (const sample of series(replayer, { stepMs: options.stepMs ?? 1000 })) {
        if (isInRange(sample, options)) {
            for (const { name, unit, attributes, value } of readAll(sample)) {
                const named = Object.entries(attributes).map((pair) => pair.join('='))
                yield [instant(sample.at), String(sample.number), name, unit, named.join(' '),
                    short(value)].map(field).join(',')
            }
        }
    }
}

/** Prints the metrics of a recorded member, one sample for each step with inputs. */
export async function printMetrics(options: JournalOptions): Promise<void> {
    const replayer = await openRecording(options.folder)
    await writeLines(options.isCsv ? csvLines(replayer, options) : tableLines(replayer, options))
    rejectDamage(replayer)
}
