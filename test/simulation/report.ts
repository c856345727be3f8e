import { type Failure, reproduction } from './outcome.js'
import type { Tally } from './tally.js'

const COLUMNS = 100
const INDENT = 18

/** What a run of many seeds came to. */
export interface Result {
    readonly tally: Tally
    readonly failures: readonly Failure[]
    readonly tookMs: number
    /** In so many processes. */
    readonly jobs: number
}

/** How long something took, in timeouts. */
interface Spread {
    readonly half: number
    readonly ninetyOfHundred: number
    readonly ninetyNineOfHundred: number
    readonly slowest: number
    /** Of the slowest one. */
    readonly seed: number
}

/** What so many in a hundred stay below. */
function percentile(sorted: readonly number[], part: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

function spread(values: readonly number[], slowest: Tally['slowestRecovery']): Spread {
    const sorted = [...values].sort((one, other) => one - other)
    const [half = 0, ninety = 0, ninetyNine = 0] =
        [0.5, 0.9, 0.99].map((part) => percentile(sorted, part))
    return {
        half,
        ninetyOfHundred: ninety,
        ninetyNineOfHundred: ninetyNine,
        slowest: slowest.timeouts,
        seed: slowest.seed
    }
}

function inOrder(counts: ReadonlyMap<string, number>): Record<string, number> {
    return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** How a run went, for programs; times in `timeout`s where their name says nothing else. */
export function digest({ tally, failures, tookMs, jobs }: Result) {
    const sum = [...tally.faults.values()].reduce((before, count) => before + count, 0)
    return {
        seeds: tally.trials,
        failed: failures.map((failure) => ({ ...failure, reproduction: reproduction(failure) })),
        unavailable: tally.unavailable,
        tookMs: Math.round(tookMs),
        jobs,
        virtualMs: Math.round(tally.virtualMs),
        virtualToReal: tally.virtualMs / tookMs,
        events: tally.events,
        entries: tally.entries,
        publishes: tally.publishes,
        governments: tally.governments,
        elections: tally.elections,
        recovery: spread(tally.recoveries, tally.slowestRecovery),
        convergence: spread(tally.convergences, tally.slowestConvergence),
        faults: sum,
        faultsByKind: inOrder(tally.faults),
        messagesStruck: inOrder(tally.strikes),
        sometimes: inOrder(tally.sometimes),
        never: [...tally.missingFaults(), ...tally.missingBranches()],
        node: process.version
    }
}

function tellSpread({ half, ninetyOfHundred, ninetyNineOfHundred, slowest, seed }: Spread): string {
    const parts = [half, ninetyOfHundred, ninetyNineOfHundred].map((part) => part.toFixed(2))
    return `${parts.join(' / ')} timeouts (50, 90, 99 %), slowest ${slowest.toFixed(2)} ` +
        `in seed ${seed}`
}

/** Items side by side, as many as there is room for, in columns of one width. */
function table(items: readonly string[]): string[] {
    const width = 2 + Math.max(...items.map(({ length }) => length))
    const count = Math.max(1, Math.floor((COLUMNS - INDENT + 2) / width))
    const rows: string[] = []
    for (let index = 0; index < items.length; index += count) {
        const row = items.slice(index, index + count).map((item) => item.padEnd(width))
        rows.push(row.join('').trimEnd())
    }
    return rows
}

function counts(record: Readonly<Record<string, number>>): string[] {
    const names = Object.keys(record)
    const width = Math.max(...names.map(({ length }) => length))
    return table(names.map((name) =>
        `${name.padEnd(width)} ${String(record[name]).padStart(7)}`))
}

/** As many in each line as there is room for; in one that is empty what it means. */
function lines(items: readonly string[], nothing: string): string[] {
    const rows: string[] = []
    for (const item of items) {
        const row = rows.at(-1)
        if (row === undefined || INDENT + row.length + 2 + item.length > COLUMNS) {
            rows.push(item)
        } else {
            rows[rows.length - 1] = `${row}, ${item}`
        }
    }
    return rows.length === 0 ? [nothing] : rows
}

/** How a run went, for people. */
export function summary(result: Result): string {
    const sum = digest(result)
    const { seeds, failed, unavailable, jobs, events, entries, publishes } = sum
    const seconds = (sum.virtualMs / 1000).toFixed(0)
    const processes = jobs === 1 ? 'one process' : `${jobs} processes`
    const rows: readonly (readonly [string, readonly string[]])[] = [
        ['seeds', [`${seeds}, ${failed.length} failed, ${unavailable} rightly unavailable`]],
        ['virtual time', [`${seconds} s in ${(sum.tookMs / 1000).toFixed(0)} s, ` +
            `${sum.virtualToReal.toFixed(0)} to 1, in ${processes}`]],
        ['events', [`${events}, ${(events / Math.max(1, sum.tookMs)).toFixed(0)} a ms`]],
        ['entries', [`${entries} of ${publishes} publishes of the workload, and of loads`]],
        ['governments', [`${sum.governments}, ${sum.elections} of them by election`]],
        ['recovery', [tellSpread(sum.recovery)]],
        ['convergence', [tellSpread(sum.convergence)]],
        ['faults', [String(sum.faults), ...counts(sum.faultsByKind)]],
        ['messages struck', counts(sum.messagesStruck)],
        ['sometimes', counts(sum.sometimes)],
        ['never', seeds === 1 ? [] : lines(sum.never, 'nothing')],
        ['failed seeds', lines(failed.map(({ seed }) => String(seed)), 'none')]
    ]
    return rows.filter(([, lines]) => lines.length !== 0).flatMap(([name, lines]) =>
        lines.map((line, index) => `${(index === 0 ? name : '').padEnd(INDENT)}${line}`)
    ).join('\n')
}
